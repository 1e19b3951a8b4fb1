"""The six steps of article 7 as an exchange's page draws them: what is done, where it stands, what is still ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from registry.exchange.file import File

_ENDED = frozenset({
    "outside_procedure", "inadmissible", "refused", "closed", "lapsed", "dropped", "withdrawn",
})  # fmt: skip
"""Nothing more of the path is to come."""

STEPS = ("Demande", "Étude", "Avis", "Décision", "Registres", "En vigueur")


@dataclass(frozen=True)
class Step:
    """`status` is `done`, `current`, `ahead` or, once the exchange has ended, `never`; `on` is the day it was done."""

    name: str
    status: str
    on: date | None


def steps(file: File) -> list[Step]:
    """The steps in order; exactly one is current while the path goes on."""
    days = (
        file.filed_on,
        max(part.concluded_on for part in file.study.values()) if file.study_complete else None,
        file.opinion.signed_on if file.opinion is not None and file.opinion_complete else None,
        file.decision.decided_on if file.decision is not None and _decided(file) else None,
        _confirmed_on(file),
        file.activated_on,
    )
    first = next((place for place, day in enumerate(days) if day is None), len(days))
    return [
        Step(name, _status(file, place, first, day), day)
        for place, (name, day) in enumerate(zip(STEPS, days, strict=True))
    ]


def _status(file: File, place: int, first: int, day: date | None) -> str:
    if day is not None:
        return "done"
    if file.state in _ENDED:
        return "never"
    return "current" if place == first else "ahead"


def _decided(file: File) -> bool:
    """Whether the decision is final, for the version in force."""
    made = file.decision
    return made is not None and made.version == file.version and made.value != "awaiting_conditions"


def _confirmed_on(file: File) -> date | None:
    """The day on which the last controller confirmed its record, once every one has."""
    found: Sequence[tuple[str, date]] = [(c.party, c.confirmed_on) for c in file.register_confirmations]
    confirmed = {party for party, _ in found}
    return max(day for _, day in found) if found and confirmed >= set(file.controllers) else None
