"""Working days: Monday to Friday, French public holidays excepted (code du travail, art. L. 3133-1)."""

from datetime import date, timedelta
from functools import lru_cache

_FIRST, _LAST = 1900, 2199
"""Years whose public holidays are known; outside them every Monday to Friday is a working day."""
_SATURDAY = 5
_ONE = timedelta(days=1)


def is_working_day(day: date) -> bool:
    """Whether people are expected at work that day."""
    return day.weekday() < _SATURDAY and day not in _public_holidays(day.year)


@lru_cache(maxsize=64)
def _public_holidays(year: int) -> frozenset[date]:
    if not _FIRST <= year <= _LAST:
        return frozenset()
    from holidays import country_holidays  # slow to import, and most commands count no day

    return frozenset(country_holidays("FR", years=year))


def following(day: date) -> date:
    """The next day; the last of the calendar stays where it is."""
    return day if day == date.max else day + _ONE
