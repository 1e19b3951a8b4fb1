"""What is kept back cannot be computed from what is shown."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.indicators.masking import ALL, THRESHOLD, is_small, median, shown, shown_totals

if TYPE_CHECKING:
    from collections.abc import Iterator

YEARS = (2021, 2022)
_COUNT = st.one_of(st.integers(0, 6), st.integers(0, 14))


def splits(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to share a total."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in splits(total - first, parts - 1):
            yield (first, *rest)


@settings(max_examples=120)
@given(st.lists(st.tuples(_COUNT, _COUNT), min_size=2, max_size=3), st.booleans())
def test_a_small_count_has_several_values_that_all_agree_with_what_is_shown(
    counts: list[tuple[int, int]], listed: bool
) -> None:
    """Even for a reader who knows the sums of the columns that are themselves kept back, and a row listed in public."""
    rows = [f"r{n}" for n in range(len(counts))]
    table = {(row, year): line[n] for row, line in zip(rows, counts, strict=True) for n, year in enumerate(YEARS)}
    sums = {year: sum(line[n] for line in counts) for n, year in enumerate(YEARS)}
    public = frozenset(rows[:1] if listed and len(rows) > 2 else ())
    seen = shown(table, rows, shown_totals(sums), public=public)
    every = table | {(row, ALL): sum(line) for row, line in zip(rows, counts, strict=True)}
    assert all(seen[cell] in {None, count} for cell, count in every.items())
    seen |= {cell: count for cell, count in every.items() if cell[0] in public}
    small = {cell: set() for cell, count in every.items() if is_small(count) and cell[0] not in public}
    assert all(seen[cell] is None for cell in small)
    if not small:
        assert seen == every
        return
    columns = [[c for c in splits(sums[year], len(rows)) if _agrees(c, rows, year, seen)] for year in YEARS]
    for first, second in itertools.product(*columns):
        guess = dict(zip(((row, YEARS[0]) for row in rows), first, strict=True))
        guess |= dict(zip(((row, YEARS[1]) for row in rows), second, strict=True))
        guess |= {(row, ALL): guess[row, YEARS[0]] + guess[row, YEARS[1]] for row in rows}
        if all(seen[row, ALL] in {None, guess[row, ALL]} for row in rows):
            for cell, values in small.items():
                values.add(guess[cell])
    assert all(len(values) > 1 for values in small.values()), (counts, seen, small)


def _agrees(column: tuple[int, ...], rows: list[str], year: int, seen: dict[tuple[str, int], int | None]) -> bool:
    return all(seen[row, year] in {None, count} for row, count in zip(rows, column, strict=True))


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_a_small_total_is_not_what_the_others_leave(counts: list[int]) -> None:
    totals = {2020 + n: count for n, count in enumerate(counts)}
    seen = shown_totals(totals)
    kept = [year for year, count in seen.items() if count is None]
    assert all(seen[year] is None for year, count in totals.items() if is_small(count))
    assert len(kept) != 1
    assert all(count is None or count == {**totals, ALL: sum(counts)}[year] for year, count in seen.items())


def test_a_table_without_small_counts_is_shown_whole() -> None:
    counts = {("a", 2021): 0, ("a", 2022): THRESHOLD, ("b", 2021): 40, ("b", 2022): 7}
    assert shown(counts, ["a", "b"], shown_totals({2021: 40, 2022: 12})) == {**counts, ("a", ALL): 5, ("b", ALL): 47}


def test_a_median_is_of_enough_cases() -> None:
    assert median([(3, 2), (10, 2)]) is None
    assert median([(10, 2), (3, 3)]) == 3
    assert median([(1, 3), (4, 3)]) == 2.5
