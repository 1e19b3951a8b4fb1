"""What time alone changed in live exchanges (phase `life` of the checks): one pass over one convention.

Alerts are derived, so the pass writes no event: it keeps, for each finding, the first day in a row it was seen. An
exchange is read when an act touched it or its next turning day came; all of them when the convention's rules changed.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from registry.conformity import Finding, check_convention, check_life, check_of, message, rules_of, rules_version
from registry.conformity.terms import add_months, in_force_until
from registry.conformity.turning import turning_days
from registry.convention import Convention
from registry.exchange.file import File, as_document
from registry.storage.conventions import LoadedConvention
from registry.storage.engines import Transaction
from registry.storage.findings import Key, Seen, active_count, forget_findings, keep_findings, seen_findings
from registry.storage.life_checks import (
    LIVE,
    due_checks,
    keep_days,
    keep_rules,
    last_rules,
    live_exchanges,
)

PAGE = 100
"""Exchanges read in one transaction: short enough that nobody waits for the writer of SQLite."""

Page = tuple[int, list["Change"], int | None]
"""How many exchanges were read, what changed, and the position after which the next page begins, if any."""
Work = Callable[[Transaction, LoadedConvention, date], Awaitable[Page]]


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


class LifeChecks:
    """The pass over one convention; `step` runs each of its transactions, under the lease of the pass."""

    def __init__(self, step: Callable[[Work], Awaitable[Page]]) -> None:
        self._step = step
        self.examined = 0
        self.changes: list[Change] = []

    async def run(self) -> None:
        """Every exchange that has to be read, page by page, then the convention as a whole."""
        after: int | None = 0
        while after is not None:
            examined, changes, after = await self._step(partial(_sweep, after=after))
            self.examined += examined
            self.changes += changes
        while True:
            examined, changes, _ = await self._step(_due)
            self.examined += examined
            self.changes += changes
            if examined < PAGE:
                break
        self.changes += (await self._step(_whole))[1]


def _rules(loaded: LoadedConvention) -> str:
    return f"{rules_version()}/{loaded.revision}"


async def _sweep(tx: Transaction, loaded: LoadedConvention, today: date, *, after: int) -> Page:
    """A page of all live exchanges, when the rules are not those of the last pass (or the clock went back)."""
    last = await last_rules(tx, loaded.convention.id)
    if last is not None and last[0] == _rules(loaded) and last[1] <= today:
        return 0, [], None
    page = await live_exchanges(tx, loaded.convention.id, after, PAGE)
    changes = await _read(tx, loaded.convention, [file for _, file in page], today)
    return len(page), changes, page[-1][0] if len(page) == PAGE else None


async def _due(tx: Transaction, loaded: LoadedConvention, today: date) -> Page:
    files = await due_checks(tx, loaded.convention.id, today, PAGE)
    return len(files), await _read(tx, loaded.convention, files, today), None


async def _whole(tx: Transaction, loaded: LoadedConvention, today: date) -> Page:
    """What is found of the convention itself; then its pass is over."""
    convention = loaded.convention
    months = int(rules_of(convention.document).settings["term_warning_months"])
    near = in_force_until(convention.document) < add_months(today, months)
    active = await active_count(tx, convention.id) if near else 0
    found = {("", f.id, f.subject): f for f in check_convention(active, convention.document, today)}
    changes = await _keep(tx, convention.id, {"": convention}, found, today)
    await keep_rules(tx, convention.id, _rules(loaded), today)
    return 0, changes, None


async def _read(tx: Transaction, convention: Convention, files: Sequence[File], today: date) -> list[Change]:
    """Bring the findings of these exchanges up to date, and note when each is to be read next."""
    found: dict[Key, Finding] = {}
    days: list[tuple[File, date | None]] = []
    for file in files:
        document = as_document(file)
        live = file.state in LIVE
        if live:
            found |= {(file.id, f.id, f.subject): f for f in check_life(document, convention.document, today)}
        turns = turning_days(document, convention.document) if live else ()
        days.append((file, min((day for day in turns if day > today), default=None)))
    await keep_days(tx, days)
    return await _keep(tx, convention.id, {file.id: file for file in files}, found, today)


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
