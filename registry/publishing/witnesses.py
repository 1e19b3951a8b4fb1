"""Sending heads to the witnesses that can be reached: each gets the newest one, in its own task, when it is ready."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from registry.clock import Clock, timestamp
from registry.ledger.checkpoints import Checkpoint
from registry.ledger.policy import Policy
from registry.ledger.signers import LogSigner
from registry.publishing.patience import Patience
from registry.publishing.policies import policy_of
from registry.publishing.serving import shown_head
from registry.publishing.standing import unwitnessed_since
from registry.publishing.submitting import Ask, Submitter, Target, Uncosigned, targets_of
from registry.storage.engines import Busy, Engine, Transaction, Unreachable
from registry.storage.heads import Signed, last_line
from registry.storage.logs import Log, logs_in_use

SCAN = 30.0
"""Seconds between two looks at all logs, for heads that a witness has not cosigned yet."""
REFRESH = 3600
"""Seconds after which the same head is cosigned again: quiet logs have fresh heads too."""
LATE = timedelta(minutes=10)
"""How long cosignatures may be missing without a warning."""
_LONGEST = 60.0
"""Seconds between two attempts at a witness that does not answer, at most."""
_LONGEST_REFUSED = 600.0
"""The same for a head that a witness answers but does not cosign (it does not follow that log)."""
_WARN_AGAIN = 3600.0

_log = structlog.get_logger("ecluse")


@dataclass(frozen=True)
class _Job:
    log: Log
    policy: Policy
    target: Target


class Witnesses:
    """Keeps one task for each witness that is behind, so one request in flight; publication never waits for it."""

    def __init__(self, engine: Engine, log_signer: LogSigner, ask: Ask, clock: Clock) -> None:
        self._engine = engine
        self._submitter = Submitter(engine, log_signer, ask)
        self._clock = clock
        self._changed = False
        self._woken = asyncio.Event()
        self._busy: set[Target] = set()
        self._again: set[Target] = set()
        self._hosts: Patience[Target] = Patience()
        self._heads: Patience[_Job] = Patience()
        self._warned: dict[str, float] = {}

    async def tell(self, _log_shown: Log, _signed: Signed) -> None:
        """A head is shown."""
        self._changed = True
        self._woken.set()

    async def check(self) -> None:
        """Ask the witnesses that answer what they hold, before anything is signed. Raises SigningRefused."""

        async def compare(log: Log, target: Target, stored: tuple[Checkpoint, bytes]) -> None:
            await self._submitter.require_held(log, target, stored[0])

        await self._ask_each(compare)

    async def held(self) -> list[tuple[str, bytes]]:
        """What the witnesses that answer hold of this host's logs: each one's name and the note."""
        found = []

        async def keep(log: Log, target: Target, stored: tuple[Checkpoint, bytes]) -> None:
            found.append((target.key.name, stored[1]))

        await self._ask_each(keep)
        return found

    async def _ask_each(self, use: Callable[[Log, Target, tuple[Checkpoint, bytes]], Awaitable[None]]) -> None:
        """Ask every witness, side by side, for the head it holds of each log."""
        jobs = await self._engine.read(_every)

        async def ask(target: Target) -> None:
            for job in jobs:
                if job.target == target and (stored := await self._submitter.stored(job.log, target)) is not None:
                    await use(job.log, target, stored)

        targets = [*dict.fromkeys(job.target for job in jobs)]
        for target, outcome in zip(
            targets, await asyncio.gather(*map(ask, targets), return_exceptions=True), strict=True
        ):
            if isinstance(outcome, OSError):
                _log.warning("witness not reached", witness=target.key.name, reason=str(outcome))
            elif outcome is not None:
                raise outcome

    async def run(self) -> None:
        """Work until cancelled. Raises SigningRefused when a witness holds another history than the database."""
        scanned = -SCAN
        async with asyncio.TaskGroup() as group:
            while True:
                full = time.monotonic() - scanned >= SCAN
                try:
                    if full:
                        scanned = time.monotonic()
                        await self._warn()
                    await self._start(group, full=full)
                except (Busy, Unreachable) as error:
                    _log.warning("cosignatures delayed", reason=str(error))
                await self._wait()

    async def _start(self, group: asyncio.TaskGroup, *, full: bool) -> None:
        """A task for each witness that may be behind and is not being spoken to."""
        if not (full or self._changed or self._hosts.is_due() or self._heads.is_due()):
            return
        self._changed = False
        jobs = await self._engine.read(_every)
        self._hosts.keep({job.target for job in jobs})
        self._heads.keep(set(jobs))
        for target in dict.fromkeys(job.target for job in jobs):
            if target in self._busy:
                self._again.add(target)
            elif self._hosts.is_ready(target):
                self._busy.add(target)
                group.create_task(self._serve(target, [job for job in jobs if job.target == target]))

    async def _serve(self, target: Target, jobs: list[_Job]) -> None:
        """Send a witness the newest head of each log it is behind on; a log it refuses does not hold up the others."""
        try:
            for job in jobs:
                if self._heads.is_ready(job):
                    await self._send(job)
        except (OSError, Busy, Unreachable) as error:
            attempts = self._hosts.failed(target, _LONGEST)
            _log.warning("witness not reached", witness=target.key.name, attempts=attempts, reason=str(error))
        else:
            self._hosts.succeeded(target)
        finally:
            self._busy.discard(target)
        if target in self._again:
            self._again.discard(target)
            self._changed = True
            self._woken.set()

    async def _send(self, job: _Job) -> None:
        now = int(self._clock().timestamp())
        if not await self._engine.read(lambda tx: _is_due(tx, job, now)):
            return
        try:
            await self._submitter.submit(job.log, job.target, job.policy, now)
        except Uncosigned as error:
            attempts = self._heads.failed(job, _LONGEST_REFUSED)
            reason, name = str(error), job.target.key.name
            _log.warning("head not cosigned", witness=name, origin=job.log.origin, attempts=attempts, reason=reason)
        else:
            self._heads.succeeded(job)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(1.0):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()

    async def _warn(self) -> None:
        """Say which logs wait for their quorum, and since when."""

        async def waiting(tx: Transaction) -> list[tuple[str, str]]:
            found = [(log.origin, await unwitnessed_since(tx, log)) for log in await logs_in_use(tx)]
            return [(origin, since) for origin, since in found if since is not None]

        late = timestamp(self._clock() - LATE)
        for origin, since in await self._engine.read(waiting):
            if since < late and self._warned.get(origin, -_WARN_AGAIN) <= time.monotonic() - _WARN_AGAIN:
                self._warned[origin] = time.monotonic()
                _log.warning("cosignatures missing", origin=origin, since=since)


async def _every(tx: Transaction) -> list[_Job]:
    """Each log in use with each witness of its policy that can be reached."""
    policies: dict[str, Policy | None] = {}
    jobs = []
    for log in await logs_in_use(tx):
        if log.owner not in policies:
            policies[log.owner] = await policy_of(tx, log.owner)
        policy = policies[log.owner]
        if policy is not None:
            jobs += [_Job(log, policy, target) for target in targets_of(policy)]
    return jobs


async def _is_due(tx: Transaction, job: _Job, now: int) -> bool:
    head, last = await shown_head(tx, job.log), await last_line(tx, job.log, job.target.key.name)
    return head is not None and (last is None or last[0] < head.size or now - last[1] >= REFRESH)
