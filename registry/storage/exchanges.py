"""The projection of exchanges: the folded file, its summary, and one listing row for each party that may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from registry.convention import Convention
from registry.exchange.awaited import awaited
from registry.exchange.deadlines import Due, next_due
from registry.exchange.file import APPROVALS, File
from registry.exchange.waiting import waits_since
from registry.storage.awaited import awaited_rows, follow_awaited, hand_over_awaited, turn_of, write_awaited
from registry.storage.engines import Transaction
from registry.storage.figures import follow_figures
from registry.storage.life_checks import LIVE, check_soon
from registry.storage.search import follow_words, index_words

_ENCODE = msgspec.json.Encoder(order="deterministic")  # so that refolded rows equal live ones to the byte
_DECODE = msgspec.json.Decoder(File)


def decoded(file: bytes) -> File:
    """A file as its row holds it."""
    return _DECODE.decode(file)


@dataclass(frozen=True)
class Loaded:
    """An exchange as an act needs it: the folded file, its history's revision, its position in lists, its convention
    and that one's revision."""

    file: File
    revision: int
    position: int
    convention: str
    convention_revision: int


LISTING = (
    "party", "exchange", "position", "state", "field", "other", "due_on", "awaits", "turn",
    "approved_on", "activated_on",
)  # fmt: skip
"""Columns of an exchange's rows in lists, one for each party that may see it."""

_LOAD = """SELECT e.file, e.revision, e.position, e.convention, c.revision
FROM exchange_listing l JOIN exchange e ON e.id = l.exchange JOIN convention c ON c.id = e.convention
WHERE l.exchange = ? AND l.party = ?"""


async def load(tx: Transaction, exchange_id: str, party: str, *, for_update: bool = False) -> Loaded | None:
    """The exchange if that party may see it, else None; locked until the transaction ends when it will be changed."""
    lock = " FOR UPDATE OF e" if for_update and tx.dialect == "postgres" else ""
    row = await tx.row(_LOAD + lock, exchange_id, party)
    if row is None:
        return None
    return Loaded(_DECODE.decode(row[0]), *row[1:])


async def insert(tx: Transaction, convention: Convention, file: File, position: int, revision: int) -> None:
    """The rows of a new exchange; `position` is the insertion id of its first event and orders every list."""
    due = next_due(file, convention)
    await tx.execute(
        """INSERT INTO exchange (id, convention, reference, position, revision, file, summary)
        VALUES (?, ?, ?, ?, ?, ?, ?)""",
        *exchange_row(file, position, revision, due),
    )
    await _list(tx, listing_rows(convention, file, position, due))
    await write_awaited(tx, awaited_rows(convention, file, position))
    await index_words(tx, file, position)


def exchange_row(file: File, position: int, revision: int, due: Due | None) -> tuple[object, ...]:
    """The exchange's row, in the order of its columns."""
    return (
        file.id, file.convention, file.reference, position, revision, _ENCODE.encode(file), _summary(file, due),
    )  # fmt: skip


def listing_rows(convention: Convention, file: File, position: int, due: Due | None) -> list[tuple[object, ...]]:
    """Its rows in lists, one for each party that may see it."""
    on = due.on.isoformat() if due is not None else None
    waited = {heir for party in due.parties for heir in convention.heirs(party)} if due is not None else set()
    return [
        (
            party, file.id, position, file.state, _field(file), other, on, int(party in waited),
            turn_of(convention, file, party), *_transferred(file),
        )
        for party, other in listed_for(file, convention).items()
    ]  # fmt: skip


def _transferred(file: File) -> tuple[str | None, str | None]:
    """The days of its approval and of its activation."""
    made = file.decision
    approved = made.decided_on.isoformat() if made is not None and made.value in APPROVALS else None
    return approved, file.activated_on.isoformat() if file.activated_on is not None else None


async def update(tx: Transaction, convention: Convention, loaded: Loaded, after: File, revision: int) -> None:
    """The rows after an act; a filed request appears to the other party too."""
    due = next_due(after, convention)
    await tx.execute(
        "UPDATE exchange SET revision = ?, file = ?, summary = ? WHERE id = ?",
        revision, _ENCODE.encode(after), _summary(after, due), after.id,
    )  # fmt: skip
    if after.state in LIVE or loaded.file.state in LIVE:
        await check_soon(tx, after)
    seen = listing_rows(convention, loaded.file, loaded.position, next_due(loaded.file, convention))
    sees = listing_rows(convention, after, loaded.position, due)
    if seen != sees:
        await _list(tx, sees)
    waited = awaited_rows(convention, loaded.file, loaded.position)
    await follow_awaited(tx, waited, awaited_rows(convention, after, loaded.position), loaded.position)
    await follow_words(tx, loaded.file, after, loaded.position)
    await follow_figures(tx, convention, loaded.file, after)


async def _list(tx: Transaction, rows: Sequence[tuple[object, ...]]) -> None:
    """Write every listing row of an exchange in one statement."""
    names = ", ".join(LISTING)
    marks = ", ".join([f"({', '.join('?' for _ in LISTING)})"] * len(rows))
    await tx.execute(
        f"""INSERT INTO exchange_listing ({names}) VALUES {marks} ON CONFLICT (exchange, party) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in LISTING[3:])}""",
        *(value for row in rows for value in row),
    )


def listed_for(file: File, convention: Convention) -> dict[str, str]:
    """Who sees the exchange (the party that drafts it; once filed, both; and their successors), each with the other
    party it is listed against."""
    parties = [file.initiated_by] if file.filed_on is None else [file.requester, file.holder]
    return {
        heir: file.holder if party == file.requester else file.requester
        for party in parties
        for heir in convention.heirs(party)
    }


def _field(file: File) -> str:
    return file.request.get("convention_field") or ""


async def hand_over(tx: Transaction, predecessors: Sequence[str], successor: str) -> None:
    """Show a predecessor's exchanges to the party that succeeds it."""
    for predecessor in predecessors:
        await tx.execute(
            f"""INSERT INTO exchange_listing ({", ".join(LISTING)})
            SELECT CAST(? AS TEXT), {", ".join(LISTING[1:])} FROM exchange_listing WHERE party = ?
            ON CONFLICT (exchange, party) DO NOTHING""",
            successor, predecessor,
        )  # fmt: skip
        await hand_over_awaited(tx, predecessor, successor)


def _summary(file: File, due: Due | None) -> bytes:
    """What a list shows of an exchange, as JSON bytes passed through to the answer."""
    return _ENCODE.encode(
        {
            "id": file.id,
            "reference": file.reference,
            "title": file.request.get("title"),
            "state": file.state,
            "requester": file.requester,
            "holder": file.holder,
            "convention": file.convention,
            "convention_field": file.request.get("convention_field"),
            "version": file.version,
            "created_on": file.created_on,
            "filed_on": file.filed_on,
            "study_complete": file.study_complete,
            "opinion_complete": file.opinion_complete,
            "activated_on": file.activated_on,
            "due": due and due._asdict(),
            "awaited": [
                {"act": one.act.name, "parties": one.parties, "roles": one.roles, "since": waits_since(file, one)}
                for one in awaited(file)
            ],
        }
    )


async def seen_by(tx: Transaction, party: str) -> list[str]:
    """The ids of every exchange that a party may see, oldest first."""
    sql = "SELECT exchange FROM exchange_listing WHERE party = ? ORDER BY position"
    return [row[0] for row in await tx.rows(sql, party)]


async def files_of_field(tx: Transaction, party: str, field: str, most: int) -> list[File]:
    """The latest exchanges that a party may see in a field, no more than `most`."""
    rows = await tx.rows(
        """SELECT e.file FROM exchange_listing l JOIN exchange e ON e.id = l.exchange
        WHERE l.party = ? AND l.field = ? ORDER BY l.position DESC LIMIT ?""",
        party, field, most,
    )  # fmt: skip
    return [_DECODE.decode(row[0]) for row in rows]


async def files_in(tx: Transaction, convention: str, parties: Sequence[str], states: Sequence[str]) -> list[File]:
    """The exchanges of a convention in some states, each once, whichever of its parties they are listed for."""
    found: dict[str, File] = {}
    for party in parties:
        for state in states:
            rows = await tx.rows(
                """SELECT e.id, e.file FROM exchange_listing l JOIN exchange e ON e.id = l.exchange
                WHERE l.party = ? AND l.state = ? AND e.convention = ? ORDER BY l.position""",
                party, state, convention,
            )  # fmt: skip
            found |= {row[0]: _DECODE.decode(row[1]) for row in rows if row[0] not in found}
    return list(found.values())


async def files_after(tx: Transaction, convention: str, states: Sequence[str], after: str, limit: int) -> list[File]:
    """At most `limit` exchanges of a convention in some states, in order of reference, after one of these."""
    marks = ", ".join("?" for _ in states)
    rows = await tx.rows(
        f"""SELECT e.file FROM exchange e WHERE e.convention = ? AND e.reference > ? AND EXISTS
        (SELECT 1 FROM exchange_listing l WHERE l.exchange = e.id AND l.state IN ({marks}))
        ORDER BY e.reference LIMIT ?""",
        convention, after, *states, limit,
    )  # fmt: skip
    return [_DECODE.decode(row[0]) for row in rows]


async def files_of(tx: Transaction, party: str, states: Sequence[str], most: int) -> list[File]:
    """At most `most` of the exchanges that a party may see in some states, oldest first."""
    marks = ", ".join("?" for _ in states)
    rows = await tx.rows(
        f"""SELECT e.file FROM exchange_listing l JOIN exchange e ON e.id = l.exchange
        WHERE l.party = ? AND l.state IN ({marks}) ORDER BY l.position LIMIT ?""",
        party, *states, most,
    )  # fmt: skip
    return [_DECODE.decode(row[0]) for row in rows]


async def next_reference(tx: Transaction, convention: str, now: datetime) -> str:
    """The next reference of the year, `EX-2026-001`; the counter's row makes two requests wait, never collide."""
    return f"EX-{now.year}-{await count(tx, f'exchange/{convention}/{now.year}'):03d}"


async def count(tx: Transaction, name: str) -> int:
    """The next value of a named counter, from 1; the row stays locked until the transaction ends."""
    value = await tx.value(
        "INSERT INTO counter (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 "
        "RETURNING value",
        name,
    )
    return int(value or 0)
