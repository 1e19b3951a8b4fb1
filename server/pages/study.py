"""The three parts of the study as an exchange's page shows them: what was concluded, and the findings of each."""

from dataclasses import dataclass
from typing import Any

from registry.conformity import check_of
from registry.exchange.file import STUDY_PARTS, File, StudyPart

_OPPORTUNITY = frozenset({"convention", "qualification", "purpose_limitation", "alternatives", "crpa"})
_FEASIBILITY = frozenset({"security", "transfers"})
"""Families of checks that speak to those who study one part; the others speak to those who study compliance."""


@dataclass(frozen=True)
class Part:
    """A part; `current` says whether it was concluded on the version in force."""

    id: str
    done: StudyPart | None
    current: bool
    findings: list[dict[str, Any]]


def parts(file: File, findings: list[dict[str, Any]]) -> list[Part]:
    """The parts in order, each with the findings of the request that block or warn."""
    grave = [one for one in findings if one["severity"] != "information" and one["phase"] == "request"]
    return [
        Part(
            part,
            done := file.study.get(part),
            done is not None and done.version == file.version,
            [one for one in grave if part_of(one["id"]) == part],
        )
        for part in STUDY_PARTS
    ]


def part_of(check: str) -> str:
    """The part of the study that a check speaks to."""
    family = check_of(check).family
    return "opportunity" if family in _OPPORTUNITY else "feasibility" if family in _FEASIBILITY else "compliance"
