"""What waits for each function of each party, as a projection: home pages and lists read it by an index.

A line without deadline sorts last; one whose day has not come is there already, and left out until then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from registry.convention import Convention
from registry.exchange.awaited import awaited
from registry.exchange.file import File
from registry.exchange.waiting import waiting
from registry.storage.engines import Transaction

NO_DEADLINE = "9999-12-31"
_ANY_DAY = "9999-99-99"  # later than any, the one above included
Rows = list[tuple[object, ...]]


def awaited_rows(convention: Convention, file: File, position: int) -> Rows:
    """The rows of `exchange_awaited`, in the order of its columns: for each party and those that succeed it."""
    found: dict[tuple[str, str], tuple[object, ...]] = {}
    for one in waiting(file, convention):
        due = one.due_on.isoformat() if one.due_on is not None else NO_DEADLINE
        for party in convention.heirs(one.party):
            row = (position, party, one.role, file.id, one.act, one.since.isoformat(), due)
            found.setdefault((party, one.role), row)
    return list(found.values())


def turn_of(convention: Convention, file: File, party: str) -> str:
    """Whose turn it is for a party that sees the exchange: `ours`, `theirs`, or nobody's (empty)."""
    doers = {heir for one in awaited(file) for doer in one.parties for heir in convention.heirs(doer)}
    return "ours" if party in doers else "theirs" if doers else ""


async def write_awaited(tx: Transaction, rows: Rows) -> None:
    """Insert rows, in one statement."""
    if rows:
        marks = ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * len(rows))
        await tx.execute(
            f"INSERT INTO exchange_awaited (position, party, role, exchange, act, since, due_on) VALUES {marks}",
            *(value for row in rows for value in row),
        )


async def follow_awaited(tx: Transaction, before: Rows, after: Rows, position: int) -> None:
    """The rows after an act, when it changed them."""
    if before != after:
        await tx.execute("DELETE FROM exchange_awaited WHERE position = ?", position)
        await write_awaited(tx, after)


async def hand_over_awaited(tx: Transaction, predecessor: str, successor: str) -> None:
    """What waited for a party waits for its successor."""
    await tx.execute(
        """INSERT INTO exchange_awaited (position, party, role, exchange, act, since, due_on)
        SELECT position, CAST(? AS TEXT), role, exchange, act, since, due_on FROM exchange_awaited WHERE party = ?
        ON CONFLICT (position, party, role) DO NOTHING""",
        successor, predecessor,
    )  # fmt: skip


@dataclass(frozen=True)
class Item:
    """What waits for a function: the act, its exchange's summary, since when, and its deadline if there is one."""

    act: str
    role: str
    exchange: str
    since: date
    due_on: date | None
    summary: dict[str, Any]


FIRST = """SELECT a.act, a.role, a.exchange, a.since, a.due_on, e.summary FROM exchange_awaited a
JOIN exchange_listing l ON l.exchange = a.exchange AND l.party = a.party
JOIN exchange e ON e.position = a.position
WHERE a.party = ? AND a.role = ? AND a.since <= ? ORDER BY a.due_on, a.position LIMIT ?"""
COUNT = """SELECT count(*) FROM (SELECT 1 FROM exchange_awaited
WHERE party = ? AND role = ? AND since <= ? AND due_on < ? LIMIT ?) AS few"""


async def first_awaited(tx: Transaction, party: str, role: str, today: date, limit: int) -> list[Item]:
    """The first things that wait for a function of a party, by deadline, then the oldest."""
    return [
        Item(
            act, named, exchange, date.fromisoformat(since), date.fromisoformat(due) if due != NO_DEADLINE else None,
            msgspec.json.decode(summary),
        )
        for act, named, exchange, since, due, summary in await tx.rows(FIRST, party, role, today.isoformat(), limit)
    ]  # fmt: skip


async def count_awaited(
    tx: Transaction, party: str, roles: Sequence[str], today: date, most: int
) -> dict[str, tuple[int, int]]:
    """How many exchanges wait for each function of a party, and how many of those are late; each at most `most`."""
    found = {}
    for role in roles:
        total = await count_role(tx, party, role, today, None, most)
        found[role] = (total, await count_role(tx, party, role, today, today.isoformat(), most) if total else 0)
    return found


async def count_role(tx: Transaction, party: str, role: str, today: date, before: str | None, most: int) -> int:
    """How many exchanges wait for one function, due before a day if one is given; at most `most`."""
    return int(await tx.value(COUNT, party, role, today.isoformat(), before or _ANY_DAY, most))


THEIRS = """SELECT e.summary FROM exchange_listing l JOIN exchange e ON e.id = l.exchange
WHERE l.party = ? AND l.turn = 'theirs' ORDER BY l.position LIMIT ?"""


async def oldest_elsewhere(tx: Transaction, party: str, limit: int) -> list[dict[str, Any]]:
    """Summaries of the oldest exchanges that a party sees and that wait for another one."""
    return [msgspec.json.decode(row[0]) for row in await tx.rows(THEIRS, party, limit)]
