"""What people and administrators do about mail: preferences, stopping without signing in, what was sent, deadlines."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import msgspec

from registry.exchange.deadlines.clocks import LABELS
from registry.gate.people.invitations import require_administrator
from registry.gate.session import Session
from registry.refusals import Detail, Invalid, NotFound
from registry.storage.due import waiting_for
from registry.storage.notices import CHOICES, DIGEST, NEVER, Preference, prefer, preferences
from registry.storage.outbox import Listed, mails_of, send_again

_SHOWN_PAST, _MOST = timedelta(days=60), 500


async def preference_of(session: Session, account: str) -> Preference:
    """How an account wants to be told."""
    return (await preferences(session.tx, [account]))[account]


async def set_preference(session: Session, account: str, wanted: dict[str, str]) -> None:
    """Keep one's own choices. Raises Invalid."""
    for name, choices in CHOICES.items():
        if wanted.get(name) not in choices:
            message = "Choisissez une des réponses proposées."
            raise Invalid(message, [Detail(pointer=f"/{name}", message=message)])
    await prefer(session.tx, account, Preference(**{name: wanted[name] for name in CHOICES}))


async def stop(session: Session, account: str, kind: str) -> None:
    """Send an account no more mails of a kind; of digests, nothing that only they tell."""
    if await session.tx.value("SELECT 1 FROM account WHERE id = ?", account) is None:
        return
    current = await preference_of(session, account)
    if kind == "digest":
        told = {name: NEVER for name in ("awaited", "answered", "reminder") if getattr(current, name) == DIGEST}
    else:
        told = {kind: NEVER}
    await prefer(session.tx, account, replace(current, **told))


async def outbox(session: Session, before: str | None, limit: int) -> tuple[list[Listed], str | None]:
    """A page of the mails of the party's people, newest first, and where the next one begins. Raises Forbidden."""
    session.require("accounts.read")
    rows = await mails_of(session.tx, session.actor.party, before, limit + 1)
    shown = rows[:limit]
    return shown, shown[-1].created_at if len(rows) > limit else None


async def resend(session: Session, mail: str) -> None:
    """Send again a mail that failed, or whose fate is unknown. Raises NotFound or Forbidden."""
    require_administrator(session)
    if not await send_again(session.tx, mail, session.actor.party, session.now):
        raise NotFound("Ce courriel n'existe pas, est parti, ou porte une invitation : préparez-en une autre.")


@dataclass(frozen=True)
class Expected:
    """A deadline of an exchange that waits for the caller's functions."""

    exchange: str
    reference: str
    clock: str
    label: str
    due_on: date


async def deadlines(session: Session) -> list[Expected]:
    """What waits for the caller's party and functions, by due date; long past ones left out. Raises Forbidden."""
    session.require("exchange.list")
    since = session.today - _SHOWN_PAST
    found = []
    for one in await waiting_for(session.tx, session.actor.party, since, _MOST):
        summary = msgspec.json.decode(one.summary)
        due = summary["due"]
        if session.actor.roles & set(due["roles"]) and due["clock"] in LABELS:
            found.append(Expected(one.exchange, summary["reference"], due["clock"], due["label"], one.due_on))
    return found
