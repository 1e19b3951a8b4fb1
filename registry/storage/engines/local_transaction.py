"""A transaction on SQLite: in the database's thread, or driven from the event loop statement by statement."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from registry.storage.engines.errors import Ended
from registry.storage.engines.local_errors import translated
from registry.storage.engines.savepoint import Savepoint
from registry.storage.engines.worker import drive

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from contextvars import ContextVar

    from registry.storage.engines.interface import Row
    from registry.storage.engines.worker import Workers

T = TypeVar("T")
_OVER = Ended("the transaction is over")
_UNDONE = Ended("SQLite has undone the transaction after an error: it cannot go on")


class LocalTransaction:
    """Its coroutines call sqlite3 directly and never suspend: `drive` runs them in the connection's own thread."""

    __slots__ = ("_connection", "_savepoints")
    dialect: Literal["sqlite"] = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: Any = connection
        self._savepoints = 0

    @property
    def ended(self) -> bool:
        return isinstance(self._connection, Ended)

    def end(self) -> None:
        self._connection = _OVER

    async def rows(self, sql: str, *args: object) -> list[Row]:
        try:
            rows: list[Row] = self._connection.execute(sql, args).fetchall()
        except sqlite3.Error as error:
            raise self._refused(error) from error
        return rows

    async def row(self, sql: str, *args: object) -> Row | None:
        try:
            row: Row | None = self._connection.execute(sql, args).fetchone()
        except sqlite3.Error as error:
            raise self._refused(error) from error
        return row

    async def value(self, sql: str, *args: object) -> Any:
        row = await self.row(sql, *args)
        return None if row is None else row[0]

    async def execute(self, sql: str, *args: object) -> int:
        try:
            cursor: sqlite3.Cursor = self._connection.execute(sql, args)
            if cursor.description is not None:  # RETURNING: the count is known only after the last row
                cursor.fetchall()
        except sqlite3.Error as error:
            raise self._refused(error) from error
        return max(cursor.rowcount, 0)

    async def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        try:
            self._connection.executemany(sql, rows)
        except sqlite3.Error as error:
            raise self._refused(error) from error

    async def records(self, sql: str, args: Sequence[object]) -> list[dict[str, Any]]:
        try:
            return records(self._connection, sql, args)
        except sqlite3.Error as error:
            raise self._refused(error) from error

    def savepoint(self) -> Savepoint:
        self._savepoints += 1
        return Savepoint(self, self._savepoints)

    def _refused(self, error: sqlite3.Error) -> Exception:
        if not self._connection.in_transaction:
            # Disk full, I/O error: SQLite rolled back by itself, and the next statement would commit on its own.
            self._connection = _UNDONE
        return translated(error)


class DrivenTransaction:
    """A `LocalTransaction` for code of the event loop that opens one with `async with`: one hop per statement."""

    __slots__ = ("_inner", "_savepoints", "_workers")
    dialect: Literal["sqlite"] = "sqlite"

    def __init__(self, workers: Workers, inner: LocalTransaction) -> None:
        self._workers = workers
        self._inner = inner
        self._savepoints = 0

    @property
    def ended(self) -> bool:
        return self._inner.ended

    async def rows(self, sql: str, *args: object) -> list[Row]:
        return await self._there(lambda: self._inner.rows(sql, *args))

    async def row(self, sql: str, *args: object) -> Row | None:
        return await self._there(lambda: self._inner.row(sql, *args))

    async def value(self, sql: str, *args: object) -> Any:
        return await self._there(lambda: self._inner.value(sql, *args))

    async def execute(self, sql: str, *args: object) -> int:
        return await self._there(lambda: self._inner.execute(sql, *args))

    async def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        await self._there(lambda: self._inner.execute_many(sql, rows))

    async def records(self, sql: str, args: Sequence[object]) -> list[dict[str, Any]]:
        return await self._there(lambda: self._inner.records(sql, args))

    def savepoint(self) -> Savepoint:
        self._savepoints += 1
        return Savepoint(self, self._savepoints)

    async def _there(self, statement: Callable[[], Awaitable[T]]) -> T:
        return await self._workers.run(lambda _: drive(statement()))


def begin(connection: sqlite3.Connection, how: str) -> LocalTransaction:
    """Open a transaction. Raises `Busy` when another process keeps the file locked."""
    try:
        connection.execute(how)
    except sqlite3.Error as error:
        raise translated(error) from error
    return LocalTransaction(connection)


def commit(connection: sqlite3.Connection) -> None:
    """COMMIT; what it refuses (a deferred foreign key) in the house's words."""
    try:
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise translated(error) from error


def records(connection: sqlite3.Connection, sql: str, args: Sequence[object]) -> list[dict[str, Any]]:
    """Piccolo's way to read rows: as dictionaries."""
    cursor = connection.execute(sql, args)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def perform(
    work: Callable[[LocalTransaction], Awaitable[T]],
    how: str,
    current: ContextVar[Any],
    connection: sqlite3.Connection,
) -> T:
    """The whole transaction, BEGIN to COMMIT or ROLLBACK, without leaving the connection's thread.

    `current` tells Piccolo's queries inside `work` which transaction is theirs.
    """
    tx = begin(connection, how)
    current.set(tx)
    try:
        result = drive(work(tx))
        commit(connection)
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        tx.end()
    return result
