"""The job that forgets what is over: sessions past their limits, unused challenges, old counts of tries."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from registry.gate import Gate
from registry.storage.accounts_sessions import forget_expired
from registry.storage.engines import Busy

EVERY = 600.0
"""Seconds between two rounds. What is over is refused at once; this only frees its place."""

_log = structlog.get_logger("ecluse")


@asynccontextmanager
async def expiring(gate: Gate) -> AsyncIterator[None]:
    """Run the job as long as the body runs."""

    async def run() -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await gate.engine.transact(lambda tx: forget_expired(tx, gate.now()))
            except (Busy, OSError) as error:
                _log.warning("expiry postponed", reason=str(error))

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
