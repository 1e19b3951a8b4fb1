"""What one table of parties keeps back, the other does not give away."""

from hypothesis import given
from hypothesis import strategies as st

from registry.exchange.deadlines.clocks import LABELS
from registry.indicators.board import Board, board
from registry.indicators.figures import STEPS
from registry.indicators.masking import is_small
from registry.storage.figures import CATEGORIES
from tests.world import CAF, OULLINS, SGL

PARTIES = {CAF: "Caf", SGL: "Saint-Genis-Laval", OULLINS: "Oullins"}
_COUNTS = st.lists(st.integers(0, 12), min_size=4, max_size=4)


def _boards(asked: list[int], held: list[int]) -> list[Board]:
    """Of two years in which communes asked the Caf `asked` times, and the Caf asked them `held` times."""
    places = [(SGL, 2022), (OULLINS, 2022), (SGL, 2023), (OULLINS, 2023)]
    by_asker, by_holder = dict(zip(places, asked, strict=True)), dict(zip(places, held, strict=True))
    requester, holder = dict(by_asker), dict(by_holder)
    for year in (2022, 2023):
        requester[CAF, year] = sum(n for (_, at), n in by_holder.items() if at == year)
        holder[CAF, year] = sum(n for (_, at), n in by_asker.items() if at == year)
    totals = {year: requester[CAF, year] + holder[CAF, year] for year in (2022, 2023)}
    categories = {name: {("", year): n for year, n in totals.items()} for name in CATEGORIES}
    categories |= {"requester": requester, "holder": holder, "state": {("active", y): n for y, n in totals.items()}}
    days = {step: [] for step in STEPS}
    assert set(days) <= set(LABELS)
    return [board(categories, {}, days, PARTIES, year) for year in (None, 2022, 2023)]


@given(asked=_COUNTS, held=_COUNTS)
def test_the_total_less_what_one_side_shows_is_no_small_count(asked: list[int], held: list[int]) -> None:
    for found in _boards(asked, held):
        sides = [t for t in found.tables if t.id in {"requester", "holder"}]
        if found.total is None:
            continue
        for line in (next(one for one in table.lines if one.id == CAF) for table in sides):
            assert line.count is None or not is_small(found.total - line.count)
