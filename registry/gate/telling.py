"""Who is to be told what after an act, in its own transaction: whoever is now waited for, and those who asked.

A notice says an exchange's reference and what happened in the tool's own words: nothing that anybody typed.
"""

from collections.abc import Iterable, Sequence

from registry.convention import Convention
from registry.exchange.awaited import awaited
from registry.exchange.deadlines import next_due
from registry.exchange.file import File
from registry.gate.session import Session
from registry.storage.accounts import roles_of
from registry.storage.notices import DIGEST, NEVER, NOW, Notice, keep_notices, preferences
from registry.storage.outbox import post

Wanted = set[tuple[str, str, str]]
"""Act, party, function."""


async def tell(session: Session, convention: Convention, before: File | None, after: File) -> None:
    """Keep what an act gives to tell; nothing when the installation sends no mail. A draft is its authors' own, but for
    a copy, which others handed to them."""
    if not session.mailing or (after.state == "draft" and after.copied_from is None):
        return
    wanted = _wanted(after, convention, session) - (_wanted(before, convention, session) if before else set())
    told = [*await _waited_for(session, after, convention, wanted)]
    told += _answered(session, convention, before, after, {notice.account for notice in told})
    await keep(session, told, urgent=_urgent(before, after))


def _urgent(before: File | None, after: File) -> bool:
    """Whether nobody should wait for a digest: the asker said why it is urgent, or an incident was just recorded, which
    the other party is told of without delay (GDPR art. 33(2))."""
    asked = bool(after.urgency_reason and after.needed_by)
    return asked or (before is not None and len(after.incidents) > len(before.incidents))


def _wanted(file: File, convention: Convention, session: Session) -> Wanted:
    return {
        (one.act.name, convention.stands_for(party, session.today), role)
        for one in awaited(file)
        for party in one.parties
        for role in one.roles
    }


async def _waited_for(session: Session, file: File, convention: Convention, wanted: Wanted) -> list[Notice]:
    """One notice for each person and act."""
    parties = sorted({party for _, party, _ in wanted})
    if not parties:
        return []
    held = await roles_of(session.tx, parties, session.today)
    due = next_due(file, convention)
    found = {
        (account, party, act)
        for act, party, role in wanted
        for account, roles in held.items()
        if account != session.actor.id and role in roles.get(party, ())
    }
    on = due.on if due is not None else None
    return [
        Notice(account, party, "awaited", file.id, file.reference, act, on) for account, party, act in sorted(found)
    ]


def _answered(
    session: Session, convention: Convention, before: File | None, after: File, told: set[str]
) -> Iterable[Notice]:
    """Who filed is told each new state that others bring, unless they are waited for anyway."""
    asker = after.submitted_by
    if asker is None or before is None or before.state == after.state or asker in {session.actor.id, *told}:
        return
    party = convention.stands_for(after.initiated_by, session.today)
    yield Notice(asker, party, "answered", after.id, after.reference, after.state, None)


async def keep(session: Session, told: Sequence[Notice], *, urgent: bool = False) -> None:
    """Keep notices as their readers prefer: one mail for each now, or in a digest; urgent ones do not wait for it."""
    wishes = await preferences(session.tx, {notice.account for notice in told})
    kept: list[tuple[Notice, str | None]] = []
    mails: dict[str, str] = {}
    for notice in told:
        wish = getattr(wishes[notice.account], notice.kind)
        if wish == NEVER:
            continue
        if wish == NOW or (urgent and wish == DIGEST):
            if notice.account not in mails:
                mails[notice.account] = await post(session.tx, notice.kind, session.now, account=notice.account)
            kept.append((notice, mails[notice.account]))
        else:
            kept.append((notice, None))
    await keep_notices(session.tx, kept, session.now)
