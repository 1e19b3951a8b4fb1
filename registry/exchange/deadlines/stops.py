"""Stops of the clock: from the day of a stop to the day of its end; the days after the first count for nobody."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from registry.exchange.deadlines.levels import Level
from registry.exchange.file import File
from registry.exchange.working_days import following, is_working_day


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """From `stopped_on`, not included, to `resumed_on`, included (None: still stopped); `cause` is a state."""

    stopped_on: date
    resumed_on: date | None
    cause: str


def stops_of(file: File) -> list[Stop]:
    """The stops of the procedure's clocks, in order, none over another."""
    found: list[Stop] = []
    for event in file.clock_events:
        running = not found or found[-1].resumed_on is not None
        if event.kind == "stopped" and running:
            earliest = found[-1].resumed_on or event.on if found else event.on
            found.append(Stop(stopped_on=max(event.on, earliest), resumed_on=None, cause=event.cause))
        elif event.kind == "resumed" and not running:
            ended = max(event.on, found[-1].stopped_on)
            found[-1] = msgspec.structs.replace(found[-1], resumed_on=ended)
    return found


def within(stops: Sequence[Stop], start: date, end: date, *, running: bool) -> list[Stop]:
    """The stops of a clock that ran from `start` to `end` (`running`: and does still), cut at its start."""
    return [
        msgspec.structs.replace(stop, stopped_on=max(stop.stopped_on, start))
        for stop in stops
        if (stop.stopped_on < end or (running and stop.resumed_on is None))
        and (stop.resumed_on is None or stop.resumed_on > start)
    ]


def stopped_days(stops: Sequence[Stop], end: date) -> int:
    """How many days of these stops had passed by `end`."""
    return sum(max((min(stop.resumed_on or end, end) - stop.stopped_on).days, 0) for stop in stops)


def due_date(level: Level, start: date, stops: Sequence[Stop]) -> date | None:
    """The last day of the delay, put off by its stops; None while stopped: nobody knows it yet."""
    if level.unit == "working_days":
        return _working_due(level.value, start, stops)
    due = level.after(start)
    for stop in stops:
        if stop.stopped_on >= due:
            break
        if stop.resumed_on is None:
            return None
        due = _later(due, (stop.resumed_on - stop.stopped_on).days)
    return due


def _working_due(count: int, start: date, stops: Sequence[Stop]) -> date | None:
    day, waiting = start, list(stops)
    while count > 0 and day < date.max:
        if waiting and waiting[0].stopped_on <= day:
            resumed = waiting.pop(0).resumed_on
            if resumed is None:
                return None
            day = max(day, resumed)
            continue
        day = following(day)
        count -= is_working_day(day)
    return day


def _later(day: date, days: int) -> date:
    return day + timedelta(days=min(days, (date.max - day).days))
