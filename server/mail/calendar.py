"""Deadlines as a calendar file (iCalendar, RFC 5545): references and clocks, no title and nobody's name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Ecluse//Echeances//FR", "CALSCALE:GREGORIAN", "METHOD:PUBLISH")
_LONGEST = 75
"""Octets of a line (section 3.1)."""


@dataclass(frozen=True)
class Deadline:
    """A day on which something is due in an exchange; `id` stays the same as long as it is the same deadline."""

    id: str
    day: date
    summary: str
    url: str


def calendar(deadlines: Iterable[Deadline], now: datetime) -> bytes:
    """The calendar of these deadlines, each an event of a whole day."""
    lines = [*_HEAD, *(line for deadline in deadlines for line in _event(deadline, now)), "END:VCALENDAR"]
    return b"".join(piece + b"\r\n" for line in lines for piece in _folded(line))


def _event(deadline: Deadline, now: datetime) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{deadline.id}",
        f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{deadline.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{deadline.day + timedelta(1):%Y%m%d}",
        f"SUMMARY:{_escaped(deadline.summary)}",
        f"URL:{deadline.url}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _escaped(text: str) -> str:
    escapes = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"}
    return "".join(escapes.get(character, character) for character in text)


def _folded(line: str) -> Iterator[bytes]:
    """A content line in pieces of at most 75 octets, no character cut."""
    piece = b""
    for character in line:
        encoded = character.encode()
        if len(piece) + len(encoded) > _LONGEST:
            yield piece
            piece = b" "
        piece += encoded
    yield piece
