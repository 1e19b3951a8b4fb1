"""What can be known of the dependencies without asking anybody: `make check` runs it.

1. Every locked package has one exact version and SHA-256 digests, and no address: what is installed is what was locked.
2. A package that several groups lock has one version in all of them.
3. What is installed is what is locked, and nothing else is installed.
4. What `pyproject.toml` asks for is locked at a version that it admits.
5. What an installation runs bears a licence that the EUPL 1.2 can live with.

Known vulnerabilities are announced elsewhere and every day: `make audit` asks for them, and needs the network.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
GROUPS = ("build", "runtime", "test", "check")
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
_TOOLS = frozenset({"ecluse", "pip", "setuptools", "uv", "wheel"})
"""The project itself, and what installs it."""
_LICENCES = re.compile(
    r"mit|bsd|apache|\bisc\b|python software foundation|\bpsf|mozilla public license 2|mpl-2|unlicense|zlib|cc0|zpl",
    re.IGNORECASE,
)

Locked = dict[str, Requirement]


def locked(path: Path) -> tuple[Locked, list[str]]:
    """The packages that a lock file names, by their normal name, and what is wrong with its lines."""
    found: Locked = {}
    wrong: list[str] = []
    for entry in path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        text, hashes = _HASH.sub("", entry).strip(), _HASH.findall(entry)
        if not text:
            continue
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            wrong.append(f"{path.name} : ligne inconnue, « {text[:60]} ».")
            continue
        if requirement.url or not re.fullmatch(r"==[^*,]+", str(requirement.specifier)):
            wrong.append(f"{path.name} : {requirement.name} n'a pas une version exacte.")
        if not hashes:
            wrong.append(f"{path.name} : {requirement.name} n'a pas d'empreinte.")
        found[canonicalize_name(requirement.name)] = requirement
    return found, wrong


def _version(requirement: Requirement) -> str:
    return str(requirement.specifier).removeprefix("==")


def _disagreeing(groups: dict[str, Locked]) -> Iterator[str]:
    for name in sorted({name for group in groups.values() for name in group}):
        versions = {group: _version(found[name]) for group, found in groups.items() if name in found}
        if len(set(versions.values())) > 1:
            yield f"{name} : versions différentes selon les groupes, {versions}."


def _needed(groups: dict[str, Locked]) -> Locked:
    """The packages that this interpreter needs, of every group."""
    every = {name: requirement for found in groups.values() for name, requirement in found.items()}
    return {name: one for name, one in every.items() if one.marker is None or one.marker.evaluate()}


def _installed(needed: Locked) -> Iterator[str]:
    present = {canonicalize_name(found.metadata["Name"]): found.version for found in metadata.distributions()}
    for name, requirement in needed.items():
        if present.get(name) != _version(requirement):
            yield f"{name} : {present.get(name, 'rien')} est installé, {_version(requirement)} est fixé."
    for name in sorted(set(present) - set(needed) - _TOOLS):
        yield f"{name} est installé sans être fixé par aucun groupe."


def _asked(project: Path, groups: dict[str, Locked]) -> Iterator[str]:
    document = tomllib.loads(project.read_text(encoding="utf-8"))
    asked = {"runtime": document["project"]["dependencies"], **document["dependency-groups"]}
    for group, texts in asked.items():
        for requirement in map(Requirement, texts):
            found = groups[group].get(canonicalize_name(requirement.name))
            if found is None or not requirement.specifier.contains(_version(found), prereleases=True):
                yield f"{requirement.name} : pyproject.toml demande « {requirement} », {group}.txt fixe autre chose."


def licence_of(found: metadata.Distribution) -> str:
    """What a package says of its licence, by the most precise of its fields."""
    said = found.metadata
    classified = [line for line in said.get_all("Classifier") or [] if line.startswith("License ::")]
    return said.get("License-Expression") or "; ".join(classified) or (said.get("License") or "").split("\n")[0]


def _licences(runtime: Locked) -> Iterator[str]:
    for name, requirement in runtime.items():
        if requirement.marker is None or requirement.marker.evaluate():
            try:
                said = licence_of(metadata.distribution(name))
            except metadata.PackageNotFoundError:
                continue  # said by `_installed`
            if not _LICENCES.search(said):
                yield f"{name} : licence à examiner, « {said} »."


def audit(folder: Path = HERE) -> list[str]:
    """Everything that is wrong, in sentences; empty when all is well."""
    groups: dict[str, Locked] = {}
    wrong: list[str] = []
    for group in GROUPS:
        groups[group], found = locked(folder / f"{group}.txt")
        wrong += found
    project = folder.parent / "pyproject.toml"
    known = [*wrong, *_disagreeing(groups), *_asked(project, groups)]
    return [*known, *_installed(_needed(groups)), *_licences(groups["runtime"])]


if __name__ == "__main__":
    problems = audit()
    sys.stdout.write("\n".join(problems) or "Dépendances : fixées, avec leurs empreintes, installées telles quelles.")
    sys.stdout.write("\n")
    sys.exit(bool(problems))
