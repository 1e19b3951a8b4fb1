"""The nightly pass: life checks, reminders, digests, and what is kept no longer.

A lease lets one process run it at a time; another takes over if that one stops. Running it twice changes nothing more.
Its cost grows with what is due or was touched since the last pass, not with what exists.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from registry.clock import Clock, paris_day
from registry.gate.life_checks import Change, LifeChecks
from registry.gate.reminding import put_in_mail, remind, remind_of_convention, stages
from registry.storage.conventions import LoadedConvention, convention_ids, load_convention
from registry.storage.engines import Engine, Transaction
from registry.storage.leases import hold, release
from registry.storage.life_checks import keep_pass
from registry.storage.notices import forget_reminders
from registry.storage.outbox import forget_mails
from registry.storage.webhooks import forget_deliveries

TASK = "nightly"
LEASE_SECONDS = 600
"""How long a process that stopped answering keeps others waiting."""
_MAILS, _REMINDERS = timedelta(days=90), timedelta(days=400)

T = TypeVar("T")


async def _old_mails(tx: Transaction, now: datetime) -> None:
    await forget_mails(tx, now - _MAILS)


async def _old_reminders(tx: Transaction, now: datetime) -> None:
    await forget_reminders(tx, paris_day(now - _REMINDERS))


async def _old_deliveries(tx: Transaction, now: datetime) -> None:
    await forget_deliveries(tx, now - _MAILS)


RETENTION: tuple[Callable[[Transaction, datetime], Awaitable[None]], ...] = (
    _old_mails,
    _old_reminders,
    _old_deliveries,
)
"""What is kept for a time only: each forgets, in a transaction of its own, what is over by now."""


class AlreadyRunning(Exception):
    """Another process holds the lease of the pass."""


@dataclass(frozen=True)
class Pass:
    """What a pass did: the day it stood on, how many exchanges it read, and what changed."""

    day: date
    examined: int
    changes: Sequence[Change]


async def nightly(engine: Engine, clock: Clock, holder: str, *, mailing: bool = False) -> Pass:
    """Run the whole pass; `holder` names the process, `mailing` says that reminders and digests are worth writing.
    Raises AlreadyRunning when another one runs it."""
    run = _Run(engine, clock, holder)
    try:
        for convention in await engine.read(convention_ids):
            await run.convention(convention)
            if mailing:
                await run.calendar(convention)
        if mailing:
            await run.mail()
        for forget in RETENTION:
            await run.leased(forget)
        await run.leased(lambda tx, now: keep_pass(tx, paris_day(now)))
    finally:
        await engine.transact(lambda tx: release(tx, TASK, holder))
    return Pass(paris_day(clock()), run.examined, run.changes)


class _Run:
    def __init__(self, engine: Engine, clock: Clock, holder: str) -> None:
        self.engine, self.clock, self.holder = engine, clock, holder
        self.examined = 0
        self.changes: list[Change] = []

    async def leased(self, work: Callable[[Transaction, datetime], Awaitable[T]]) -> T:
        """A transaction of the pass. Raises AlreadyRunning."""

        async def held(tx: Transaction) -> T:
            now = self.clock()
            if not await hold(tx, TASK, self.holder, int(now.timestamp()), LEASE_SECONDS):
                raise AlreadyRunning
            return await work(tx, now)

        return await self.engine.transact(held)

    async def convention(self, convention_id: str) -> None:
        """The life checks of one convention."""

        async def step(work: Callable[[Transaction, LoadedConvention, date], Awaitable[T]]) -> T:
            async def loaded(tx: Transaction, now: datetime) -> T:
                found = await load_convention(tx, convention_id)
                if found is None:
                    raise LookupError(convention_id)
                return await work(tx, found, paris_day(now))

            return await self.leased(loaded)

        checks = LifeChecks(step)
        await checks.run()
        self.examined += checks.examined
        self.changes += checks.changes

    async def calendar(self, convention_id: str) -> None:
        """What the calendar of one convention gives to tell."""

        async def told(tx: Transaction, now: datetime) -> None:
            found = await load_convention(tx, convention_id)
            if found is not None:
                await remind_of_convention(tx, found.convention, now)

        await self.leased(told)

    async def mail(self) -> None:
        """Reminders of every kind, then what each person is to read."""
        for stage in stages(date.min + timedelta(days=99)):
            while await self.leased(lambda tx, now, stage=stage: remind(tx, now, stage)):  # type: ignore[misc]
                pass
        after: str | None = ""
        while after is not None:
            after = await self.leased(lambda tx, now, after=after: put_in_mail(tx, now, after))  # type: ignore[misc]
