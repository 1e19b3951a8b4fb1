"""The periods of the tool itself, enforced: rows that are over go, accounts closed long ago are erased, ended trails
are told and nothing more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from registry.gate.erasure import erase_person
from registry.gate.session import Session
from registry.storage.engines import Transaction
from registry.storage.retention import Periods, Trail, closed_accounts, forget_over, trails_over

_AT_ONCE = 100
_WHY = {"scope": "object", "legal_basis": "retention_expired", "reason": "retention_expired"}


@dataclass(frozen=True)
class Kept:
    """What a round did: rows deleted by table, accounts erased."""

    rows: Mapping[str, int] = field(default_factory=dict)
    accounts: int = 0


async def keep_periods(session: Session, periods: Periods) -> Kept:
    """Delete what is over and erase at most a hundred accounts; running it again changes nothing more."""
    rows = await forget_over(session.tx, session.now, periods)
    over = await closed_accounts(session.tx, session.now - timedelta(days=periods.accounts), _AT_ONCE)
    for account in over:
        await erase_person(session, account, _WHY)
    return Kept({table: count for table, count in rows.items() if count}, len(over))


def trail_over_on(last: date, periods: Periods) -> date:
    """The day from which the trail of an exchange that ended, and that nothing touched since, may be erased."""
    years = last.year + periods.trail
    return last.replace(year=years, month=3, day=1) if (last.month, last.day) == (2, 29) else last.replace(year=years)


async def trails(tx: Transaction, today: date, periods: Periods) -> list[Trail]:
    """Every ended exchange whose trail may be erased as of that day."""
    found: list[Trail] = []
    before = date(today.year - periods.trail, today.month, 1) + timedelta(days=32)
    while page := await trails_over(tx, before, found[-1].position if found else 0, _AT_ONCE):
        found += [one for one in page if trail_over_on(date.fromisoformat(one.last_at[:10]), periods) <= today]
        if len(page) < _AT_ONCE:
            break
    return found
