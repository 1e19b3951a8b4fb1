"""Small counts kept back, and with them what would give them away (primary and complementary suppression).

A table counts exchanges by category (rows) and year (columns), with a column for all years; the sum of each column is
known to the reader. A count of 1 to 4 is masked. So that none can be computed from what is shown, other counts are
masked with it: for each small count, enough that another table, as likely, shows the very same thing.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence

THRESHOLD = 5
"""The smallest count that is shown, zero aside: nobody is counted there."""
ALL = 0
"""The column of all years together."""

Counts = Mapping[tuple[str, int], int]
Shown = dict[tuple[str, int], int | None]
_FREE, _COUNT, _MARGIN, _ZERO = 0, 100, 150, 400


def is_small(count: int) -> bool:
    """Whether a count is kept back."""
    return 0 < count < THRESHOLD


def shown_totals(totals: Mapping[int, int]) -> dict[int, int | None]:
    """The totals by year and of all years (ALL), None where kept back: at least two together, else their sum tells."""
    every = {**totals, ALL: sum(totals.values())}
    masked = {year for year, count in every.items() if is_small(count)}
    if len(masked) == 1:
        others = [(count, year) for year, count in totals.items() if year not in masked and count]
        masked.add(min(others)[1] if others else ALL)
    return {year: None if year in masked else count for year, count in every.items()}


def shown(
    counts: Counts,
    rows: Sequence[str],
    totals: Mapping[int, int | None],
    *,
    mirrored: bool = False,
    public: frozenset[str] = frozenset(),
) -> Shown:
    """The table as it may be shown: the counts by (row, year) and (row, ALL), None where kept back.

    `totals` is what `shown_totals` answers; a column whose total is kept back is so whole. `rows` are at least two.
    `mirrored`: another table shows what a row leaves of its total, as when one party is always on one of two sides; a
    row that leaves a small count is then kept back like one. `public`: rows that anybody counts elsewhere; keeping them
    back would protect nothing.
    1. Mask what is small; 2. for each small count, look for the least that must be masked so that one exchange more or
    less could stand there, with every column's sum and every row's sum as they are.
    """
    years = [year for year in totals if year != ALL]
    table = {(row, year): counts.get((row, year), 0) for row in rows for year in years}
    table |= {(row, ALL): sum(table[row, year] for year in years) for row in rows}
    rest = {cell: total - count for cell, count in table.items() if mirrored and (total := totals[cell[1]]) is not None}
    secret = {cell: count for cell, count in table.items() if cell[0] not in public}
    small = [cell for cell, count in secret.items() if is_small(count) or is_small(rest.get(cell, 0))]
    masked = set(small) | {cell for cell in table if totals[cell[1]] is None}
    for cell in small:
        masked |= _cover(cell, secret, masked)
    return {cell: None if cell in masked else count for cell, count in table.items()}


Cell = tuple[str, int]
Node = tuple[str, str | int]


def _ends(cell: Cell) -> tuple[Node, Node]:
    """A cell as an arc of a network in which sums are balances: years flow out of their row, ALL flows into it."""
    row, year = ("row", cell[0]), ("year", cell[1])
    return (year, row) if cell[1] == ALL else (row, year)


def _cover(cell: Cell, table: Mapping[Cell, int], masked: set[Cell]) -> set[Cell]:
    """The cheapest cells to mask so that `cell` could hold one more or one less: a cycle of the network through it."""
    start, end = _ends(cell)
    more = _cheapest(end, start, cell, table, masked)
    less = _cheapest(start, end, cell, table, masked)
    found = min((one for one in (more, less) if one is not None), key=lambda one: one[0], default=(0, set(table)))
    return found[1]


def _cheapest(
    source: Node, target: Node, without: Cell, table: Mapping[Cell, int], masked: set[Cell]
) -> tuple[int, set[Cell]] | None:
    """The cheapest way from a node to another (Dijkstra): each cell followed along its arc takes one more, against it
    one less, which a zero cannot."""
    arcs: dict[Node, list[tuple[Node, Cell, int]]] = {}
    for cell, count in table.items():
        if cell == without:
            continue
        cost = _FREE if cell in masked else _cost(cell, count)
        begin, end = _ends(cell)
        arcs.setdefault(begin, []).append((end, cell, cost))
        if count:
            arcs.setdefault(end, []).append((begin, cell, cost))
    heap: list[tuple[int, int, Node, tuple[Cell, ...]]] = [(0, 0, source, ())]
    reached: set[Node] = set()
    pushed = 0
    while heap:
        cost, _, node, way = heapq.heappop(heap)
        if node == target:
            return cost, set(way)
        if node in reached:
            continue
        reached.add(node)
        for following, cell, more in arcs.get(node, ()):
            if following not in reached:
                pushed += 1
                heapq.heappush(heap, (cost + more, pushed, following, (*way, cell)))
    return None


def _cost(cell: Cell, count: int) -> int:
    """What masking a cell loses: least a low count of one year, most a zero, which says the most to the reader."""
    if not count:
        return _ZERO
    return (_MARGIN if cell[1] == ALL else _COUNT) + min(count, 40)


def median(histogram: Iterable[tuple[int, int]]) -> float | None:
    """The median of values given with how many times each occurs; None below THRESHOLD of them."""
    found = sorted(histogram)
    number = sum(times for _, times in found)
    if number < THRESHOLD:
        return None
    low, high = _at(found, (number - 1) // 2), _at(found, number // 2)
    return (low + high) / 2


def _at(found: Sequence[tuple[int, int]], place: int) -> int:
    for value, times in found:
        if place < times:
            return value
        place -= times
    raise IndexError(place)
