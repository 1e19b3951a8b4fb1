"""The audit of dependencies finds what it says it finds."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


def _audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / "requirements" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the lock files, beside a copy of `pyproject.toml`."""
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path / "requirements"


def _added(folder: Path, group: str, text: str) -> list[str]:
    """What the audit says once a lock file holds more, that it did not say before."""
    audit = _audit().audit
    before = set(audit(folder))
    path = folder / f"{group}.txt"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    return [problem for problem in audit(folder) if problem not in before]


@pytest.mark.parametrize(("text", "said"), [
    ("nouveau==1.0\n", "n'a pas d'empreinte"),
    (f"nouveau>=1.0 --hash=sha256:{'0' * 64}\n", "n'a pas une version exacte"),
    (f"nouveau @ https://mechant.example/n.whl --hash=sha256:{'0' * 64}\n", "n'a pas une version exacte"),
    ("--index-url https://mechant.example/simple\n", "ligne inconnue"),
    (f"nouveau==1.0 --hash=sha256:{'0' * 64}\n", "rien est installé, 1.0 est fixé"),
    (f"httpx==0.1 --hash=sha256:{'0' * 64}\n", "versions différentes selon les groupes"),
])  # fmt: skip
def test_a_lock_that_leaves_room_is_refused(folder: Path, text: str, said: str) -> None:
    assert any(said in problem for problem in _added(folder, "runtime", text))


def test_what_the_project_asks_for_is_locked(folder: Path) -> None:
    project = folder.parent / "pyproject.toml"
    project.write_text(project.read_text(encoding="utf-8").replace('"click>=8.1"', '"click>=99"'), encoding="utf-8")
    assert any("« click>=99 »" in problem for problem in _audit().audit(folder))


def test_an_unknown_licence_is_to_be_examined() -> None:
    module = _audit()
    for said in ("MIT", "BSD-3-Clause", "Apache Software License", "MPL-2.0", "Python Software Foundation License"):
        assert module._LICENCES.search(said), said
    for said in ("", "Proprietary", "GPL-3.0-only", "License :: Free for non-commercial use"):
        assert not module._LICENCES.search(said), said


def test_the_locks_of_this_version_are_exact() -> None:
    module = _audit()
    for group in module.GROUPS:
        found, wrong = module.locked(ROOT / "requirements" / f"{group}.txt")
        assert found
        assert wrong == []
