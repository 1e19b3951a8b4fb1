"""The days on which time alone changes what the life phase finds of an exchange: between two, nothing does."""

import math
from collections.abc import Iterator
from datetime import date, timedelta

from registry.conformity.reading import Document, Reading, lines, part
from registry.conformity.terms import add_days, add_months, as_date
from schemas import vocabulary

_ONE = timedelta(days=1)


def turning_days(file: Document, convention: Document) -> set[date]:
    """The first days of a new answer of AIPD-05, CONV-03, CONV-14, CYC-03, CYC-04 or CYC-05; the other checks of the
    phase do not read the day."""
    r = Reading(file, convention, date.min)
    return {day for day in _days(r) if day is not None}


def _days(r: Reading) -> Iterator[date | None]:
    yield as_date(r.convention.get("terminated_on"))
    yield _after(r.until)
    yield _after(as_date(r.file.get("next_review_on")))
    for asked in lines(r.file, "information_requests"):
        yield _after(as_date(asked.get("due_on")))
    completed = as_date(part(r.file, "dpia_record").get("completed_on"))
    if completed is not None:
        yield _after(add_months(completed, int(r.setting("dpia_review_months"))))
    yield _without_flow(r)


def _without_flow(r: Reading) -> date | None:
    frequency = vocabulary()["enumerations"]["frequency"].get(r.request.get("frequency") or "", {})
    days = [day for key in ("last_flow_on", "activated_on") if (day := as_date(r.file.get(key))) is not None]
    if frequency.get("period_days") is None or not days:
        return None
    allowed = math.ceil(r.setting("inactivity_periods") * frequency["period_days"])
    return _after(add_days(max(days), allowed))


def _after(day: date | None) -> date | None:
    return day + _ONE if day is not None and day < date.max else None
