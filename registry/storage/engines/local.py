"""The SQLite engine: one writer thread, a few reader threads, one hop per transaction."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from registry.storage.engines.bridge import Bridge
from registry.storage.engines.errors import ForeignKeyViolation
from registry.storage.engines.group import Transactional, perform_group
from registry.storage.engines.local_connection import LOCK_WAIT, Role, connect, prepare
from registry.storage.engines.local_errors import translated
from registry.storage.engines.local_transaction import DrivenTransaction, begin, commit, perform, records
from registry.storage.engines.streaming import Turns
from registry.storage.engines.worker import Workers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    from registry.storage.engines.interface import Isolation, Row, Work

T = TypeVar("T")
READERS = 2
SCHEMA_LOCK_WAIT = 600.0
_READING = ("SELECT", "EXPLAIN")


class LocalEngine(Bridge):
    """See `interface.Engine` for what each method promises."""

    dialect: Literal["sqlite"] = "sqlite"

    def __init__(self, path: Path, readers: int = READERS) -> None:
        super().__init__(self.dialect)
        self.path = path
        self._writer = Workers("sqlite-writer", partial(connect, path, "writer"), together=perform_group)
        self._readers = Workers("sqlite-reader", partial(connect, path, "reader"), readers)
        self._streams = Turns()

    async def open(self, *, create: bool = False) -> None:
        await asyncio.to_thread(prepare, self.path, create=create)
        await self._writer.start()
        await self._readers.start()

    async def close(self, *, grace: float = 5.0) -> None:
        await self._readers.stop(grace=grace)
        await self._writer.stop(_optimize, grace=grace)  # the last to close: it folds the write-ahead log into the file

    async def transact(self, work: Work[T], *, attempts: int = 5, isolation: Isolation = "read committed") -> T:
        current = self.current()
        if current is None:
            return await self._writer.run(Transactional(work, self.current_transaction), grouped=True)
        async with current.savepoint():
            return await work(current)

    async def read(self, work: Work[T], *, snapshot: bool = True) -> T:
        current = self.current()
        if current is None:
            return await self._readers.run(partial(perform, work, "BEGIN", self.current_transaction))
        return await work(current)

    async def stream(self, sql: str, *args: object, size: int = 2000) -> AsyncGenerator[list[Row], None]:
        async with self._streams.turn(), self._own("reader") as workers:
            await workers.run(lambda connection: connection.execute("BEGIN"))
            cursor = await workers.run(lambda connection: connection.execute(sql, args))
            while rows := await workers.run(lambda _: cursor.fetchmany(size)):
                yield rows

    async def maintain(self, sql: str, *args: object) -> list[Row]:
        async with self._own("writer") as workers:
            return await workers.run(lambda connection: connection.execute(sql, args).fetchall())

    @asynccontextmanager
    async def schema_change(self) -> AsyncIterator[DrivenTransaction]:
        async with self._scope("schema", SCHEMA_LOCK_WAIT) as tx:
            yield tx
            if (broken := await tx.row("PRAGMA foreign_key_check")) is not None:
                raise ForeignKeyViolation(broken[0], constraint=f"reference to {broken[2]}")

    def scope(self) -> contextlib.AbstractAsyncContextManager[DrivenTransaction]:
        return self._scope("writer", LOCK_WAIT)

    async def single(self, sql: str, args: list[Any]) -> list[dict[str, Any]]:
        workers = self._readers if sql.lstrip().upper().startswith(_READING) else self._writer
        try:
            return await workers.run(lambda connection: records(connection, sql, args))
        except sqlite3.Error as error:
            raise translated(error) from error

    @asynccontextmanager
    async def _scope(self, role: Role, lock_wait: float) -> AsyncIterator[DrivenTransaction]:
        """A transaction that spans awaits has its own connection, lest it hold up the one writer's queue."""
        async with self._own(role, lock_wait) as workers:
            inner = await workers.run(lambda connection: begin(connection, "BEGIN IMMEDIATE"))
            token = self.current_transaction.set(tx := DrivenTransaction(workers, inner))
            try:
                yield tx
                await workers.run(commit)
            finally:  # without COMMIT, closing the connection rolls back
                inner.end()
                self.current_transaction.reset(token)

    @asynccontextmanager
    async def _own(self, role: Role, lock_wait: float = LOCK_WAIT) -> AsyncIterator[Workers]:
        workers = Workers(f"sqlite-own-{role}", partial(connect, self.path, role, lock_wait), spans_jobs=True)
        await workers.start()
        try:
            yield workers
        finally:
            await workers.stop()


def _optimize(connection: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.Error):
        connection.execute("PRAGMA busy_timeout=0")  # a closing process waits for no other
        connection.execute("PRAGMA analysis_limit=400")
        connection.execute("PRAGMA optimize")
