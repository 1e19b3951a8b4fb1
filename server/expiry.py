"""The job that forgets what is over: every ten minutes what lives shortly, once a day what has a longer period."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import structlog

from registry.clock import paris_day
from registry.gate import Gate
from registry.gate.retention import keep_periods
from registry.storage.accounts_sessions import forget_expired
from registry.storage.engines import Busy
from registry.storage.retention import Periods

EVERY = 600.0
"""Seconds between two rounds. What is over is refused at once; this only frees its place."""

_log = structlog.get_logger("ecluse")


class Expiry:
    """Rounds of one process; several processes may run them, each finds what the others left."""

    def __init__(self, gate: Gate, periods: Periods) -> None:
        self._gate, self._periods = gate, periods
        self._day: date | None = None

    async def round(self) -> None:
        """Forget what is over; everything that is, the first time of a day. Raises Busy or OSError."""
        today = paris_day(self._gate.now())
        if today == self._day:
            await self._gate.engine.transact(lambda tx: forget_expired(tx, self._gate.now()))
            return
        done = await self._gate.unattended(lambda session: keep_periods(session, self._periods))
        self._day = today
        if done.rows or done.accounts:
            _log.info("periods kept", accounts=done.accounts, **done.rows)


@asynccontextmanager
async def expiring(gate: Gate, periods: Periods) -> AsyncIterator[None]:
    """Run the job as long as the body runs."""

    async def run() -> None:
        expiry = Expiry(gate, periods)
        while True:
            await asyncio.sleep(EVERY)
            try:
                await expiry.round()
            except (Busy, OSError) as error:
                _log.warning("expiry postponed", reason=type(error).__name__)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
