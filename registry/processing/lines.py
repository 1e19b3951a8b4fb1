"""A line of a register, as it is read by an audience: everything, or what may be given to whoever asks (CRPA)."""

import copy
from dataclasses import dataclass
from typing import Any

from registry.processing.completeness import missing

Document = dict[str, Any]

AUDIENCES = ("full", "public")
PROTECTED: dict[str, tuple[str, ...]] = {
    "controller": ("security_measures", "transfers.documentation", "supplement.processors.contract"),
    "processor": ("security_measures", "transfers.documentation"),
}
"""Keys left out of a register's public version: the security of information systems and the secrets of contracts
(CRPA art. L. 311-5 and L. 311-6)."""


@dataclass(frozen=True)
class Line:
    """One line of a register as of a day. `field` and `state` are its exchange's, today; None without exchange."""

    position: int
    entry: str
    party: str
    kind: str
    reference: str
    version: int
    since: str
    exchange: str | None
    confirmed: bool
    archived: bool
    record: Document
    field: str | None = None
    state: str | None = None

    @property
    def status(self) -> str:
        """`draft` until a first confirmation, then `confirmed`; `archived` once every exchange it serves has ended."""
        if self.archived:
            return "archived"
        return "confirmed" if self.confirmed else "draft"


def line_document(line: Line, audience: str) -> Document:
    """One line of a register, for `full` or `public`; the public one says what it leaves out."""
    public = audience == "public"
    document: Document = {
        "entry": line.entry,
        "party": line.party,
        "kind": line.kind,
        "reference": line.reference,
        "version": line.version,
        "since": line.since,
        "status": line.status,
        "missing": missing(line.record, line.kind),
        "record": redacted(line.record, line.kind) if public else line.record,
    }
    if public:
        return document | {"redacted": list(PROTECTED[line.kind])}
    return document | {"exchange": line.exchange}


def redacted(record: Document, kind: str) -> Document:
    """The record without its protected keys, whether they are filled or not: what is absent says nothing either."""
    public = copy.deepcopy(record)
    for key in PROTECTED[kind]:
        _remove(public, key.split("."))
    return public


def _remove(value: Any, steps: list[str]) -> None:
    if isinstance(value, list):
        for item in value:
            _remove(item, steps)
    elif isinstance(value, dict):
        if len(steps) == 1:
            value.pop(steps[0], None)
        else:
            _remove(value.get(steps[0]), steps[1:])
