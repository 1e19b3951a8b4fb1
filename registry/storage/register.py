"""The projection of the Article 30 registers: entries, and each of their versions with the time it held."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from registry.clock import timestamp
from registry.exchange.context import Entry, Record
from registry.processing.lines import Line
from registry.storage.engines import Engine, Transaction

_PARIS = ZoneInfo("Europe/Paris")
_FIRST, _LAST = date(1900, 1, 1), date(9000, 1, 1)
"""No register is older or newer; beyond, instants would leave what a calendar can hold."""


@dataclass(frozen=True)
class StoredEntry:
    """An entry with what its next event needs: history revision, owner of its log, position, linked exchange, the
    register it belongs to, and the day it was erased on (all of it), if it was."""

    entry: Entry
    revision: int
    log_owner: str
    position: int
    exchange: str | None
    confirmed_on: str | None
    since: str
    kind: str = "controller"
    erased_on: str | None = None


_ENTRY = """SELECT e.id, e.party, e.reference, e.version, v.record, e.revision, e.log_owner, e.position, e.exchange,
e.confirmed_on, v.since, e.kind, e.erased_on
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


async def entries_of(tx: Transaction, ids: Sequence[str], *, kept: bool = True) -> list[StoredEntry]:
    """Entries by id, current versions; `kept`: on PostgreSQL they cannot change before the transaction ends."""
    if not ids:
        return []
    lock = " FOR SHARE OF e" if kept and tx.dialect == "postgres" else ""
    marks = ", ".join("?" for _ in ids)
    return [_entry(row) for row in await tx.rows(f"{_ENTRY} WHERE e.id IN ({marks}) ORDER BY e.position{lock}", *ids)]


async def find_reference(
    tx: Transaction, reference: str, parties: Sequence[str], *, for_update: bool = False
) -> StoredEntry | None:
    """The entry that bears a reference in the registers of these parties, the first of them first."""
    lock = " FOR UPDATE OF e" if for_update and tx.dialect == "postgres" else ""
    for party in parties:
        row = await tx.row(f"{_ENTRY} WHERE e.party = ? AND e.reference = ?{lock}", party, reference)
        if row is not None:
            return _entry(row)
    return None


async def insert_entry(tx: Transaction, stored: StoredEntry) -> None:
    """A new entry at version 1."""
    entry = stored.entry
    await tx.execute(
        """INSERT INTO register_entry
        (id, party, reference, position, log_owner, exchange, revision, version, confirmed_on, kind)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        entry.id, entry.party, entry.reference, stored.position, stored.log_owner, stored.exchange, stored.revision,
        entry.version, stored.confirmed_on, stored.kind,
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


_SERVES = "SELECT 1 FROM register_link l WHERE l.entry = e.id"
_AS_OF = f"""SELECT e.position, e.id, e.party, e.kind, e.reference, v.version, v.since, e.exchange, e.confirmed_on,
CASE WHEN EXISTS ({_SERVES}) AND NOT EXISTS ({_SERVES} AND l.since <= ? AND (l.until IS NULL OR l.until > ?))
THEN 1 ELSE 0 END, v.record, x.field, x.state
FROM register_version v JOIN register_entry e ON e.id = v.entry
LEFT JOIN exchange_listing x ON x.exchange = e.exchange AND x.party = e.party
WHERE v.party = ? AND e.kind = ? AND v.position > ? AND v.since < ? AND (v.until IS NULL OR v.until >= ?)
ORDER BY v.position"""
"""An entry is archived on a day when it has served exchanges and serves none any more."""


def _line(row: Any, day: date) -> Line:
    position, entry, party, kind, reference, version, since, exchange, confirmed_on, archived, record, *linked = row
    confirmed = confirmed_on is not None and confirmed_on <= day.isoformat()
    return Line(
        position, entry, party, kind, reference, version, since, exchange, confirmed, bool(archived),
        msgspec.json.decode(record), *linked,
    )  # fmt: skip


def _arguments(party: str, kind: str, day: date, after: int) -> tuple[object, ...]:
    end, on = end_of(day), day.isoformat()
    return on, on, party, kind, after, end, end


def end_of(day: date) -> str:
    """The instant at which a Paris day ends, as events write time: what a register « as of » that day had seen."""
    known = min(max(day, _FIRST), _LAST)
    return timestamp(datetime.combine(date.fromordinal(known.toordinal() + 1), time(), _PARIS))


async def register_page(tx: Transaction, party: str, kind: str, day: date, after: int, limit: int) -> list[Line]:
    """At most `limit` lines of a party's register as of the end of a Paris day, in order of entry."""
    rows = await tx.rows(f"{_AS_OF} LIMIT ?", *_arguments(party, kind, day, after), limit)
    return [_line(row, day) for row in rows]


async def register_size(tx: Transaction, parties: Sequence[str], kind: str) -> int:
    """How many entries these parties' registers hold, whatever the day."""
    marks = ", ".join("?" for _ in parties)
    sql = f"SELECT count(*) FROM register_entry WHERE kind = ? AND party IN ({marks})"
    return int(await tx.value(sql, kind, *parties) or 0)


async def register_batches(
    engine: Engine, parties: Sequence[str], kind: str, day: date
) -> AsyncGenerator[list[Line], None]:
    """The whole register of a party (its predecessors' entries included), streamed in constant memory."""
    for party in parties:
        async for rows in engine.stream(_AS_OF, *_arguments(party, kind, day, 0)):
            yield [_line(row, day) for row in rows]


async def versions(tx: Transaction, entry_id: str) -> list[tuple[int, str, str | None, dict[str, Any]]]:
    """Every version of an entry: number, since, until, record; oldest first."""
    rows = await tx.rows(
        "SELECT version, since, until, record FROM register_version WHERE entry = ? ORDER BY version", entry_id
    )
    return [(row[0], row[1], row[2], msgspec.json.decode(row[3])) for row in rows]
