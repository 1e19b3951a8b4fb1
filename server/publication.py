"""The background task that publishes the logs while the application runs; when it may not sign, the process stops."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from litestar.datastructures import State

from registry.publishing.guard import SigningRefused
from registry.publishing.operator import Operator

_log = structlog.get_logger("ecluse")


@asynccontextmanager
async def publishing(operator: Operator, state: State) -> AsyncIterator[None]:
    """Run the operator as long as the body runs.

    Signing refused (a fork would follow) or a guard that cannot be written ends the whole process: what cannot be
    signed must not be promised either. `state.failure` then holds the sentence for the operator.
    """

    async def run() -> None:
        try:
            await operator.run()
        except (SigningRefused, OSError) as error:
            state.failure = str(error)
            _log.critical("publication stopped", reason=str(error))
            os.kill(os.getpid(), signal.SIGTERM)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
