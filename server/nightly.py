"""The server makes the nightly pass by itself: once a night, in one process, as `ecluse nightly` does by hand."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from registry.clock import paris_day
from registry.gate import Gate
from registry.gate.nightly import AlreadyRunning, nightly
from registry.storage.cleaning import clean
from registry.storage.engines import Busy
from registry.storage.life_checks import last_pass

EVERY = 300.0
"""Seconds between two looks at the clock."""
HOUR = 2
"""The hour, in Paris, from which the pass of the day is made."""
_PARIS = ZoneInfo("Europe/Paris")
_log = structlog.get_logger("ecluse")


async def make_due_pass(gate: Gate, holder: str) -> bool:
    """Make the pass if this day's is due and not made; whether it was made here. Raises Busy or OSError."""
    now = gate.now()
    last = await gate.engine.read(last_pass)
    if last is not None and last >= _due(now):
        return False
    try:
        done = await nightly(gate.engine, gate.now, holder, mailing=gate.mailing)
    except AlreadyRunning:
        return False
    with contextlib.suppress(Busy):  # tried again by the cleaner
        await clean(gate.engine)
    _log.info("nightly pass", day=done.day.isoformat(), examined=done.examined, changes=len(done.changes))
    return True


def _due(now: datetime) -> date:
    """The day whose pass should be made by now: before two o'clock, the day before."""
    return paris_day(now) - timedelta(days=now.astimezone(_PARIS).hour < HOUR)


@asynccontextmanager
async def every_night(gate: Gate) -> AsyncIterator[None]:
    """Look at the clock from time to time, as long as the body runs."""
    holder = str(uuid.uuid4())

    async def run() -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await make_due_pass(gate, holder)
            except (Busy, OSError) as error:
                _log.warning("nightly pass postponed", reason=str(error))

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
