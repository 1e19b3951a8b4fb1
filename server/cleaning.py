"""The background task that cleans the database's files after erasures, also those that a stop interrupted."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from registry.storage.cleaning import clean
from registry.storage.engines import Busy, Engine

_RETRY, _IDLE = 5.0, 3600.0
"""Seconds before the next look: while something is left to do, and otherwise (another process may have erased)."""
_log = structlog.get_logger("ecluse")


class Cleaner:
    """Cleans when woken, and at its start."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._erased = asyncio.Event()

    def wake(self) -> None:
        """Something was erased in this process."""
        self._erased.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._erased.clear()
            pause = _IDLE if await self._cleaned() else _RETRY
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._erased.wait(), pause)

    async def _cleaned(self) -> bool:
        try:
            return await clean(self._engine)
        except Busy as error:
            _log.warning("cleaning delayed", reason=str(error))
            return False


@asynccontextmanager
async def cleaning(cleaner: Cleaner) -> AsyncIterator[None]:
    """Run the cleaner as long as the body runs."""
    task = asyncio.create_task(cleaner.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
