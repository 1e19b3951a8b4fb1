"""The nightly pass: what time alone changed in live exchanges (phase `life` of the checks).

Alerts are derived, so the pass writes no event: it keeps, for each finding, the first day in a row it was seen. Running
it twice changes nothing more; a lease lets one process run it at a time, and another takes over if that one stops.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from registry.clock import Clock, paris_day
from registry.conformity import Finding, check_convention, check_life, check_of, message
from registry.convention import Convention
from registry.exchange.file import File, as_document
from registry.storage.conventions import convention_ids, load_convention
from registry.storage.engines import Engine, Transaction
from registry.storage.findings import (
    Key,
    Seen,
    active_count,
    ended_findings,
    forget_findings,
    keep_findings,
    live_exchanges,
    seen_findings,
)
from registry.storage.leases import hold, release

TASK = "nightly"
LEASE_SECONDS = 600
"""How long a process that stopped answering keeps others waiting."""
PAGE = 100
"""Exchanges read in one transaction: short enough that nobody waits for the writer of SQLite."""


class AlreadyRunning(Exception):
    """Another process holds the lease of the pass."""


@dataclass(frozen=True)
class Change:
    """A finding whose answer changed since the last pass; `about` is the exchange's reference or the convention's id.
    `message` is None for one that is no longer seen."""

    about: str
    exchange: str
    check: str
    subject: str
    severity: str
    message: str | None


@dataclass(frozen=True)
class Pass:
    """What a pass did: the day it stood on, how many live exchanges it read, and what changed."""

    day: date
    examined: int
    changes: Sequence[Change]


async def nightly(engine: Engine, clock: Clock, holder: str) -> Pass:
    """Run the pass for every convention; `holder` names the process. Raises AlreadyRunning when another one runs it."""
    run = _Run(engine, clock, holder)
    try:
        for convention in await engine.read(convention_ids):
            await run.convention(convention)
    finally:
        await engine.transact(lambda tx: release(tx, TASK, holder))
    return Pass(paris_day(clock()), run.examined, run.changes)


@dataclass(frozen=True)
class _Page:
    examined: int
    changes: list[Change]
    following: int | None


class _Run:
    def __init__(self, engine: Engine, clock: Clock, holder: str) -> None:
        self.engine, self.clock, self.holder = engine, clock, holder
        self.examined = 0
        self.changes: list[Change] = []

    async def convention(self, convention_id: str) -> None:
        """Every live exchange of a convention, page by page, then the convention as a whole."""
        after: int | None = 0
        while after is not None:
            read = await self.engine.transact(partial(self._page, convention_id=convention_id, after=after))
            self.examined += read.examined
            self.changes += read.changes
            after = read.following
        self.changes += await self.engine.transact(lambda tx: self._whole(tx, convention_id))

    async def _begin(self, tx: Transaction, convention_id: str) -> tuple[Convention, date]:
        now = self.clock()
        if not await hold(tx, TASK, self.holder, int(now.timestamp()), LEASE_SECONDS):
            raise AlreadyRunning
        loaded = await load_convention(tx, convention_id)
        if loaded is None:
            raise LookupError(convention_id)
        return loaded.convention, paris_day(now)

    async def _page(self, tx: Transaction, convention_id: str, after: int) -> _Page:
        convention, today = await self._begin(tx, convention_id)
        page = await live_exchanges(tx, convention_id, after, PAGE)
        files = {file.id: file for _, file in page}
        found = {
            (file.id, f.id, f.subject): f for file in files.values() for f in _life_findings(file, convention, today)
        }
        changes = await _keep(tx, convention_id, files, found, today)
        return _Page(len(page), changes, page[-1][0] if len(page) == PAGE else None)

    async def _whole(self, tx: Transaction, convention_id: str) -> list[Change]:
        """What is found of the convention itself, and what was found of exchanges that have ended since."""
        convention, today = await self._begin(tx, convention_id)
        ended = await ended_findings(tx, convention_id)
        await forget_findings(tx, convention_id, list(ended))
        found = {
            ("", f.id, f.subject): f
            for f in check_convention(await active_count(tx, convention_id), convention.document, today)
        }
        changes = await _keep(tx, convention_id, {"": convention}, found, today)
        return [*(_gone(key, about) for key, about in ended.items()), *changes]


def _life_findings(file: File, convention: Convention, today: date) -> Iterable[Finding]:
    return check_life(as_document(file), convention.document, today)


async def _keep(
    tx: Transaction,
    convention_id: str,
    objects: Mapping[str, File | Convention],
    found: dict[Key, Finding],
    today: date,
) -> list[Change]:
    """Bring the projection to what was found of these objects; answers the difference."""
    if not objects:
        return []
    before = await seen_findings(tx, convention_id, list(objects))
    appeared = {key: finding for key, finding in found.items() if key not in before}
    gone = [key for key in before if key not in found]
    await keep_findings(tx, convention_id, {key: Seen(f.severity, today) for key, f in appeared.items()})
    await forget_findings(tx, convention_id, gone)

    def name(key: Key) -> str:
        about = objects[key[0]]
        return about.reference if isinstance(about, File) else about.id

    shown = [Change(name(key), key[0], key[1], key[2], f.severity, message(f)) for key, f in sorted(appeared.items())]
    return [*shown, *(_gone(key, name(key)) for key in sorted(gone))]


def _gone(key: Key, about: str) -> Change:
    exchange, check, subject = key
    return Change(about, exchange, check, subject, check_of(check).severity, None)
