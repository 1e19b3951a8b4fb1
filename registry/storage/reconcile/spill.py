"""What one pass leaves for the other, in a temporary file that SQLite deletes by itself: memory stays constant."""

import sqlite3
from typing import Self

import msgspec

_ACT = b'"act":"register-confirmations"'


class Confirmations:
    """The first day on which an exchange confirmed each register entry."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("")
        self._file.execute("CREATE TABLE first (entry TEXT PRIMARY KEY, day TEXT NOT NULL) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def note(self, facts: bytes) -> None:
        """Take in an event's facts, if they are of such a confirmation."""
        if _ACT not in facts:
            return
        try:
            told = msgspec.json.decode(facts)
            entry, day = str(told["input"]["entry"]), str(told["on"])
        except (msgspec.DecodeError, KeyError, TypeError):
            return
        self._file.execute(
            "INSERT INTO first VALUES (?, ?) ON CONFLICT DO UPDATE SET day = min(day, excluded.day)", (entry, day)
        )

    def first(self, entry: str) -> str | None:
        """The day, None when the entry was never confirmed."""
        found = self._file.execute("SELECT day FROM first WHERE entry = ?", (entry,)).fetchone()
        return str(found[0]) if found else None
