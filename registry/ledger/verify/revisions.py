"""The last revision of every object of a log, in bounded memory."""

import sqlite3
from typing import Self

IN_MEMORY = 100_000
"""Objects kept in memory (about 20 MB); beyond, all go to a temporary SQLite file that vanishes with the process."""
_CACHE_KIB = 16_384


class Revisions:
    """A map from an object's id (a UUID's text) to its last revision."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._limit = in_memory
        self._known: dict[bytes, int] = {}
        self._file: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def replace(self, object_id: str, revision: int) -> int | None:
        """Keep an object's last revision; answers the one before, None when the object is new.

        Raises sqlite3.Error when the temporary file cannot be written.
        """
        key = bytes.fromhex(object_id.replace("-", ""))
        if self._file:
            return self._replaced(self._file, key, revision)
        before = self._known.get(key)
        self._known[key] = revision
        if len(self._known) > self._limit:
            self._file = _temporary()
            self._file.executemany("INSERT INTO seen VALUES (?, ?)", self._known.items())
            self._known.clear()
        return before

    @staticmethod
    def _replaced(file: sqlite3.Connection, key: bytes, revision: int) -> int | None:
        row = file.execute("SELECT revision FROM seen WHERE object = ?", (key,)).fetchone()
        if row:
            file.execute("UPDATE seen SET revision = ? WHERE object = ?", (revision, key))
            return int(row[0])
        file.execute("INSERT INTO seen VALUES (?, ?)", (key, revision))
        return None


def _temporary() -> sqlite3.Connection:
    """A database of SQLite's own temporary file (its name is empty): no journal, never flushed."""
    file = sqlite3.connect("", isolation_level=None)
    file.execute("PRAGMA journal_mode = OFF")
    file.execute("PRAGMA synchronous = OFF")
    file.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    file.execute("CREATE TABLE seen (object BLOB PRIMARY KEY, revision INTEGER NOT NULL) WITHOUT ROWID")
    file.execute("BEGIN")
    return file
