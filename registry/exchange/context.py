"""What `decide` needs beside the file and the command: the actor, the day, the convention, the others' roles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from registry.conformity import People
from registry.convention import Convention
from registry.exchange.file import File

Record = Mapping[str, Any]
"""A register record (keys of the vocabulary's `register_record`)."""


@dataclass(frozen=True)
class Actor:
    """Who acts: an account id, the one party it acts for, and the roles it holds for that party on that day."""

    id: str
    party: str
    roles: frozenset[str]


@dataclass(frozen=True)
class Entry:
    """A register entry as the gate needs it: whose, at which version, with which record."""

    id: str
    party: str
    reference: str
    version: int
    record: Record


@dataclass(frozen=True)
class Context:
    """Everything read in the act's own transaction. `today` is the server's Paris day, never a client's date; `source`
    is the request that the exchange copies, or is to replace; `digests` are those of the body already in the log of
    flows; `now` is the server's instant, where an act may name an hour."""

    actor: Actor
    today: date
    convention: Convention
    people: People
    new_id: Callable[[], str]
    entries: Mapping[str, Entry] = field(default_factory=dict)
    person: str | None = None
    source: File | None = None
    digests: frozenset[str] = frozenset()
    now: datetime | None = None
