"""Lists of a party's approved exchanges, in the order of an index, whichever way it is walked."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.exchange.file import File
from registry.storage.engines import Transaction
from registry.storage.exchanges import decoded

ORDERS = {"reference": "position", "approved": "approved_on", "activated": "activated_on"}
"""Columns of the list by which it may be sorted."""


@dataclass(frozen=True)
class Asked:
    """What a list keeps: a state, another party, and the days between which the approval was given."""

    state: str | None = None
    other: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Place:
    """Where a page ends: the day of its order ("" when that is the position alone), and the position."""

    day: str
    position: int


def transfers_query(order: str, asked: Asked, *, descending: bool, after: bool) -> str:
    """The list of one party's approved exchanges; it walks an index of its order."""
    column, way = ORDERS[order], "<" if descending else ">"
    conditions = ["l.party = ?", "l.approved_on IS NOT NULL"]
    conditions += [f"l.{column} IS NOT NULL"] if column not in {"position", "approved_on"} else []
    conditions += ["l.state = ?"] if asked.state else []
    conditions += ["l.other = ?"] if asked.other else []
    conditions += ["l.approved_on >= ?"] if asked.since else []
    conditions += ["l.approved_on <= ?"] if asked.until else []
    if after:
        both = column != "position"
        conditions.append(f"(l.{column}, l.position) {way} (?, ?)" if both else f"l.position {way} ?")
    direction = " DESC" if descending else ""
    sort = f"l.{column}{direction}, l.position{direction}" if column != "position" else f"l.position{direction}"
    return (
        f"SELECT l.{column}, l.position, e.file FROM exchange_listing l JOIN exchange e ON e.id = l.exchange "
        f"WHERE {' AND '.join(conditions)} ORDER BY {sort} LIMIT ?"
    )


async def transfers_page(
    tx: Transaction, party: str, order: str, asked: Asked, after: Place | None, limit: int, *, descending: bool
) -> list[tuple[Place, File]]:
    """At most `limit` approved exchanges that a party may see, after a place."""
    values: list[Any] = [party, *(one for one in (asked.state, asked.other) if one)]
    values += [day.isoformat() for day in (asked.since, asked.until) if day]
    if after is not None:
        values += [after.position] if ORDERS[order] == "position" else [after.day, after.position]
    sql = transfers_query(order, asked, descending=descending, after=after is not None)
    rows = await tx.rows(sql, *values, limit)
    return [(Place("" if ORDERS[order] == "position" else row[0], row[1]), decoded(row[2])) for row in rows]
