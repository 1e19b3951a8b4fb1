"""From BEGIN to COMMIT on PostgreSQL, giving the connection back whatever happens in between."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from registry.storage.engines.errors import NothingCommitted, Unreachable
from registry.storage.engines.server_errors import REFUSALS, translated, was_lost
from registry.storage.engines.server_transaction import ServerTransaction

if TYPE_CHECKING:
    from contextvars import ContextVar, Token
    from types import TracebackType

    from registry.storage.engines.pool import Connection, Pool

ROLLBACK_WAIT = 5.0
"""Seconds for a ROLLBACK; then the connection is cut, which rolls back as surely."""

_clean_ups: set[asyncio.Task[None]] = set()


class ServerScope:
    """`async with`: one transaction on one connection of the pool."""

    __slots__ = ("_begin", "_connection", "_current", "_pool", "_token", "_tx")

    def __init__(self, pool: Pool, begin: str, current: ContextVar[Any]) -> None:
        self._pool = pool
        self._begin = begin
        self._current = current

    async def __aenter__(self) -> ServerTransaction:
        self._connection: Connection = await self._pool.acquire()
        try:
            await self._connection.execute(self._begin)
        except BaseException as error:
            await give_up(self._pool, self._connection)
            if was_lost(self._connection, error):
                self._pool.distrust()
                message = "the connection was lost before the transaction began"
                raise Unreachable(message) from error
            raise
        self._tx = ServerTransaction(self._connection)
        self._token: Token[Any] = self._current.set(self._tx)
        return self._tx

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tx.end()
        self._current.reset(self._token)
        if error is not None:
            await give_up(self._pool, self._connection)
            if was_lost(self._connection, error):
                self._pool.distrust()
                message = "the connection was lost in mid-transaction: nothing was committed"
                raise Unreachable(message) from error
            return
        try:
            outcome = await self._connection.execute("COMMIT")
        except BaseException as failure:
            await give_up(self._pool, self._connection)
            if isinstance(failure, REFUSALS):
                raise translated(failure) from failure
            raise
        self._pool.release(self._connection)
        if outcome != "COMMIT":  # the server answers ROLLBACK, and calls it a success
            message = "a statement failed and its error was caught outside a savepoint: nothing was committed"
            raise NothingCommitted(message)


async def give_up(pool: Pool, connection: Connection) -> None:
    """Roll back and give the connection back, even if whoever waits here is cancelled meanwhile."""
    if connection.is_closed():
        pool.release(connection)
        return
    task = asyncio.get_running_loop().create_task(_roll_back(pool, connection))
    _clean_ups.add(task)  # the loop itself keeps only a weak reference
    task.add_done_callback(_clean_ups.discard)
    await asyncio.shield(task)


async def _roll_back(pool: Pool, connection: Connection) -> None:
    try:
        await connection.execute("ROLLBACK", timeout=ROLLBACK_WAIT)
    except Exception:  # noqa: BLE001  whatever the reason, the answer is the same
        connection.terminate()
    finally:
        pool.release(connection)
