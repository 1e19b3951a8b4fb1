"""The projection of reviews that are due: a row for each party of an exchange in operation."""

from collections.abc import Sequence

from registry.convention import Convention
from registry.exchange.file import File
from registry.storage.engines import Transaction
from registry.storage.exchanges import listed_for

COLUMNS = ("party", "exchange", "position", "due_on")
_REVIEWED = frozenset({"active", "suspended"})


def review_rows(convention: Convention, file: File, position: int) -> list[tuple[object, ...]]:
    """The rows of an exchange: none before it is active, none once it ends."""
    if file.state not in _REVIEWED or file.next_review_on is None:
        return []
    due = file.next_review_on.isoformat()
    return [(party, file.id, position, due) for party in listed_for(file, convention)]


async def follow_review(tx: Transaction, convention: Convention, before: File, after: File, position: int) -> None:
    """Bring the rows to what the exchange has become: nearly no act changes them."""
    rows = review_rows(convention, after, position)
    if rows == review_rows(convention, before, position):
        return
    await tx.execute("DELETE FROM review_due WHERE exchange = ?", after.id)
    await tx.execute_many("INSERT INTO review_due (party, exchange, position, due_on) VALUES (?, ?, ?, ?)", rows)


async def hand_over_reviews(tx: Transaction, predecessors: Sequence[str], successor: str) -> None:
    """Reviews that a predecessor had to do are its successor's."""
    for predecessor in predecessors:
        await tx.execute(
            """INSERT INTO review_due (party, exchange, position, due_on)
            SELECT CAST(? AS TEXT), exchange, position, due_on FROM review_due WHERE party = ?
            ON CONFLICT (exchange, party) DO NOTHING""",
            successor, predecessor,
        )  # fmt: skip


def due_query(*, after: bool) -> str:
    """The query of what a party has to review by a day, in order of date; it walks its index."""
    further = "AND (r.due_on, r.position) > (?, ?) " if after else ""
    return (
        "SELECT r.due_on, r.position, e.summary FROM review_due r JOIN exchange e ON e.id = r.exchange "
        f"WHERE r.party = ? AND r.due_on <= ? {further}ORDER BY r.due_on, r.position LIMIT ?"
    )


async def due_reviews(
    tx: Transaction, party: str, until: str, after: tuple[str, int] | None, limit: int
) -> list[tuple[str, int, bytes]]:
    """At most `limit` (due day, position, summary) of the exchanges that a party is to review by a day."""
    return [
        (row[0], row[1], row[2])
        for row in await tx.rows(due_query(after=after is not None), party, until, *(after or ()), limit)
    ]
