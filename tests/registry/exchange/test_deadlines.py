"""Clocks of an exchange: working days, stops, urgency; whatever happens, net time never exceeds elapsed time."""

import copy
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.convention import Convention
from registry.exchange.deadlines import Clock, Level, Stop, clocks, level_of, next_due
from registry.exchange.deadlines.stops import due_date
from registry.exchange.file import ClockEvent, File, InformationRequest
from registry.exchange.working_days import is_working_day
from schemas import enumeration
from tests.world import CAF, SGL, reference, request_document

FILED = date(2023, 4, 26)  # a Wednesday
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
levels = st.builds(Level, st.integers(0, 400), st.sampled_from(enumeration("time_unit")))


def convention(**levels_set: dict[str, object]) -> Convention:
    document = copy.deepcopy(reference("convention"))
    document["service_levels"] |= levels_set
    return Convention(document)


def filed(**facts: object) -> File:
    about = {
        "id": "x", "convention": "c", "reference": "EX-2023-001", "state": "filed", "request": request_document(),
        "version": 1, "document_hash": "h", "requester": SGL, "holder": CAF, "initiated_by": SGL, "studying_party": CAF,
        "controllers": [CAF, SGL], "created_by": "a", "created_on": FILED, "last_changed_on": FILED, "filed_on": FILED,
        "state_since": FILED,
    }  # fmt: skip
    return File(**(about | facts))


def clock(name: str, file: File, today: date, of: Convention | None = None) -> Clock:
    return next(one for one in clocks(file, of or convention(), today) if one.name == name)


def stop(first: date, last: date | None) -> Stop:
    return Stop(stopped_on=first, resumed_on=last, cause="referred")


def test_working_days_leave_out_weekends_and_french_public_holidays() -> None:
    assert [day for day in range(1, 32) if not is_working_day(date(2023, 5, day))] == [
        1, 6, 7, 8, 13, 14, 18, 20, 21, 27, 28, 29,
    ]  # fmt: skip
    admissibility = clock("admissibility", filed(), date(2023, 5, 3))
    assert (admissibility.due_on, admissibility.past_due) == (date(2023, 5, 4), False)  # 27, 28 April, 2, 3, 4 May
    assert (admissibility.elapsed_days, admissibility.parties) == (7, [CAF])
    assert clock("admissibility", filed(), date(2023, 5, 5)).past_due


def test_a_convention_sets_its_own_delays() -> None:
    of = convention(admissibility={"value": 3, "unit": "weeks", "label": "", "anchor": "", "law": False})
    assert clock("admissibility", filed(), FILED, of).due_on == FILED + timedelta(21)


def test_a_stopped_clock_has_no_due_date_and_waits_for_nobody_until_it_runs_again() -> None:
    stopped = ClockEvent(kind="stopped", on=date(2023, 4, 28), cause="awaiting_information")
    asked = InformationRequest(requested_on=stopped.on, due_on=date(2023, 5, 13), items=["Le canal"])
    waiting = filed(
        state="awaiting_information", interrupted_state="filed", clock_events=[stopped], information_requests=[asked]
    )
    for today in (stopped.on, date(2023, 6, 1)):
        one = clock("admissibility", waiting, today)
        assert (one.stopped, one.due_on, one.past_due, one.parties) == (True, None, False, [])
        assert (one.elapsed_days, one.net_days) == ((today - FILED).days, 2)
    due = next_due(waiting, convention())
    assert due is not None
    assert (due.clock, due.on, due.parties) == ("information", date(2023, 5, 13), (SGL,))
    dropping = clock("information_drop", waiting, date(2023, 5, 28))
    assert (dropping.due_on, dropping.opens, dropping.past_due) == (date(2023, 5, 28), "dropping", True)
    resumed = ClockEvent(kind="resumed", on=date(2023, 5, 9), cause="awaiting_information")
    again = clock("admissibility", filed(clock_events=[stopped, resumed]), date(2023, 5, 9))
    assert (again.due_on, again.net_days, again.elapsed_days) == (date(2023, 5, 12), 2, 13)


def test_an_urgent_request_has_shorter_targets_and_none_is_skipped() -> None:
    plain = {one.name for one in clocks(filed(), convention(), FILED)}
    urgent = filed(needed_by=FILED + timedelta(30), urgency_reason="Rentrée")
    assert {one.name for one in clocks(urgent, convention(), FILED)} == plain
    assert level_of("dpo_opinion", convention(), urgent) == Level(7, "working_days")  # half of 15, as 30 is of 60
    assert clock("whole_file_target", urgent, FILED).due_on == FILED + timedelta(30)
    assert level_of("cnil_prior_consultation", convention(), urgent) == Level(8, "weeks")  # the law's own
    late = filed(needed_by=FILED - timedelta(1), urgency_reason="Rentrée")
    assert level_of("study", convention(), late) == Level(1, "days")
    assert level_of("study", convention(), filed(needed_by=FILED + timedelta(30))) == Level(30, "days")


@given(levels, days, st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60)), max_size=4), st.booleans())
def test_stops_never_make_anything_due_earlier(
    level: Level, start: date, gaps: list[tuple[int, int]], left_open: bool
) -> None:
    stops, day = [], start
    for gap, length in gaps:
        stops.append(stop(day + timedelta(gap), day + timedelta(gap + length)))
        day = stops[-1].resumed_on or day
    before = due_date(level, start, [])
    assert before is not None
    for count in range(len(stops) + 1):
        after = due_date(level, start, stops[:count])
        assert after is not None
        assert start <= before <= after
        before = after
    if left_open:
        open_due = due_date(level, start, [*stops, stop(day, None)])
        assert open_due is None or open_due <= day


events = st.lists(
    st.builds(
        ClockEvent, kind=st.sampled_from(["stopped", "resumed"]), on=days, cause=st.sampled_from(enumeration("state"))
    ),
    max_size=5,
)


@given(
    st.sampled_from(enumeration("state")), events, days, days, st.none() | days, st.none() | days, st.none() | days,
    st.dates(),
)  # fmt: skip
def test_clocks_are_total_and_net_time_never_exceeds_elapsed_time(
    state: str,
    happened: list[ClockEvent],
    filed_on: date,
    since: date,
    admitted: date | None,
    review: date | None,
    needed: date | None,
    today: date,
) -> None:
    file = filed(
        state=state, clock_events=happened, filed_on=filed_on, state_since=since, admitted_on=admitted,
        activated_on=admitted, next_review_on=review, needed_by=needed, urgency_reason="Urgence",
    )  # fmt: skip
    for one in clocks(file, convention(), today):
        assert 0 <= one.net_days <= one.elapsed_days
        assert one.due_on is None or one.due_on >= one.started_on or one.name == "review"
        assert not (one.ended_on is not None and one.parties)
        assert one.label
    later = max([today, filed_on, since, *(event.on for event in happened)])
    due = next_due(file, convention())
    running = [c for c in clocks(file, convention(), later) if c.due_on and not c.opens and c.parties]
    assert (due.on if due else None) == min((c.due_on for c in running if c.due_on), default=None)


@pytest.mark.parametrize("today", [date.min, date.max])
def test_clocks_hold_at_both_ends_of_the_calendar(today: date) -> None:
    assert all(one.elapsed_days >= 0 for one in clocks(filed(), convention(), today))
