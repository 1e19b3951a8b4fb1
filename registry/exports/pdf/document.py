"""What a PDF says, apart from how it looks: `document.typ` lays it out."""

import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from registry.processing.normal import clean

_PARIS = ZoneInfo("Europe/Paris")
_UNDRAWABLE = re.compile(
    "[^\n\u0020-\u007e\u00a0-\u024f\u0300-\u036f\u0370-\u03ff\u0400-\u04ff\u05d0-\u05ea\u0600-\u06ff\u1e00-\u1fff"
    "\u2010-\u2027\u202f-\u205e\u2070-\u209c\u20a0-\u20bf\u2190-\u2193\u2260-\u2265\u2610-\u2612\u2713\ufffd]"
)
"""Characters beyond those that the fonts of the typesetter are known to draw. PDF/A forbids a text without glyphs."""
_ENDLESS = re.compile(r"\S{60}")
"""A word longer than a line: unbroken it would leave the page, and a string longer than PDF/A allows."""


def drawable(text: str) -> str:
    """The text as it can be drawn: what no font has is shown as U+FFFD, endless words may be broken. Attachments keep
    the original."""
    return _ENDLESS.sub(lambda match: f"{match.group(0)}\u200b", _UNDRAWABLE.sub("\ufffd", clean(text)))


@dataclass(frozen=True)
class Section:
    """A heading (level 1 or 2), then paragraphs, then terms with their values, a table, a chart, each if any.

    `bars` are the chart: a label, a length between 0 and 1 (None without a bar), and the value as it is written.
    """

    heading: str
    level: int = 1
    paragraphs: list[str] = field(default_factory=list)
    terms: list[tuple[str, str]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    bars: list[tuple[str, float | None, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Attachment:
    """A file embedded in the PDF, byte for byte: `data` says the same as the page, `supplement` more."""

    name: str
    path: Path
    media_type: str
    description: str
    relationship: Literal["data", "supplement", "alternative"] = "supplement"


@dataclass(frozen=True)
class Pdf:
    """A document; `made_at` (an aware instant) is its date, so that the same content gives the same bytes."""

    title: str
    made_at: datetime
    author: str
    lines: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)

    def view(self) -> dict[str, Any]:
        """What the template reads; every text drawable."""
        day = self.made_at.astimezone(_PARIS)
        seen: dict[str, Any] = _drawn(
            {
                "title": self.title,
                "author": self.author,
                "footer": self.title,
                "lines": self.lines,
                "sections": [asdict(section) for section in self.sections],
            }
        )
        attached = [
            {"path": item.name, "mime": item.media_type, "description": item.description,
             "relationship": item.relationship}
            for item in self.attachments
        ]  # fmt: skip
        return {**seen, "date": [day.year, day.month, day.day], "attachments": attached}


def _drawn(value: Any) -> Any:
    if isinstance(value, str):
        return drawable(value)
    if isinstance(value, dict):
        return {key: _drawn(item) for key, item in value.items()}
    return [_drawn(item) for item in value] if isinstance(value, list | tuple) else value
