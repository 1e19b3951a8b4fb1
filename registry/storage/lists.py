"""Lists of exchanges: a page of those that a party may see, filtered and searched.

Newest first; those that are overdue, the longest overdue first. Every list walks an index that is already in its order
and reads further filters in it, or follows the full-text index. What a party may see is part of each query.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from registry.searching import asked
from registry.storage.engines import Dialect, Transaction
from registry.storage.search import expression, found_by

COLUMNS = ("state", "field", "other", "turn")
FILTERS = (*COLUMNS, "role", "overdue", "q")
"""What a list may be filtered by: columns of the listing, a function of the party that is waited for, a day before
which the next deadline falls, words."""

_WAITS = "SELECT 1 FROM exchange_awaited a WHERE a.position = l.position AND a.party = l.party AND {}"
_ROLE = ("a.role = ?", "a.since <= ?")


class Place(NamedTuple):
    """Where a page ends; `due_on` only among overdue exchanges."""

    position: int
    due_on: date | None = None


class Listing(NamedTuple):
    """A query's source, its conditions, their parameters, and its order."""

    source: str
    conditions: list[str]
    values: list[object]
    order: tuple[str, ...]


def listing(dialect: Dialect, parties: Sequence[str], filters: Mapping[str, str], today: date) -> Listing | None:
    """Where a list is read; None when what is searched holds no word, so that nothing is found.

    `parties`: the one that asks, then those whose files it holds.
    """
    told = [name for name in COLUMNS if name in filters]
    found = Listing(
        "exchange_listing l",
        ["l.party = ?", *(f"l.{name} = ?" for name in told)],
        [parties[0], *(filters[name] for name in told)],
        ("l.position",),
    )
    if "role" in filters:
        found = _for_role(found, parties[0], filters, today)
    if "overdue" in filters:
        found = found._replace(
            conditions=[*found.conditions, "l.due_on < ?"], values=[*found.values, filters["overdue"]],
            order=("l.due_on", "l.position"),
        )  # fmt: skip
    return _among_words(dialect, found, parties, filters["q"]) if "q" in filters else found


def _for_role(found: Listing, party: str, filters: Mapping[str, str], today: date) -> Listing:
    """The lines of the function lead; where something else gives the order, they are looked up."""
    role = [filters["role"], today.isoformat()]
    if {"overdue", "q"} & set(filters):
        waits = f"EXISTS ({_WAITS.format(' AND '.join(_ROLE))})"
        return found._replace(conditions=[*found.conditions, waits], values=[*found.values, *role])
    source = "exchange_awaited a CROSS JOIN exchange_listing l"
    conditions = ["a.party = ?", *_ROLE, "l.exchange = a.exchange", *found.conditions]
    return Listing(source, conditions, [party, *role, *found.values], ("a.position",))


def _among_words(dialect: Dialect, found: Listing, parties: Sequence[str], typed: str) -> Listing | None:
    """What was found leads. CROSS JOIN: SQLite takes tables in the order written, and its index of words has the
    order of the list."""
    query = asked(typed)
    if query is None:
        return None
    return Listing(
        f"({found_by(dialect)}) f CROSS JOIN {found.source}",
        ["l.position = f.position", *found.conditions],
        [expression(dialect, query, parties), *found.values],
        ("f.position",) if found.order == ("l.position",) else found.order,
    )


def page_query(found: Listing, after: Place | None, limit: int) -> tuple[str, list[object]]:
    """The statement of a page and its parameters."""
    conditions, values = list(found.conditions), list(found.values)
    overdue = len(found.order) > 1
    if after is not None and overdue and after.due_on is not None:
        conditions.append("(l.due_on, l.position) > (?, ?)")
        values += [after.due_on.isoformat(), after.position]
    elif after is not None:
        conditions.append(f"{found.order[-1]} < ?")
        values.append(after.position)
    order = "l.due_on, l.position" if overdue else f"{found.order[-1]} DESC"
    return (
        f"SELECT l.position, l.due_on, e.summary FROM {found.source} JOIN exchange e ON e.id = l.exchange "
        f"WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT ?"
    ), [*values, limit]


async def page(
    tx: Transaction, parties: Sequence[str], filters: Mapping[str, str], today: date, after: Place | None, limit: int
) -> list[tuple[Place, bytes]]:
    """At most `limit` (place, summary) of the exchanges a party may see, after a place."""
    found = listing(tx.dialect, parties, filters, today)
    if found is None:
        return []
    sql, values = page_query(found, after, limit)
    return [(_place(row, filters), row[2]) for row in await tx.rows(sql, *values)]


def _place(row: Sequence[Any], filters: Mapping[str, str]) -> Place:
    return Place(row[0], date.fromisoformat(row[1]) if "overdue" in filters else None)


def count_query(found: Listing, most: int) -> tuple[str, list[object]]:
    """The statement that counts a list, no further than `most`, and its parameters."""
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {found.source} WHERE {' AND '.join(found.conditions)} LIMIT ?) AS few"
    return sql, [*found.values, most]


async def counted(tx: Transaction, parties: Sequence[str], filters: Mapping[str, str], today: date, most: int) -> int:
    """How many exchanges a party may see, filtered; no further than `most`."""
    found = listing(tx.dialect, parties, filters, today)
    if found is None:
        return 0
    sql, values = count_query(found, most)
    return int(await tx.value(sql, *values) or 0)
