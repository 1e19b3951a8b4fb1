"""Service levels: how long each step may take, as the convention sets it (`service_levels`), else by default.

None is in the convention's text: they are targets. Passing one raises an alert or makes an act available; it never
acts. A level the law sets (GDPR art. 36(2)) is not shortened by urgency.
"""

from datetime import date
from typing import NamedTuple

from registry.conformity.terms import add_days, add_months
from registry.convention import Convention
from registry.exchange.file import File
from registry.exchange.working_days import following, is_working_day


class Level(NamedTuple):
    """A length of time: `unit` is a `time_unit` of the vocabulary."""

    value: int
    unit: str

    def after(self, start: date) -> date:
        """The last day of the delay that starts on `start`, that day not counted; hours are counted as days begun."""
        if self.unit == "working_days":
            return _working_days_after(start, self.value)
        if self.unit in _MONTHS:
            return add_months(start, self.value * _MONTHS[self.unit])
        return add_days(start, _in_days(self))

    @property
    def hours(self) -> int:
        """Its length in hours, for a delay that the hour of a day begins."""
        return self.value if self.unit == "hours" else 24 * _in_days(self)

    def shortened(self, left: int, whole: int) -> "Level":
        """The level of an urgent request: in the proportion of the days `left` to the `whole`, never under one day. A
        month then counts as thirty days."""
        if left >= whole:
            return self
        unit = self.unit if self.unit == "working_days" else "days"
        value = self.value if unit == "working_days" else _in_days(self)
        return Level(max(1, value * max(left, 0) // whole), unit)


DEFAULTS = {
    "acknowledgement": Level(2, "working_days"),
    "admissibility": Level(5, "working_days"),
    "dpo_opinion": Level(15, "working_days"),
    "study": Level(30, "days"),
    "decision": Level(10, "working_days"),
    "whole_file_target": Level(60, "days"),
    "whole_file_alert": Level(90, "days"),
    "information": Level(15, "days"),
    "information_drop": Level(30, "days"),
    "cnil_prior_consultation": Level(8, "weeks"),
    "lapse": Level(6, "months"),
    "closure_certificate": Level(30, "days"),
    "breach_notification": Level(72, "hours"),
    "rights_request": Level(1, "months"),
}
URGENT = frozenset({
    "acknowledgement", "admissibility", "dpo_opinion", "study", "decision", "whole_file_target", "whole_file_alert",
    "information",
})  # fmt: skip
"""Levels that urgency shortens."""

_MONTHS = {"months": 1, "years": 12}
_DAYS = {"days": 1, "weeks": 7, "months": 30, "years": 365}


def level_of(name: str, convention: Convention, file: File) -> Level:
    """The service level for an exchange: shorter when it is needed by a day and says why it is urgent."""
    level = _set(name, convention)
    start = file.requalified_on or file.filed_on
    if name not in URGENT or start is None or file.needed_by is None or not file.urgency_reason:
        return level
    whole = (_set("whole_file_target", convention).after(start) - start).days
    return level.shortened((file.needed_by - start).days, whole) if whole else level


def _set(name: str, convention: Convention) -> Level:
    level = (convention.document.get("service_levels") or {}).get(name)
    return Level(int(level["value"]), str(level["unit"])) if level else DEFAULTS[name]


def _in_days(level: Level) -> int:
    return -(-level.value // 24) if level.unit == "hours" else level.value * _DAYS[level.unit]


def _working_days_after(start: date, count: int) -> date:
    day = start
    while count > 0 and day < date.max:
        day = following(day)
        count -= is_working_day(day)
    return day
