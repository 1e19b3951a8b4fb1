"""The projection of the Article 30 registers: entries, and each of their versions with the time it held."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from registry.clock import timestamp
from registry.exchange.context import Entry, Record
from registry.storage.engines import Engine, Transaction

_PARIS = ZoneInfo("Europe/Paris")
_FIRST, _LAST = date(1900, 1, 1), date(9000, 1, 1)
"""No register is older or newer; beyond, instants would leave what a calendar can hold."""


@dataclass(frozen=True)
class StoredEntry:
    """An entry with what its next event needs: history revision, owner of its log, position, linked exchange, and the
    day it was erased on (all of it), if it was."""

    entry: Entry
    revision: int
    log_owner: str
    position: int
    exchange: str | None
    confirmed_on: str | None
    since: str
    erased_on: str | None = None


_ENTRY = """SELECT e.id, e.party, e.reference, e.version, v.record, e.revision, e.log_owner, e.position, e.exchange,
e.confirmed_on, v.since, e.erased_on
FROM register_entry e JOIN register_version v ON v.entry = e.id AND v.version = e.version"""


def _entry(row: Any) -> StoredEntry:
    entry_id, party, reference, version, record, *others = row
    return StoredEntry(Entry(entry_id, party, reference, version, msgspec.json.decode(record)), *others)


async def load_entry(
    tx: Transaction, entry_id: str, parties: Sequence[str], *, for_update: bool = False
) -> StoredEntry | None:
    """The entry if it belongs to one of these parties, else None."""
    lock = " FOR UPDATE OF e" if for_update and tx.dialect == "postgres" else ""
    marks = ", ".join("?" for _ in parties)
    row = await tx.row(f"{_ENTRY} WHERE e.id = ? AND e.party IN ({marks}){lock}", entry_id, *parties)
    return _entry(row) if row else None


async def entries_of(tx: Transaction, ids: Sequence[str]) -> list[StoredEntry]:
    """Entries by id, current versions; on PostgreSQL they cannot change before the transaction ends."""
    if not ids:
        return []
    lock = " FOR SHARE OF e" if tx.dialect == "postgres" else ""
    marks = ", ".join("?" for _ in ids)
    return [_entry(row) for row in await tx.rows(f"{_ENTRY} WHERE e.id IN ({marks}) ORDER BY e.position{lock}", *ids)]


async def insert_entry(tx: Transaction, stored: StoredEntry) -> None:
    """A new entry at version 1."""
    entry = stored.entry
    await tx.execute(
        """INSERT INTO register_entry
        (id, party, reference, position, log_owner, exchange, revision, version, confirmed_on)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        entry.id, entry.party, entry.reference, stored.position, stored.log_owner, stored.exchange, stored.revision,
        entry.version, stored.confirmed_on,
    )  # fmt: skip
    await _insert_version(tx, stored)


async def update_entry(tx: Transaction, stored: StoredEntry) -> None:
    """A further version: the previous one ends when this one begins."""
    entry = stored.entry
    await tx.execute(
        "UPDATE register_version SET until = ? WHERE entry = ? AND version = ?",
        stored.since, entry.id, entry.version - 1,
    )  # fmt: skip
    await tx.execute(
        "UPDATE register_entry SET revision = ?, version = ? WHERE id = ?", stored.revision, entry.version, entry.id
    )
    await _insert_version(tx, stored)


async def _insert_version(tx: Transaction, stored: StoredEntry) -> None:
    entry = stored.entry
    await tx.execute(
        "INSERT INTO register_version (entry, version, party, position, since, record) VALUES (?, ?, ?, ?, ?, ?)",
        entry.id, entry.version, entry.party, stored.position, stored.since, encoded(entry.record),
    )  # fmt: skip


async def delete_entry(tx: Transaction, entry_id: str) -> None:
    """Delete the rows of an entry, to write them again without what was erased."""
    await tx.execute("DELETE FROM register_version WHERE entry = ?", entry_id)
    await tx.execute("DELETE FROM register_entry WHERE id = ?", entry_id)


def encoded(record: Record) -> bytes:
    """A record as stored: refolded rows equal live ones to the byte."""
    return msgspec.json.encode(record, order="deterministic")


async def confirm_entry(tx: Transaction, entry_id: str, day: date) -> None:
    """The entry is part of the register from that day on; of several confirmations the first one counts."""
    await tx.execute(
        "UPDATE register_entry SET confirmed_on = ? WHERE id = ? AND (confirmed_on IS NULL OR confirmed_on > ?)",
        day.isoformat(), entry_id, day.isoformat(),
    )  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of a register as of a day."""

    position: int
    entry: str
    party: str
    reference: str
    version: int
    since: str
    exchange: str | None
    confirmed: bool
    record: dict[str, Any]


_AS_OF = """SELECT e.position, e.id, e.party, e.reference, v.version, v.since, e.exchange, e.confirmed_on, v.record
FROM register_version v JOIN register_entry e ON e.id = v.entry
WHERE v.party = ? AND v.position > ? AND v.since < ? AND (v.until IS NULL OR v.until >= ?)"""


def _line(row: Any, day: date) -> Line:
    position, entry, party, reference, version, since, exchange, confirmed_on, record = row
    confirmed = confirmed_on is not None and confirmed_on <= day.isoformat()
    return Line(position, entry, party, reference, version, since, exchange, confirmed, msgspec.json.decode(record))


def end_of(day: date) -> str:
    """The instant at which a Paris day ends, as events write time: what a register « as of » that day had seen."""
    known = min(max(day, _FIRST), _LAST)
    return timestamp(datetime.combine(date.fromordinal(known.toordinal() + 1), time(), _PARIS))


async def register_page(tx: Transaction, party: str, day: date, after: int, limit: int) -> list[Line]:
    """At most `limit` lines of the party's register as of the end of a Paris day, in order of entry."""
    end = end_of(day)
    rows = await tx.rows(f"{_AS_OF} ORDER BY v.position LIMIT ?", party, after, end, end, limit)
    return [_line(row, day) for row in rows]


async def register_lines(engine: Engine, parties: Sequence[str], day: date) -> AsyncGenerator[Line, None]:
    """The whole register of a party (its predecessors' entries included), streamed in constant memory."""
    end = end_of(day)
    for party in parties:
        async for rows in engine.stream(f"{_AS_OF} ORDER BY v.position", party, 0, end, end):
            for row in rows:
                yield _line(row, day)


async def versions(tx: Transaction, entry_id: str) -> list[tuple[int, str, str | None, dict[str, Any]]]:
    """Every version of an entry: number, since, until, record; oldest first."""
    rows = await tx.rows(
        "SELECT version, since, until, record FROM register_version WHERE entry = ? ORDER BY version", entry_id
    )
    return [(row[0], row[1], row[2], msgspec.json.decode(row[3])) for row in rows]
