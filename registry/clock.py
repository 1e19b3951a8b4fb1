"""Time as the domain sees it: instants are aware UTC, days are the convention's (Europe/Paris)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Answers the present instant, aware and in UTC; injected everywhere, read nowhere else."""

_PARIS = ZoneInfo("Europe/Paris")


def system_clock() -> datetime:
    """The machine's present instant, in UTC."""
    return datetime.now(UTC)


def clock_on(day: date) -> Clock:
    """A clock whose Paris day is always `day`, the time of day running as the machine's (tests, demonstration)."""

    def now() -> datetime:
        local = datetime.now(_PARIS)
        return datetime.combine(day, local.time(), _PARIS).astimezone(UTC)

    return now


def paris_day(now: datetime) -> date:
    """The calendar day of an instant at the convention's place."""
    return now.astimezone(_PARIS).date()


def end_of_day(day: date) -> datetime:
    """The instant at which a Paris day is over."""
    return datetime.combine(day + timedelta(days=1), time(), _PARIS).astimezone(UTC)


def timestamp(now: datetime) -> str:
    """An instant as the ledger writes it: UTC, milliseconds, `Z`; sorts as text in order of time."""
    return now.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
