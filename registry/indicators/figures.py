"""What each exchange contributes to the indicators: facts only, and fixed by its acts alone. Pure."""

from dataclasses import dataclass

from registry.convention import Convention
from registry.exchange.deadlines import clocks
from registry.exchange.file import APPROVALS, File
from schemas import vocabulary

STEPS = ("admissibility", "study", "dpo_opinion", "decision", "whole_file_target")
"""Clocks whose net days are told, in the order of the procedure."""
NO_OPINION = ""
NATURES = ("personal", "non_personal", "")
"""Whether the data are personal; the last one: not said."""
REGISTERS = ("both", "incomplete", "none")
"""Both parties confirmed their records; the exchange was approved and one is missing; it was not approved."""


@dataclass(frozen=True)
class Figures:
    """A filed exchange: the year of its filing, its field and parties, where it stands, the data's nature, the opinion
    given, whether both registers hold it, and the net calendar days of each step that ended, in the order of STEPS."""

    year: int
    field: str
    requester: str
    holder: str
    state: str
    nature: str
    opinion: str
    registers: str
    days: tuple[int | None, ...]


@dataclass(frozen=True)
class Followed:
    """A recommendation of a filed exchange: whether it still stands, and the day it is due on if it has one."""

    number: int
    year: int
    standing: bool
    due_on: str | None


def figures_of(file: File, convention: Convention) -> Figures | None:
    """The figures of an exchange, None before its filing."""
    if file.filed_on is None:
        return None
    return Figures(
        year=file.filed_on.year,
        field=file.request.get("convention_field") or "",
        requester=file.requester,
        holder=file.holder,
        state=file.state,
        nature=_nature(file),
        opinion=file.opinion.value if file.opinion is not None and file.opinion_complete else NO_OPINION,
        registers=_registers(file),
        days=_days(file, convention),
    )


def _nature(file: File) -> str:
    nature = file.request.get("data_nature")
    if not nature:
        return NATURES[2]
    return NATURES[0] if vocabulary()["enumerations"]["data_nature"][nature]["personal"] else NATURES[1]


def _registers(file: File) -> str:
    if file.decision is None or file.decision.value not in APPROVALS:
        return "none"
    return "both" if {c.party for c in file.register_confirmations} >= set(file.controllers) else "incomplete"


def _days(file: File, convention: Convention) -> tuple[int | None, ...]:
    """Net days of the steps that ended: they no longer depend on the day."""
    ended = {
        clock.name: clock.net_days
        for clock in clocks(file, convention, file.last_changed_on, standing=False)
        if clock.ended_on is not None
    }
    return tuple(ended.get(step) for step in STEPS)


def followed_of(file: File) -> list[Followed]:
    """The recommendations of a filed exchange."""
    if file.filed_on is None or file.erased_on is not None:
        return []
    return [
        Followed(one.number, file.filed_on.year, not one.lifted, one.due_on.isoformat() if one.due_on else None)
        for one in file.recommendations
    ]
