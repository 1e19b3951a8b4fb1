"""Reading a table of any size inside one transaction, a page at a time, each page starting after the last row's key."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from registry.storage.engines import Transaction

PAGE = 500
Told = Callable[[int], None]
"""Is told of each page how many rows it had."""


async def paged(
    tx: Transaction, sql: str, values: tuple[object, ...], after: tuple[object, ...], told: Told | None = None
) -> AsyncIterator[Any]:
    """The rows of a query that begins with its key columns, is in their order, and takes `values`, the key after which
    to begin, and a limit."""
    while True:
        rows = await tx.rows(sql, *values, *after, PAGE)
        for row in rows:
            yield row
        if told is not None:
            told(len(rows))
        if len(rows) < PAGE:
            return
        after = tuple(rows[-1][: len(after)])
