"""Lists of exchanges: a page of those that a party may see, newest first, filtered and searched.

Every list walks an index that is already in its order and reads further filters in it, or follows the full-text index:
what a party may see is part of each query.
"""

from collections.abc import Mapping, Sequence

from registry.searching import asked
from registry.storage.engines import Dialect, Transaction
from registry.storage.search import expression, found_by

FILTERS = ("state", "field", "other")
"""Columns of the listing that a list may be filtered by; `q` is what is searched."""


def page_query(dialect: Dialect, filters: Sequence[str], *, after: bool) -> str:
    """The query of a page, for a set of filters and a place to begin after; each set has its own index."""
    source, conditions, place = _among(dialect, filters)
    if after:
        conditions.append(f"{place} < ?")
    return (
        f"SELECT l.position, e.summary FROM {source} JOIN exchange e ON e.id = l.exchange WHERE "
        f"{' AND '.join(conditions)} ORDER BY {place} DESC LIMIT ?"
    )


def count_query(dialect: Dialect, filters: Sequence[str]) -> str:
    """How many exchanges a list holds, counted no further than the last parameter says."""
    source, conditions, _ = _among(dialect, filters)
    return f"SELECT count(*) FROM (SELECT 1 FROM {source} WHERE {' AND '.join(conditions)} LIMIT ?) AS few"


def _among(dialect: Dialect, filters: Sequence[str]) -> tuple[str, list[str], str]:
    """Where a list is read, the conditions on it (their parameters in the order of `_values`), and its order."""
    conditions = ["l.party = ?", *(f"l.{name} = ?" for name in FILTERS if name in filters)]
    if "q" not in filters:
        return "exchange_listing l", conditions, "l.position"
    # CROSS JOIN: SQLite takes tables in the order written, so that what was found leads and gives the order
    return (
        f"({found_by(dialect)}) f CROSS JOIN exchange_listing l",
        ["l.position = f.position", *conditions],
        "f.position",
    )


def _values(dialect: Dialect, parties: Sequence[str], filters: Mapping[str, str]) -> list[object] | None:
    """The parameters of these queries; None when what is searched holds no word, so that nothing is found."""
    values: list[object] = [parties[0], *(filters[name] for name in FILTERS if name in filters)]
    if "q" not in filters:
        return values
    query = asked(filters["q"])
    return [expression(dialect, query, parties), *values] if query is not None else None


async def page(
    tx: Transaction, parties: Sequence[str], filters: Mapping[str, str], before: int | None, limit: int
) -> list[tuple[int, bytes]]:
    """At most `limit` (position, summary) of the exchanges a party may see, before a position, newest first.

    `parties`: that party, then those whose files it holds.
    """
    values = _values(tx.dialect, parties, filters)
    if values is None:
        return []
    place = [before] if before is not None else []
    sql = page_query(tx.dialect, tuple(filters), after=before is not None)
    return [(row[0], row[1]) for row in await tx.rows(sql, *values, *place, limit)]


async def counted(tx: Transaction, parties: Sequence[str], filters: Mapping[str, str], most: int) -> int:
    """How many exchanges a party may see, filtered; no further than `most`."""
    values = _values(tx.dialect, parties, filters)
    if values is None:
        return 0
    return int(await tx.value(count_query(tx.dialect, tuple(filters)), *values, most) or 0)
