"""A limit on the number of open streams: each holds a connection, and on SQLite a thread."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from registry.storage.engines.errors import Busy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

STREAMS = 8
PATIENCE = 5.0
"""Seconds to wait for a turn."""


class Turns:
    """At most `count` at a time; the next wait `PATIENCE` seconds, then get `Busy`."""

    def __init__(self, count: int = STREAMS) -> None:
        self._free = asyncio.Semaphore(count)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._free.acquire()
        except TimeoutError as error:
            message = "too many exports are being read from the database"
            raise Busy(message) from error
        try:
            yield
        finally:
            self._free.release()
