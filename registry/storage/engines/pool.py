"""PostgreSQL connections, lent one at a time.

asyncpg's own pool costs a proxy, a task and a reset query per loan; ours lends the connection itself, and whoever
borrows it gives it back outside any transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, TypeAlias

import asyncpg  # type: ignore[import-untyped]  # it publishes no types

from registry.storage.engines.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Pool:
    """At most `size` connections, opened when needed; the one used last is lent first."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], size: int, patience: float) -> None:
        """`patience`: seconds to wait for a connection before `Busy`."""
        self._connect = connect
        self._size = size
        self._patience = patience
        self._opened = 0
        self._idle: list[Connection] = []
        self._lent: set[Connection] = set()
        # A waiter gets a connection, or None: the right to open one.
        self._waiters: deque[asyncio.Future[Connection | None]] = deque()
        self.closed = True

    @property
    def idle(self) -> int:
        return sum(not connection.is_closed() for connection in self._idle)

    async def open(self) -> None:
        """Open a first connection, so that a wrong address is known at once."""
        self.closed = False
        try:
            self.release(await self.acquire())
        except BaseException:
            self.closed = True
            raise

    async def acquire(self) -> Connection:
        """Raises `Busy` after `patience` seconds, or what connecting raises."""
        if self.closed:
            message = "the database is closed"
            raise RuntimeError(message)
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                self._lent.add(connection)
                return connection
            self._opened -= 1
        if self._opened < self._size:
            self._opened += 1
            return await self._open_one()
        return await self._wait()

    def release(self, connection: Connection) -> None:
        """Give back. A connection that is broken or still in a transaction is cut, never lent again."""
        self._lent.discard(connection)
        if not connection.is_closed() and (self.closed or connection.is_in_transaction()):
            connection.terminate()
        if connection.is_closed():
            self._offer(None)
        else:
            self._offer(connection)

    def distrust(self) -> None:
        """Cut the idle connections: one was lost, and a server that restarts loses them all."""
        for connection in self._idle:
            connection.terminate()

    async def close(self, grace: float = 5.0) -> None:
        """Refuse new loans, wait `grace` seconds for those out, then cut them."""
        self.closed = True
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_exception(Busy("the database is closing"))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                while self._lent:
                    await asyncio.sleep(0.01)
                while self._idle:
                    await self._idle[-1].close()
                    self._idle.pop()
        for connection in (*self._lent, *self._idle):
            connection.terminate()
        self._idle.clear()
        self._opened = len(self._lent)

    async def _open_one(self) -> Connection:
        try:
            connection = await self._connect()
        except BaseException:
            self._offer(None)
            raise
        self._lent.add(connection)
        return connection

    def _offer(self, connection: Connection | None) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                if connection is not None:
                    self._lent.add(connection)
                waiter.set_result(connection)
                return
        if connection is None:
            self._opened -= 1
        else:
            self._idle.append(connection)

    async def _wait(self) -> Connection:
        waiter: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(self._patience):
                connection = await waiter
        except BaseException as error:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:  # served as it gave up
                self._pass_on(waiter.result())
            if isinstance(error, TimeoutError):
                message = f"no database connection was free for {self._patience:g} seconds"
                raise Busy(message) from error
            raise
        return await self._open_one() if connection is None else connection

    def _pass_on(self, connection: Connection | None) -> None:
        if connection is None:
            self._offer(None)
        else:
            self.release(connection)
