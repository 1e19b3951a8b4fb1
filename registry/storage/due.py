"""Lists by deadline: exchanges whose next due date is past, the longest overdue first."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from registry.storage.engines import Transaction
from registry.storage.lists import FILTERS


class Place(NamedTuple):
    """Where a page of such a list ends."""

    due_on: date
    position: int


def overdue_query(filters: Sequence[str], *, after: bool) -> str:
    """The list of one party's overdue exchanges; it walks the index of due dates, further filters are read in it."""
    conditions = ["l.party = ?", "l.due_on < ?", *(f"l.{name} = ?" for name in FILTERS if name in filters)]
    if after:
        conditions.append("(l.due_on, l.position) > (?, ?)")
    return (
        "SELECT l.due_on, l.position, e.summary FROM exchange_listing l JOIN exchange e ON e.id = l.exchange WHERE "
        f"{' AND '.join(conditions)} ORDER BY l.due_on, l.position LIMIT ?"
    )


async def overdue_page(
    tx: Transaction, party: str, filters: dict[str, str], today: date, after: Place | None, limit: int
) -> list[tuple[Place, bytes]]:
    """At most `limit` summaries (JSON bytes) of a party's exchanges due before `today`, after a place."""
    values: list[Any] = [party, today.isoformat(), *(filters[name] for name in FILTERS if name in filters)]
    if after is not None:
        values += [after.due_on.isoformat(), after.position]
    rows = await tx.rows(overdue_query(tuple(filters), after=after is not None), *values, limit)
    return [(Place(date.fromisoformat(row[0]), row[1]), row[2]) for row in rows]
