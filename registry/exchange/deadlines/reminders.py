"""When people are reminded of a due date: three working days before, on the day, and once it is past."""

from datetime import date, timedelta

from registry.exchange.deadlines.levels import Level
from registry.exchange.working_days import is_working_day

LEAD = 3
"""Working days before the due date."""


def reminded_on(due_on: date) -> date:
    """The day of the first reminder of a due date."""
    day, left = due_on, LEAD
    while left and day > date.min:
        left -= is_working_day(day)
        day -= timedelta(days=1)
    return day


def last_reminded(today: date) -> date:
    """The last due date that is reminded of by `today`."""
    return Level(LEAD, "working_days").after(today)
