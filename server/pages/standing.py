"""What an exchange's page says of where things stand: progress of conditions, dissent, and the two records compared."""

from dataclasses import dataclass
from typing import Any

import msgspec

from registry.conformity.terms import departs
from registry.exchange.file import File, Recommendation
from registry.gate.reading import LinkedRecords
from registry.processing.normal import normal
from schemas import schema
from server.pages.words import Line, line

_SHARED = ("categories_of_personal_data", "categories_of_data_subjects", "transfers")
"""What the records of both parties say of their exchange; the rest is each party's own (`processing/agreement.py`)."""
_ENDED = frozenset({"done", "accepted_by_dpo", "withdrawn_by_dpo", "abandoned_with_reasons"})


@dataclass(frozen=True)
class Progress:
    """How many recommendations there are, how many are done with, how many conditions still stand in the way."""

    every: int
    lifted: int
    prior: int


def progress(recommendations: list[Recommendation]) -> Progress:
    """The progress of an exchange's recommendations and conditions."""
    ended = [one for one in recommendations if (one.lifted if one.prior else one.status in _ENDED)]
    waiting = [one for one in recommendations if one.prior and not one.lifted]
    return Progress(len(recommendations), len(ended), len(waiting))


def departed(file: File) -> bool:
    """Whether the decision is not what the opinion advised: it says why, and both parties keep seeing it."""
    if file.opinion is None or file.decision is None:
        return False
    return departs(msgspec.to_builtins(file.decision), msgspec.to_builtins(file.opinion))


def side_by_side(records: LinkedRecords, parties: list[str]) -> list[tuple[str, list[Line | None]]]:
    """For each answer that both records give, its title and what each party's record says (None: nothing)."""
    described = schema("register_record")["properties"]
    said: list[dict[str, Any]] = [
        normal(dict(records.entries[party].entry.record)) if party in records.entries else {} for party in parties
    ]
    return [
        (described[key]["title"], [line(key, described[key], one[key]) if key in one else None for one in said])
        for key in _SHARED
        if any(key in one for one in said)
    ]
