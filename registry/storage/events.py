"""The event store: one append-only table whose rows are the signed audit records.

An event is stored as its *facts* (kept for ever, enough to fold) and its *opening* (what people typed), sealed under
the object's key and committed to inside the facts. The record commits to the facts and is signed in the same
transaction as the projection it changes.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import msgspec

from registry.clock import timestamp
from registry.exchange.events import Event
from registry.ledger.canonical import canonical
from registry.ledger.commitments import commit_facts, commit_opening
from registry.ledger.keys import Signer
from registry.ledger.merkle import leaf_hash
from registry.ledger.openings import join
from registry.ledger.records import Record, sign_record
from registry.storage.engines import Transaction
from registry.storage.logs import Log
from registry.storage.vault import seal, unseal
from schemas import split

SALT_BYTES = 32
SYSTEM = "ecluse"
"""The actor of events that no person makes (opening of a log)."""

_INSERT = """INSERT INTO event (log, object, revision, type, at, actor, facts, salt, record, leaf_hash)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq"""


@dataclass(frozen=True)
class Place:
    """Where an event goes: log, object, revision, coarse type, and the schema of its body ("" when it has no body)."""

    log: Log
    object: str
    revision: int
    type: str
    schema: str


@dataclass(frozen=True)
class Stored:
    """An event read back, with its place in history."""

    seq: int
    revision: int
    at: str
    event: Event
    erased: bool
    leaf_index: int | None
    record: bytes
    log: str


@dataclass(frozen=True)
class Appended:
    """What an append made: the insertion id, the event with its commit, and the signed record."""

    seq: int
    event: Event
    record: bytes


async def append(
    tx: Transaction, place: Place, event: Event, now: datetime, *, actor: str, key: bytes, signers: Sequence[Signer],
    hiding: bytes | None = None,
) -> Appended:  # fmt: skip
    """Sign and insert one event.

    `actor` is the pseudonym in the log, `key` the object's key; `signers` are the recorder and whoever signs beside it;
    `hiding` is the salt of the opening when somebody signed its commitment already, a fresh one otherwise.
    Raises `UniqueViolation` when the revision is taken.
    """
    facts, opening = facts_of(place.schema, event, hiding or os.urandom(SALT_BYTES))
    facts_bytes, salt = canonical(facts), os.urandom(SALT_BYTES)
    commit = commit_facts(salt, facts_bytes)
    at = timestamp(now)
    record = sign_record(
        Record(
            log=place.log.origin, object=place.object, revision=place.revision, at=at, type=place.type, actor=actor,
            commit=commit,
        ),
        signers,
    )  # fmt: skip
    seq = await tx.value(
        _INSERT,
        place.log.id, place.object, place.revision, place.type, at, actor, facts_bytes, salt, record, leaf_hash(record),
    )  # fmt: skip
    if opening is not None:
        await tx.execute(
            "INSERT INTO opening (object, revision, sealed) VALUES (?, ?, ?)",
            place.object, place.revision, seal(key, opening, f"{place.object}/{place.revision}"),
        )  # fmt: skip
    return Appended(int(seq or 0), msgspec.structs.replace(event, commit=commit), record)


def facts_of(schema: str, event: Event, hiding: bytes) -> tuple[dict[str, Any], bytes | None]:
    """The facts of an event and the bytes of its opening: the salt `hiding`, then the texts as canonical JSON."""
    kept, texts = split(schema, event.input) if schema else (event.input, [])
    facts: dict[str, Any] = {
        "act": event.act,
        "by": event.by,
        "party": event.party,
        "on": event.on.isoformat(),
        "schema": schema,
        "input": kept,
        "derived": event.derived,
        "opening_commit": None,
    }
    if not texts:
        return facts, None
    opening = canonical(texts)
    facts["opening_commit"] = commit_opening(hiding, opening)
    return facts, hiding + opening


def restore(facts: bytes, commit: str, opening: bytes | None) -> Event:
    """The event as it happened, or with its texts reading « effacé » when its opening is gone."""
    kept = msgspec.json.decode(facts)
    texts: list[str] | None = []
    if kept["opening_commit"] is not None:
        texts = msgspec.json.decode(opening[SALT_BYTES:]) if opening is not None else None
    return Event(
        act=kept["act"],
        by=kept["by"],
        party=kept["party"],
        on=date.fromisoformat(kept["on"]),
        input=join(kept["input"], texts),
        derived=kept["derived"],
        commit=commit,
    )


_HISTORY = """SELECT e.seq, e.object, e.revision, e.at, e.facts, e.record,
(SELECT o.sealed FROM opening o WHERE o.object = e.object AND o.revision = e.revision),
(SELECT k.wrapped FROM object_key k WHERE k.object = e.object), e.leaf_index, e.log FROM event e"""
"""Not joins: where SQLite's statistics are of the first day, it would read every opening once for each event."""

Unwrap = Callable[[str, bytes], bytes]


def _stored(row: Any, unwrap: Unwrap) -> tuple[str, Stored]:
    seq, object_id, revision, at, facts, record, sealed, wrapped, leaf_index, log = row
    opening = _opening(object_id, revision, sealed, wrapped, unwrap)
    event = restore(facts, commit_of(record), opening)
    erased = opening is None and b'"opening_commit":null' not in facts
    return object_id, Stored(seq, revision, at, event, erased, leaf_index, bytes(record), log)


def commit_of(record: bytes) -> str:
    """The commitment written in a signed record (its first line is canonical JSON)."""
    return str(msgspec.json.decode(record.split(b"\n", 1)[0])["commit"])


async def history(
    tx: Transaction, object_id: str, unwrap: Unwrap, *, after: int = 0, limit: int | None = None
) -> list[Stored]:
    """An object's events after a revision, in order."""
    sql = f"{_HISTORY} WHERE e.object = ? AND e.revision > ? ORDER BY e.revision"
    if limit is not None:
        rows = await tx.rows(f"{sql} LIMIT ?", object_id, after, limit)
    else:
        rows = await tx.rows(sql, object_id, after)
    unwrapped = cache(unwrap)  # one key for them all
    return [_stored(row, unwrapped)[1] for row in rows]


def no_key(_object: str, _wrapped: bytes) -> bytes:
    """The key of an object whose events have no opening: there is none to ask for."""
    raise LookupError("this object's events have no opening")


async def kind_of(tx: Transaction, object_id: str) -> tuple[str, str] | None:
    """The coarse type of an object's records, and the owner of the log of the first; None when there is none."""
    found = await tx.row(
        """SELECT e.type, l.owner FROM event e JOIN log l ON l.id = e.log
        WHERE e.object = ? ORDER BY e.revision LIMIT 1""",
        object_id,
    )
    return (str(found[0]), str(found[1])) if found is not None else None


@dataclass(frozen=True)
class Recorded:
    """An event as its proof needs it: the signed record, what it commits to, its place in its log (None: it waits).

    `opening` is 32 bytes of salt, then the texts as canonical JSON; None when there is none or it was erased.
    """

    log: str
    revision: int
    leaf_index: int | None
    record: bytes
    salt: bytes
    facts: bytes
    opening: bytes | None


async def recorded(tx: Transaction, object_id: str, unwrap: Unwrap, revision: int | None = None) -> list[Recorded]:
    """An object's events with what proves them, in order; or the one of a revision."""
    chosen, values = ("AND e.revision = ?", (object_id, revision)) if revision else ("", (object_id,))
    rows: Sequence[Any] = await tx.rows(
        f"""SELECT e.log, e.revision, e.leaf_index, e.record, e.salt, e.facts, o.sealed, k.wrapped
        FROM event e LEFT JOIN opening o ON o.object = e.object AND o.revision = e.revision
        LEFT JOIN object_key k ON k.object = e.object WHERE e.object = ? {chosen} ORDER BY e.revision""",
        *values,
    )
    return [
        Recorded(
            log, number, index, bytes(record), bytes(salt), bytes(facts),
            _opening(object_id, number, sealed, wrapped, unwrap),
        )
        for log, number, index, record, salt, facts, sealed, wrapped in rows
    ]  # fmt: skip


def _opening(
    object_id: str, revision: int, sealed: bytes | None, wrapped: bytes | None, unwrap: Unwrap
) -> bytes | None:
    if sealed is None or wrapped is None:
        return None
    return unseal(unwrap(object_id, wrapped), sealed, f"{object_id}/{revision}")
