"""Who is to be reminded of a due date."""

from datetime import date
from typing import NamedTuple

from registry.storage.engines import Transaction


class Waiting(NamedTuple):
    """An exchange that waits for a party until a day, with its summary (JSON bytes)."""

    exchange: str
    party: str
    due_on: date
    summary: bytes


async def to_remind(tx: Transaction, stage: str, first: date, last: date, limit: int) -> list[Waiting]:
    """At most `limit` of those due from a day to another whose reminder of that stage was not given yet."""
    rows = await tx.rows(
        """SELECT l.exchange, l.party, l.due_on, e.summary FROM exchange_listing l JOIN exchange e ON e.id = l.exchange
        WHERE l.due_on >= ? AND l.due_on <= ? AND l.awaits = 1 AND NOT EXISTS (SELECT 1 FROM reminder r
        WHERE r.exchange = l.exchange AND r.due_on = l.due_on AND r.stage = CAST(? AS TEXT) || ' ' || l.party)
        ORDER BY l.due_on, l.party, l.exchange LIMIT ?""",
        first.isoformat(), last.isoformat(), stage, limit,
    )  # fmt: skip
    return [Waiting(row[0], row[1], date.fromisoformat(row[2]), row[3]) for row in rows]


async def waiting_for(tx: Transaction, party: str, since: date, limit: int) -> list[Waiting]:
    """At most `limit` of those that wait for a party and are due from a day on, by due date."""
    rows = await tx.rows(
        """SELECT l.exchange, l.party, l.due_on, e.summary FROM exchange_listing l JOIN exchange e ON e.id = l.exchange
        WHERE l.party = ? AND l.due_on >= ? AND l.awaits = 1 ORDER BY l.due_on, l.position LIMIT ?""",
        party, since.isoformat(), limit,
    )  # fmt: skip
    return [Waiting(row[0], row[1], date.fromisoformat(row[2]), row[3]) for row in rows]
