"""The witness's state: one small SQLite file, flushed at every commit, that belongs to it alone."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from registry.ledger.checkpoints import Checkpoint, parse_checkpoint
from registry.ledger.keys import Verifier, parse_vkey
from registry.ledger.merkle import EMPTY_ROOT
from registry.ledger.notes import split_note

_SCHEMA = """
CREATE TABLE witness (name TEXT NOT NULL);
CREATE TABLE log (origin TEXT PRIMARY KEY, vkeys TEXT NOT NULL, url TEXT, followed INTEGER NOT NULL DEFAULT 1,
    note BLOB, time INTEGER, line BLOB, handed_in INTEGER NOT NULL DEFAULT 0, stopped TEXT);
"""
_COLUMNS = "origin, vkeys, url, followed, note, time, line, handed_in, stopped"
_WAIT = 10.0


@dataclass(frozen=True)
class Followed:
    """A log and what is kept of it. `note`: the newest head, as it was seen; `time` (POSIX seconds) and `line`: this
    witness's last cosignature on it, None until it was signed; `stopped`: the sentence that says why, if it is."""

    origin: str
    keys: tuple[Verifier, ...]
    url: str | None
    followed: bool
    note: bytes | None
    time: int | None
    line: bytes | None
    handed_in: bool
    stopped: str | None

    @property
    def head(self) -> Checkpoint:
        """The head kept; that of the empty tree before the first."""
        if self.note is None:
            return Checkpoint(self.origin, 0, EMPTY_ROOT)
        return parse_checkpoint(split_note(self.note)[0])


class Store:
    """The file. Threads may share it; so may processes."""

    def __init__(self, path: Path) -> None:
        """Open an existing file. Raises OSError when it is not there or not a witness's."""
        try:
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_WAIT, isolation_level=None,
                check_same_thread=False,
            )  # fmt: skip
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self.name = str(self._connection.execute("SELECT name FROM witness").fetchone()[0])
        except (sqlite3.Error, TypeError) as error:
            raise OSError(f"« {path} » n'est pas l'état d'un témoin ({error})") from error
        self._lock = threading.Lock()

    @classmethod
    def create(cls, path: Path, name: str) -> Self:
        """A new state file, in place of none. Raises FileExistsError."""
        path.touch(mode=0o600, exist_ok=False)
        connection = sqlite3.connect(path)
        with connection:
            connection.executescript(_SCHEMA)
            connection.execute("INSERT INTO witness (name) VALUES (?)", (name,))
        connection.close()
        return cls(path)

    def close(self) -> None:
        self._connection.close()

    def logs(self) -> list[Followed]:
        """The logs that are followed, by origin."""
        with self._lock:
            rows = self._connection.execute(f"SELECT {_COLUMNS} FROM log WHERE followed = 1 ORDER BY origin")
            return [_followed(row) for row in rows]

    def find(self, origin: str) -> Followed | None:
        """What is known of a log, followed or no longer."""
        with self._lock:
            return self._find(origin)

    def follow(self, key: Verifier) -> None:
        """Trust a key for the log it is named after; a log may have two while one is being replaced."""
        with self._transaction():
            known = self._find(key.name)
            keys = [*(known.keys if known else ()), key]
            vkeys = " ".join(dict.fromkeys(each.vkey for each in keys))
            self._connection.execute(
                "INSERT INTO log (origin, vkeys) VALUES (?, ?) "
                "ON CONFLICT (origin) DO UPDATE SET vkeys = excluded.vkeys, followed = 1",
                (key.name, vkeys),
            )

    def leave(self, origin: str) -> None:
        """Stop following a log; its head is kept for ever."""
        self._change(origin, "followed = 0, stopped = NULL")

    def reached_at(self, origin: str, url: str) -> None:
        """Where the log is served."""
        self._change(origin, "url = ?", url)

    def stop(self, origin: str, reason: str) -> None:
        """Cosign nothing more of that log until the operator decides."""
        self._change(origin, "stopped = ?", reason)

    def resume(self, origin: str) -> None:
        """The operator has decided: go on from the head kept."""
        self._change(origin, "stopped = NULL")

    def advance(self, origin: str, note: bytes, require: Callable[[Followed], None]) -> None:
        """Replace the head kept, in one transaction with the check: `require` raises when it must not be.

        Flushed to disk when this returns. The former cosignature goes with its head; that of the same head stays.
        """
        with self._transaction():
            known = self._find(origin)
            if known is None:
                raise KeyError(origin)
            require(known)
            seen = parse_checkpoint(split_note(note)[0])
            if known.note is None or known.head != seen:
                self._connection.execute(
                    "UPDATE log SET note = ?, time = NULL, line = NULL, handed_in = 0 WHERE origin = ?", (note, origin)
                )

    def cosigned(self, head: Checkpoint, time: int, line: bytes) -> None:
        """Keep the cosignature, if its head is still the one kept."""
        with self._transaction():
            known = self._find(head.origin)
            if known is not None and known.head == head:
                self._connection.execute(
                    "UPDATE log SET time = ?, line = ?, handed_in = 0 WHERE origin = ?", (time, line, head.origin)
                )

    def handed_in(self, origin: str, line: bytes) -> None:
        """The host has taken in this line."""
        self._change(origin, "handed_in = 1", also=("line = ?", line))

    def _find(self, origin: str) -> Followed | None:
        row = self._connection.execute(f"SELECT {_COLUMNS} FROM log WHERE origin = ?", (origin,)).fetchone()
        return _followed(row) if row else None

    def _change(self, origin: str, change: str, *values: object, also: Sequence[object] = ()) -> None:
        where, *more = also or ("TRUE",)
        with self._transaction():
            self._connection.execute(f"UPDATE log SET {change} WHERE origin = ? AND {where}", (*values, origin, *more))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


def _followed(row: Sequence[object]) -> Followed:
    origin, vkeys, url, followed, note, time, line, handed_in, stopped = row
    keys = tuple(parse_vkey(vkey) for vkey in str(vkeys).split())
    return Followed(origin, keys, url, bool(followed), note, time, line, bool(handed_in), stopped)  # type: ignore[arg-type]
