"""What a person finds on coming in: what waits for them, what waits for others, what changed since they came."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from registry.clock import timestamp
from registry.convention_alerts import TOLD, Alert
from registry.exchange.acts import ACTING, READERS
from registry.gate.conventions import alerts_of, convention_of_party
from registry.gate.listing import parties_standing, party_names_of
from registry.gate.reading import listed_as
from registry.gate.session import Session
from registry.storage.accounts import accounts_by_role
from registry.storage.accounts_invitations import waiting_invitations
from registry.storage.awaited import Item, count_awaited, first_awaited, oldest_elsewhere
from registry.storage.lists import counted
from registry.storage.visits import Change, Visit, changes, find_visit
from schemas import enumeration

MOST = 99
"""Beyond that many, things are not counted on the home page."""
_SHOWN, _CHANGES = 6, 40
_NEEDED = (
    "controller", "dpo", "records_manager", "administrator", "requester", "business_referent", "it_security",
    "compliance_referent",
)  # fmt: skip
"""Functions without which an exchange stops somewhere."""


@dataclass(frozen=True)
class Waits:
    """How many exchanges wait for a function, and how many of them are late; each at most `MOST` + 1."""

    role: str
    total: int
    late: int


@dataclass(frozen=True)
class Staff:
    """What an administrator sees to: functions that nobody holds today, invitations still to be accepted."""

    missing: list[str]
    invited: int


@dataclass(frozen=True)
class Home:
    """`visit` is to be noted, None when it need not be. `mine`: what waits for each of the person's functions, `items`
    its first by deadline. `own`: what waits for other functions of the same party. `theirs`: summaries of what waits
    for other parties, the oldest first, `theirs_total` of them. `changed`: acts of others since `since` (None on a
    first visit). `names`: of parties by id; `standing`: who stands for each today. `alerts`: what the convention's
    calendar says, for those it is for."""

    visit: Visit | None
    mine: list[Waits] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    own: list[Waits] = field(default_factory=list)
    theirs: list[dict[str, Any]] = field(default_factory=list)
    theirs_total: int = 0
    changed: list[Change] = field(default_factory=list)
    since: datetime | None = None
    staff: Staff | None = None
    names: dict[str, str] = field(default_factory=dict)
    standing: dict[str, str] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)


async def home(session: Session, named: str) -> Home:
    """The caller's home page; a part is empty where their functions do not give it. `named`: the session's name."""
    known = await find_visit(session.tx, session.actor.id, session.actor.party)
    visit = known.again(named, session.now) if known is not None else Visit(named, None, timestamp(session.now))
    noted = visit if visit != known else None
    staff = await _staff(session) if "administrator" in session.actor.roles else None
    names = await party_names_of(session)
    if not session.actor.roles & READERS:
        return Home(noted, staff=staff, names=names, alerts=await _alerts(session))
    tx, party, today = session.tx, session.actor.party, session.today
    counts = await count_awaited(tx, party, _acting(), today, MOST + 1)
    waits = [Waits(role, *found) for role, found in counts.items()]
    parties = await listed_as(session)
    since_at = visit.since_at
    return Home(
        noted,
        mine=[one for one in waits if one.role in session.actor.roles],
        items=await _items(session),
        own=[one for one in waits if one.role not in session.actor.roles and one.total],
        theirs=await oldest_elsewhere(tx, party, _SHOWN),
        theirs_total=await counted(tx, parties, {"turn": "theirs"}, today, MOST + 1),
        changed=await changes(tx, party, session.actor.id, since_at or "", _CHANGES),
        since=datetime.fromisoformat(since_at) if since_at is not None else None,
        staff=staff,
        names=names,
        alerts=await _alerts(session),
        standing=await parties_standing(session),
    )


def _acting() -> list[str]:
    return [role for role in enumeration("role") if role in ACTING]


async def _items(session: Session) -> list[Item]:
    """The first things to do, by deadline; what two functions of one person may do is there once."""
    found: dict[tuple[str, str], Item] = {}
    for role in (role for role in _acting() if role in session.actor.roles):
        for item in await first_awaited(session.tx, session.actor.party, role, session.today, _SHOWN):
            found.setdefault((item.exchange, item.act), item)
    return sorted(found.values(), key=lambda item: (item.due_on is None, item.due_on or item.since, item.since))[
        :_SHOWN
    ]


async def _alerts(session: Session) -> list[Alert]:
    if not session.actor.roles & (TOLD | {"steering_committee"}):
        return []
    convention_id = await convention_of_party(session, session.actor.party)
    return await alerts_of(session, (await session.convention(convention_id)).convention)


async def _staff(session: Session) -> Staff:
    held = await accounts_by_role(session.tx, session.today)
    missing = [role for role in _NEEDED if (session.actor.party, role) not in held]
    invited = await waiting_invitations(session.tx, session.actor.party, session.now)
    return Staff(missing, len(invited))
