"""Reminders and digests: what the nightly pass puts in the outbox. Each reminder is given once."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from registry.clock import paris_day
from registry.convention import Convention
from registry.convention_alerts import TOLD, Alert, alerts
from registry.exchange.deadlines.reminders import last_reminded
from registry.exchange.working_days import is_working_day
from registry.storage.accounts import roles_of
from registry.storage.due import Waiting, to_remind
from registry.storage.engines import Transaction
from registry.storage.notices import (
    DAILY,
    NEVER,
    NOW,
    Notice,
    gather,
    keep_notices,
    preferences,
    remind_once,
    untold,
)
from registry.storage.outbox import post

PAGE = 100
_PAST = 7
"""Days after a due date within which its passing is still told: a pass may have been missed."""
_RECENT = 30
"""Days after an alert of a convention began within which it is still told."""
OF_CONVENTION = "convention"
"""What the stage of a reminder says when it is about the convention, not about an exchange."""
_MORNING = time(7)
_PARIS = ZoneInfo("Europe/Paris")
_SUMMARY = msgspec.json.Decoder()


def stages(today: date) -> dict[str, tuple[date, date]]:
    """The due dates, first and last, that each kind of reminder is about on a day."""
    eve, morrow = today - timedelta(days=1), today + timedelta(days=1)
    week = today - timedelta(days=_PAST)
    return {"soon": (morrow, last_reminded(today)), "today": (today, today), "overdue": (week, eve)}


async def remind(tx: Transaction, now: datetime, stage: str) -> int:
    """A page of one kind of reminder; how many exchanges it was about (less than `PAGE`: no more)."""
    today = paris_day(now)
    first, last = stages(today)[stage]
    waiting = await to_remind(tx, stage, first, last, PAGE)
    told: list[Notice] = []
    for one in waiting:
        if await remind_once(tx, one.exchange, one.due_on, f"{stage} {one.party}"):
            told += await _notices(tx, one, stage, today)
    wishes = await preferences(tx, {notice.account for notice in told})
    kept = [(notice, None) for notice in told if wishes[notice.account].reminder != NEVER]
    await keep_notices(tx, kept, now)
    return len(waiting)


async def _notices(tx: Transaction, one: Waiting, stage: str, today: date) -> Sequence[Notice]:
    summary = _SUMMARY.decode(one.summary)
    due = summary["due"]
    held = await roles_of(tx, [one.party], today)
    return [
        Notice(
            account, one.party, "reminder", one.exchange, summary["reference"], f"{stage} {due['label']}", one.due_on
        )
        for account, roles in held.items()
        if roles.get(one.party, frozenset()) & set(due["roles"])
    ]


async def remind_of_convention(tx: Transaction, convention: Convention, now: datetime) -> None:
    """Tell those who bind the parties, and the secretariat, what the convention's calendar says since lately; once."""
    today = paris_day(now)
    told: list[Notice] = []
    for alert in alerts(convention, today, 0):
        recent = today - alert.since <= timedelta(days=_RECENT)
        if recent and await remind_once(tx, convention.id, alert.since, alert.kind):
            told += await _of_convention(tx, convention, alert, today)
    wishes = await preferences(tx, {notice.account for notice in told})
    kept = [(notice, None) for notice in told if wishes[notice.account].reminder != NEVER]
    await keep_notices(tx, kept, now)


async def _of_convention(tx: Transaction, convention: Convention, alert: Alert, today: date) -> Sequence[Notice]:
    parties = [str(party["id"]) for party in convention.parties() if convention.exists(party["id"], today)]
    held = await roles_of(tx, sorted(parties), today)
    return [
        Notice(account, party, "reminder", "", convention.id, f"{OF_CONVENTION} {alert.kind}", alert.due)
        for account, roles in held.items()
        for party, functions in roles.items()
        if functions & TOLD
    ]


async def put_in_mail(tx: Transaction, now: datetime, after: str) -> str | None:
    """A page of people who have something to read; the last of them, None once there are no more.

    Reminders go every day to those who want them at once; everything else in digests, on working days.
    """
    today, morning = paris_day(now), max(now, datetime.combine(paris_day(now), _MORNING, _PARIS))
    page = await untold(tx, after, PAGE)
    wishes = await preferences(tx, [account for account, _ in page])
    for account, kinds in page:
        wish = wishes[account]
        at_once = kinds & {"reminder"} if wish.reminder == NOW else frozenset()
        digest = kinds - at_once if today_is_for(wish.digest, today) else frozenset()
        for name, told in (("reminder", at_once), ("digest", digest)):
            if told:
                mail = await post(tx, name, now, account=account, not_before=morning)
                await gather(tx, account, mail, sorted(told))
    return page[-1][0] if len(page) == PAGE else None


def today_is_for(rhythm: str, today: date) -> bool:
    """Whether a digest of this rhythm comes that day: each working day, or the first one of the week."""
    if not is_working_day(today):
        return False
    earlier = (today - timedelta(days=n) for n in range(1, today.weekday() + 1))
    return rhythm == DAILY or not any(is_working_day(day) for day in earlier)
