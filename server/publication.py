"""The background task that publishes the logs while the application runs; when it may not sign, the server stops."""

import asyncio
import multiprocessing
import os
import signal
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

import structlog
from litestar import Litestar

from registry.clock import Clock
from registry.publishing.guard import SigningRefused
from registry.publishing.operator import Operator
from registry.publishing.timestamping import Timestamper
from registry.publishing.witnesses import Witnesses
from registry.storage.engines import Engine, engine_for
from server.home import load_guard, load_log_signer, load_recorder
from server.logs import configure_logs
from server.outgoing import ask
from server.readiness import require_current
from server.settings import Settings

if TYPE_CHECKING:
    import uvicorn

_log = structlog.get_logger("ecluse")


class Worker(Protocol):
    """Works until cancelled. Raises SigningRefused or OSError when the server must stop."""

    async def run(self) -> None: ...


def workers_of(settings: Settings, engine: Engine, operator: Operator, clock: Clock) -> tuple[Witnesses, list[Worker]]:
    """What speaks to witnesses, told of each head shown, and all that works beside the operator, it included."""
    witnesses = Witnesses(engine, load_log_signer(settings), ask, clock)
    operator.on_published.append(witnesses.tell)
    workers: list[Worker] = [operator, witnesses]
    if settings.tsa_url:
        workers.append(Timestamper(engine, settings.tsa_url, ask, clock))
    return witnesses, workers


@asynccontextmanager
async def publishing(workers: Sequence[Worker], app: Litestar) -> AsyncIterator[None]:
    """Run the operator, and what speaks to witnesses and to the timestamping authority, as long as the body runs.

    Signing refused (a fork would follow) or a guard that cannot be written stops the server: what cannot be signed
    must not be promised either. `app.state.failure` then holds the sentence for the operator, and `app.state.stop` is
    called.
    """

    async def run() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for worker in workers:
                    group.create_task(worker.run())
        except* Exception as errors:  # noqa: BLE001 - whatever ended the publication, nothing more may be promised
            error = _first(errors)
            expected = isinstance(error, (SigningRefused, OSError))
            app.state.failure = str(error) if expected else "La publication a échoué ; le journal du serveur dit où."
            _log.critical("publication stopped", reason=str(error), exc_info=None if expected else error)
            app.state.stop()

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """One exception of a group, however deep."""
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def stop_serving() -> None:
    """Ask the process that serves, or the one that started it beside others, to end."""
    parent = multiprocessing.parent_process()
    os.kill(parent.pid if parent and parent.pid else os.getpid(), signal.SIGTERM)


async def require_ready(settings: Settings) -> None:
    """Check, before anything is served, what the application checks again: keys, database, guard, witnesses.

    Raises SettingError, Unusable or SigningRefused, each with a sentence for the operator.
    """
    configure_logs()
    engine = engine_for(settings.database_url, pool_size=settings.pool_size)
    recorder, signer, guard = load_recorder(settings), load_log_signer(settings), load_guard(settings)
    await engine.open()
    try:
        await require_current(engine)
        await Operator(engine, recorder, signer, guard, settings.clock).check()
        await Witnesses(engine, signer, ask, settings.clock).check()
    finally:
        await engine.close()


def serve_until_stopped(server: "uvicorn.Server", app: Litestar, sockets: list[socket.socket] | None = None) -> None:
    """Serve in this process, on sockets that listen already when some are given.

    Raises SigningRefused when the publication stopped the server.
    """

    def stop() -> None:
        server.should_exit = True

    app.state.stop = stop
    server.run(sockets=sockets)
    if app.state.failure is not None:
        raise SigningRefused(app.state.failure)
