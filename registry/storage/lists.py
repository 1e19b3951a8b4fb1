"""Lists of exchanges: a page of those that a party may see, filtered and searched.

Newest first; those that are overdue, the longest overdue first. Every list walks an index that is already in its order
and reads further filters in it, or follows the full-text index. What a party may see is part of each query.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from registry.searching import Query, asked
from registry.storage.awaited import count_role
from registry.storage.engines import Dialect, Transaction
from registry.storage.search import expression, found_by, settled

COLUMNS = ("state", "field", "other", "turn")
FILTERS = (*COLUMNS, "role", "overdue", "q")
"""What a list may be filtered by: columns of the listing, a function of the party that is waited for, a day before
which the next deadline falls, words."""


class Place(NamedTuple):
    """Where a page ends; `due_on` only among overdue exchanges."""

    position: int
    due_on: date | None = None


class Listing(NamedTuple):
    """A query's source, its conditions, their parameters, the column that gives its order (a position), and that of
    the deadline which comes before it among overdue exchanges."""

    source: str
    conditions: list[str]
    values: list[object]
    order: str
    due: str | None


def listing(
    dialect: Dialect, parties: Sequence[str], filters: Mapping[str, str], today: date, query: Query | None = None
) -> Listing:
    """Where a list is read, among what `query` finds if there is one.

    `parties`: the one that asks, then those whose files it holds. What leads gives the order; CROSS JOIN: SQLite takes
    tables as they are written.
    """
    told = [name for name in COLUMNS if name in filters]
    conditions = ["l.party = ?", *(f"l.{name} = ?" for name in told)]
    values: list[object] = [parties[0], *(filters[name] for name in told)]
    source, order = "exchange_listing l", "l.position"
    if "role" in filters:
        source, order = f"exchange_awaited a CROSS JOIN {source}", "a.position"
        conditions = ["a.party = ?", "a.role = ?", "a.since <= ?", "l.exchange = a.exchange", *conditions]
        values = [parties[0], filters["role"], today.isoformat(), *values]
    due = f"{order[0]}.due_on" if "overdue" in filters else None
    if due is not None:
        conditions, values = [*conditions, f"{due} < ?"], [*values, filters["overdue"]]
    if query is None:
        return Listing(source, conditions, values, order, due)
    found = f"({found_by(dialect)}) f CROSS JOIN {source}"
    words = expression(dialect, query, parties)
    return Listing(found, [f"{order} = f.position", *conditions], [words, *values], "f.position", due)


def page_query(found: Listing, after: Place | None, limit: int) -> tuple[str, list[object]]:
    """The statement of a page and its parameters."""
    conditions, values = list(found.conditions), list(found.values)
    if after is not None and found.due is not None and after.due_on is not None:
        conditions.append(f"({found.due}, {found.order}) > (?, ?)")
        values += [after.due_on.isoformat(), after.position]
    elif after is not None:
        conditions.append(f"{found.order} < ?")
        values.append(after.position)
    order = f"{found.due}, {found.order}" if found.due is not None else f"{found.order} DESC"
    return (
        f"SELECT l.position, {found.due or 'NULL'}, e.summary FROM {found.source} "
        f"JOIN exchange e ON e.id = l.exchange WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT ?"
    ), [*values, limit]


async def _read(tx: Transaction, parties: Sequence[str], filters: Mapping[str, str], today: date) -> Listing | None:
    """Where a list is read; None when what is searched holds no word, so that nothing is found."""
    if "q" not in filters:
        return listing(tx.dialect, parties, filters, today)
    query = asked(filters["q"])
    if query is None:
        return None
    return listing(tx.dialect, parties, filters, today, await settled(tx, query, parties))


async def page(
    tx: Transaction, parties: Sequence[str], filters: Mapping[str, str], today: date, after: Place | None, limit: int
) -> list[tuple[Place, bytes]]:
    """At most `limit` (place, summary) of the exchanges a party may see, after a place."""
    found = await _read(tx, parties, filters, today)
    if found is None:
        return []
    sql, values = page_query(found, after, limit)
    return [(_place(row), row[2]) for row in await tx.rows(sql, *values)]


def _place(row: Sequence[Any]) -> Place:
    return Place(row[0], date.fromisoformat(row[1]) if row[1] is not None else None)


def count_query(found: Listing, most: int) -> tuple[str, list[object]]:
    """The statement that counts a list, no further than `most`, and its parameters."""
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {found.source} WHERE {' AND '.join(found.conditions)} LIMIT ?) AS few"
    return sql, [*found.values, most]


async def counted(tx: Transaction, parties: Sequence[str], filters: Mapping[str, str], today: date, most: int) -> int:
    """How many exchanges a party may see, filtered; no further than `most`."""
    if "role" in filters and set(filters) <= {"role", "overdue"}:  # the lines alone say it
        return await count_role(tx, parties[0], filters["role"], today, filters.get("overdue"), most)
    found = await _read(tx, parties, filters, today)
    if found is None:
        return 0
    sql, values = count_query(found, most)
    return int(await tx.value(sql, *values) or 0)
