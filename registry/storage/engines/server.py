"""The PostgreSQL engine: a pool, short transactions, and another try where the server asks for one."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import asyncpg  # type: ignore[import-untyped]  # it publishes no types

from registry.storage.engines.bridge import Bridge
from registry.storage.engines.errors import Busy, Unreachable, Unusable
from registry.storage.engines.placeholders import numbered
from registry.storage.engines.pool import Connection, Pool
from registry.storage.engines.server_errors import NOT_NOW, REFUSALS, RETRYABLE, translated, was_lost
from registry.storage.engines.server_scope import ServerScope, give_up
from registry.storage.engines.server_transaction import ServerTransaction
from registry.storage.engines.streaming import Turns

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable

    from registry.storage.engines.interface import Isolation, Row, Work

T = TypeVar("T")
OLDEST = 15
POOL_SIZE = 10
PATIENCE = 5.0
_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_BEGIN: dict[Isolation, str] = {
    "read committed": "BEGIN ISOLATION LEVEL READ COMMITTED",
    "repeatable read": "BEGIN ISOLATION LEVEL REPEATABLE READ",
    "serializable": "BEGIN ISOLATION LEVEL SERIALIZABLE",
}
_SHORT_WAIT = "SET lock_timeout = '5s'"
"""Maintenance that waits for a table makes everybody wait behind it."""
_MIGRATION_LOCK = "SELECT pg_advisory_xact_lock(7, 20261124)"


class ServerEngine(Bridge):
    """See `interface.Engine` for what each method promises."""

    dialect: Literal["postgres"] = "postgres"

    def __init__(self, dsn: str, pool_size: int = POOL_SIZE, patience: float = PATIENCE) -> None:
        super().__init__(self.dialect)
        self._dsn = dsn
        self.pool = Pool(self.get_new_connection, pool_size, patience)
        self._streams = Turns()

    async def get_new_connection(self) -> Connection:
        """A connection outside the pool, for LISTEN and the like; the caller closes it. Raises `Unreachable`."""
        try:
            return await asyncpg.connect(
                self._dsn,
                timeout=10,
                statement_cache_size=512,
                max_cached_statement_lifetime=0,  # a timer per statement, to prepare again what has not changed
                server_settings={"application_name": "ecluse", "jit": "off", "timezone": "UTC"},
            )
        except NOT_NOW as error:
            message = f"le serveur de base de données ne répond pas : {error}"
            raise Unreachable(message) from error

    async def open(self, *, create: bool = False) -> None:
        try:
            await self.pool.open()
        except (Unreachable, asyncpg.PostgresError, ValueError) as error:
            message = f"la base ne peut pas être ouverte : {error}"
            raise Unusable(message) from error
        connection = await self.pool.acquire()
        version = connection.get_server_version()
        self.pool.release(connection)
        if version.major < OLDEST:
            await self.close()
            message = f"PostgreSQL {version.major} est trop ancien : Écluse demande {OLDEST} ou plus récent"
            raise Unusable(message)

    async def close(self, *, grace: float = 5.0) -> None:
        await self.pool.close(grace)

    async def transact(self, work: Work[T], *, attempts: int = 5, isolation: Isolation = "read committed") -> T:
        current = self.current()
        if current is not None:
            async with current.savepoint():
                return await work(current)
        return await self._persist(partial(self._once, _BEGIN[isolation], work), attempts)

    async def read(self, work: Work[T], *, snapshot: bool = True) -> T:
        current = self.current()
        if current is not None:
            return await work(current)
        return await self._persist(partial(self._once, _SNAPSHOT, work) if snapshot else partial(self._plainly, work))

    async def stream(self, sql: str, *args: object, size: int = 2000) -> AsyncGenerator[list[Row], None]:
        async with self._streams.turn():
            connection = await self.get_new_connection()
            try:
                await connection.execute(_SNAPSHOT)
                cursor = await connection.cursor(numbered(sql), *args)
                while rows := await cursor.fetch(size):
                    yield rows
            finally:
                connection.terminate()  # it only read: nothing to wait for, nothing to undo

    async def maintain(self, sql: str, *args: object) -> list[Row]:
        connection = await self.get_new_connection()
        try:
            await connection.execute(_SHORT_WAIT)
            return list(await connection.fetch(numbered(sql), *args))
        except asyncpg.LockNotAvailableError as error:
            message = "a table was in use for too long"
            raise Busy(message) from error
        finally:
            connection.terminate()

    @asynccontextmanager
    async def schema_change(self) -> AsyncIterator[ServerTransaction]:
        async with self.scope() as tx:
            await tx.execute(_MIGRATION_LOCK)
            yield tx

    def scope(self) -> ServerScope:
        return ServerScope(self.pool, _BEGIN["read committed"], self.current_transaction)

    async def single(self, sql: str, args: list[Any]) -> list[dict[str, Any]]:
        async with self._lent() as connection:
            try:
                return [dict(record) for record in await connection.fetch(sql, *args)]
            except REFUSALS as error:
                raise translated(error) from error

    async def _once(self, begin: str, work: Work[T]) -> T:
        async with ServerScope(self.pool, begin, self.current_transaction) as tx:
            return await work(tx)

    async def _plainly(self, work: Work[T]) -> T:
        connection = await self.pool.acquire()
        token = self.current_transaction.set(tx := ServerTransaction(connection))
        try:
            result = await work(tx)
        except BaseException as error:
            await give_up(self.pool, connection)
            if was_lost(connection, error):
                self.pool.distrust()
                message = "the connection was lost while reading"
                raise Unreachable(message) from error
            raise
        finally:
            tx.end()
            self.current_transaction.reset(token)
        self.pool.release(connection)
        return result

    async def _persist(self, once: Callable[[], Awaitable[T]], attempts: int = 5) -> T:
        """Run again, after a little while, what met a rival or lost its connection with nothing committed."""
        for attempt in range(1, attempts):
            try:
                return await once()
            except (*RETRYABLE, Unreachable):
                await asyncio.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311  spreads rivals, guards nothing
        try:
            return await once()
        except RETRYABLE as error:
            message = f"the transaction met a rival {attempts} times"
            raise Busy(message) from error

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[Connection]:
        connection = await self.pool.acquire()
        try:
            yield connection
        except BaseException:
            await give_up(self.pool, connection)
            raise
        self.pool.release(connection)
