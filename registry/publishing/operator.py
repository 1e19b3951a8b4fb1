"""Drives the logs of an installation: one process at a time sequences and publishes, across replicas."""

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Awaitable, Callable

import structlog

from registry.clock import Clock
from registry.ledger.signers import LogSigner, Recorder
from registry.publishing.guard import Guard
from registry.publishing.publisher import Publisher
from registry.publishing.sequencer import BATCH, Sequencer
from registry.storage.engines import Busy, Engine, Transaction, Unreachable
from registry.storage.heads import Signed, unpublished_logs, unsequenced_logs
from registry.storage.leases import hold, release
from registry.storage.logs import Log, every_log, logs_in_use

LEASE, LEASE_SECONDS = "operator", 5
INTERVAL = 0.25
"""Seconds between two rounds, and between two looks for records that another process wrote."""
_PAUSE = 1.0

_log = structlog.get_logger("ecluse")
OnPublished = Callable[[Log, Signed], Awaitable[None]]


class Operator:
    """Numbers and publishes whatever waits. A user's write never waits for it."""

    def __init__(self, engine: Engine, recorder: Recorder, log_signer: LogSigner, guard: Guard, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self.sequencer = Sequencer(engine, recorder, log_signer)
        self.publisher = Publisher(engine, log_signer, guard)
        self.holder = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
        self._written = asyncio.Event()
        self.on_published: list[OnPublished] = []
        """Told of each head once it is shown; they must not raise nor take long."""

    def wake(self) -> None:
        """Something was recorded in this process."""
        self._written.set()

    async def check(self) -> None:
        """Compare every log in use with the guard. Raises SigningRefused: the host must not start."""
        for log in await self._engine.read(logs_in_use):
            await self.publisher.check(log)

    async def run(self) -> None:
        """Work until cancelled; the lease is given back at the end.

        Raises SigningRefused or OSError (the guard cannot be written): the host must stop. A database that is busy or
        out of reach is asked again.
        """
        try:
            while True:
                began = time.monotonic()
                try:
                    if await self._hold():
                        await self.round()
                except (Busy, Unreachable) as error:
                    _log.warning("publication delayed", reason=str(error))
                    await asyncio.sleep(_PAUSE)
                await asyncio.sleep(max(0.0, began + INTERVAL - time.monotonic()))
                await self._wait()
        finally:
            await asyncio.shield(self._release())

    async def round(self) -> None:
        """Sequence and publish every log where something waits, in order of owner and year.

        That order closes a year before the next one is opened.
        """
        for log in await self._engine.read(_waiting):
            while await self.sequencer.sequence(log, self._clock()) >= BATCH:
                await self._hold()
            signed = await self.publisher.publish(log, self._clock())
            if signed is not None:
                for tell in self.on_published:
                    await tell(log, signed)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(INTERVAL):
                await self._written.wait()
        except TimeoutError:
            return
        self._written.clear()

    async def _hold(self) -> bool:
        now = int(time.time())
        return await self._engine.transact(lambda tx: hold(tx, LEASE, self.holder, now, LEASE_SECONDS))

    async def _release(self) -> None:
        await self._engine.transact(lambda tx: release(tx, LEASE, self.holder))


async def _waiting(tx: Transaction) -> list[Log]:
    ids = {*await unsequenced_logs(tx), *await unpublished_logs(tx)}
    return [log for log in await every_log(tx) if log.id in ids] if ids else []
