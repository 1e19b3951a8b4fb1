"""The projection of exchanges that indicators count, and its aggregates: one line a year and category, never a file."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from registry.convention import Convention
from registry.exchange.file import File
from registry.indicators.figures import STEPS, figures_of, followed_of
from registry.storage.engines import Transaction

Row = tuple[object, ...]

FIGURE = (
    "exchange", "convention", "year", "field", "requester", "holder", "state", "nature", "opinion", "registers", *STEPS,
)  # fmt: skip
FOLLOWED = ("exchange", "number", "convention", "year", "standing", "due_on")
CATEGORIES = ("field", "requester", "holder", "state", "nature", "opinion", "registers")
_KEYS = {"exchange_figure": FIGURE, "exchange_followed": FOLLOWED}


def figure_rows(file: File, convention: Convention) -> dict[str, list[Row]]:
    """The rows of one exchange, by table."""
    found = figures_of(file, convention)
    if found is None:
        return {"exchange_figure": [], "exchange_followed": []}
    figure: Row = (
        file.id, file.convention, found.year, found.field, found.requester, found.holder, found.state, found.nature,
        found.opinion, found.registers, *found.days,
    )  # fmt: skip
    followed: list[Row] = [
        (file.id, one.number, file.convention, one.year, int(one.standing), one.due_on) for one in followed_of(file)
    ]
    return {"exchange_figure": [figure], "exchange_followed": followed}


async def follow_figures(tx: Transaction, convention: Convention, before: File, after: File) -> None:
    """Write again the rows that an act changed."""
    was, now = figure_rows(before, convention), figure_rows(after, convention)
    for table, rows in now.items():
        if was[table] == rows:
            continue
        await tx.execute(f"DELETE FROM {table} WHERE exchange = ?", after.id)
        marks = ", ".join("?" for _ in _KEYS[table])
        await tx.execute_many(f"INSERT INTO {table} ({', '.join(_KEYS[table])}) VALUES ({marks})", rows)


async def counts_of(tx: Transaction, convention: str, category: str) -> dict[tuple[str, int], int]:
    """How many filed exchanges there are of each value of a category (one of CATEGORIES), by (value, year)."""
    assert category in CATEGORIES  # noqa: S101 - a column's name is never a caller's text
    rows = await tx.rows(
        f"SELECT {category}, year, count(*) FROM exchange_figure WHERE convention = ? GROUP BY {category}, year",
        convention,
    )
    return {(row[0], int(row[1])): int(row[2]) for row in rows}


async def days_of(tx: Transaction, convention: str, step: str) -> list[tuple[int, int, int]]:
    """How many exchanges took each number of net days for a step (one of STEPS): (year, days, exchanges)."""
    assert step in STEPS  # noqa: S101 - a column's name is never a caller's text
    rows = await tx.rows(
        f"""SELECT year, {step}, count(*) FROM exchange_figure WHERE convention = ? AND {step} IS NOT NULL
        GROUP BY year, {step}""",
        convention,
    )
    return [(int(year), int(days), int(number)) for year, days, number in rows]


async def followed_counts(tx: Transaction, convention: str, today: date) -> dict[tuple[str, int], int]:
    """How many recommendations are `ended`, `open` or `late` (open past their day), by (which, year)."""
    rows: Sequence[Any] = await tx.rows(
        """SELECT CASE WHEN standing = 0 THEN 'ended' WHEN due_on < ? THEN 'late' ELSE 'open' END AS which, year,
        count(*) FROM exchange_followed WHERE convention = ? GROUP BY 1, year""",
        today.isoformat(), convention,
    )  # fmt: skip
    return {(row[0], int(row[1])): int(row[2]) for row in rows}
