"""What an administrator does with the accounts of the party: read them, end roles, deactivate, absences."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from registry.clock import timestamp
from registry.gate.people.entering import parties_of
from registry.gate.people.invitations import BY_ACT, require_administrator
from registry.gate.people.journal import note
from registry.gate.people.signing import end
from registry.gate.session import Session
from registry.refusals import Detail, Forbidden, Invalid, NotFound
from registry.storage.accounts import (
    HeldRole,
    close_account,
    emails,
    end_roles,
    end_tokens,
    find_account,
    grant,
    held_roles,
)
from registry.storage.accounts_factors import Factors, factors_of
from registry.storage.accounts_invitations import (
    Absence,
    Invitation,
    absences,
    cut_absence,
    declare,
    find_absence,
    undertakings,
    waiting_invitations,
)
from registry.storage.accounts_sessions import close_sessions

UNTRANSFERABLE = frozenset({"controller", "delegate", "dpo"})
"""Roles that a substitute holds only by a dated act of the convention: delegation, interim designation."""
_LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Member:
    """An account of the party as its administrator sees it."""

    account: str
    email: str
    roles: tuple[HeldRole, ...]
    factors: Factors
    undertaken_at: str | None


@dataclass(frozen=True)
class PartyAccounts:
    """The administrator's page."""

    members: list[Member]
    invitations: list[Invitation]
    absences: list[Absence]
    emails: dict[str, str]


async def party_accounts(session: Session) -> PartyAccounts:
    """Everybody with a role for the party, past ones aside. Raises Forbidden."""
    session.require("accounts.read")
    party, today = session.actor.party, session.today.isoformat()
    current = [r for r in await held_roles(session.tx, party=party) if r.valid_until is None or r.valid_until >= today]
    away = await absences(session.tx, party, session.today)
    people = {r.account for r in current} | {a.account for a in away} | {a.substitute for a in away}
    names = dict(await emails(session.tx, people))
    dated = {account: at for account, _, _, at in await undertakings(session.tx, party=party)}
    members = [
        Member(
            account,
            names[account],
            tuple(r for r in current if r.account == account),
            await factors_of(session.tx, account),
            dated.get(account),
        )
        for account in sorted({r.account for r in current}, key=names.__getitem__)
    ]
    return PartyAccounts(members, await waiting_invitations(session.tx, party, session.now), away, names)


def _not_oneself(session: Session, account: str) -> None:
    if account == session.actor.id:
        raise Forbidden("Un autre administrateur doit le faire pour vous.")


async def end_role(session: Session, account: str, role: str) -> None:
    """End one role of somebody of the party, from today on; substitutes lose it too. Raises NotFound, or Forbidden
    for what a dated act of the convention gave (a DPO is not dismissed from here: GDPR art. 38(3))."""
    require_administrator(session)
    if role in BY_ACT:
        raise Forbidden("Cette fonction prend fin par un acte daté de la convention.")
    _not_oneself(session, account)
    party, yesterday = session.actor.party, session.today - timedelta(days=1)
    if not await end_roles(session.tx, account, party, yesterday, role=role, source=""):
        raise NotFound("Cette personne n'a pas cette fonction.")
    for absence in await absences(session.tx, party, session.today):
        if absence.account == account:
            await end_roles(session.tx, absence.substitute, party, yesterday, role=role, source=absence.id)
    await note(session, account, party, "role_ended", by=session.actor.id, role=role)


async def deactivate(session: Session, account: str) -> None:
    """The person acts for the party no more, at once: roles, sessions, tokens. An account without any role left is
    closed. Raises NotFound."""
    require_administrator(session)
    _not_oneself(session, account)
    party, yesterday = session.actor.party, session.today - timedelta(days=1)
    if not await end_roles(session.tx, account, party, yesterday):
        raise NotFound("Cette personne n'a pas de fonction dans votre partie.")
    for absence in await absences(session.tx, party, session.today):
        if account in {absence.account, absence.substitute}:
            await _cut(session, absence)
    await end(session, account, "left", by=session.actor.id, party=party)
    await close_sessions(session.tx, account, party=party)
    await end_tokens(session.tx, account, party, session.now)
    if not await _serves(session, account):
        await close_account(session.tx, account, session.now)
        await close_sessions(session.tx, account)
    await note(session, account, party, "deactivated", by=session.actor.id)


async def _serves(session: Session, account: str) -> bool:
    today = session.today.isoformat()
    roles = await held_roles(session.tx, account=account)
    return any(r.valid_until is None or r.valid_until >= today for r in roles)


async def declare_absence(session: Session, account: str, substitute: str, starts: date, ends: date) -> Absence:
    """A substitute (by e-mail address) holds somebody's roles while they are away. Raises Forbidden or Invalid.

    Declared by the person or the party's administrator, who cannot name themselves. Decider's and DPO's roles are not
    handed over so: they take a delegation or an interim designation.
    """
    party = session.actor.party
    session.require("accounts.absence")
    if account != session.actor.id:
        require_administrator(session)
    session.require_confirmation()
    _require_dates(session, starts, ends)
    other = await find_account(session.tx, substitute)
    if other is None or other == account or party not in await parties_of(session, other):
        message = "Le suppléant doit être une autre personne qui a un compte dans votre partie."
        raise Invalid(message, [Detail(pointer="/substitute", message=message)])
    if account != session.actor.id and other == session.actor.id:
        raise Forbidden("Vous ne pouvez pas vous attribuer une fonction à vous-même.")
    roles = await _transferable(session, account, starts)
    absence = Absence(
        str(uuid.uuid4()), account, party, other, starts.isoformat(), ends.isoformat(), session.actor.id,
        timestamp(session.now),
    )  # fmt: skip
    await declare(session.tx, absence)
    await grant(session.tx, other, party, roles, starts, ends, absence.id)
    facts = {"substitute": other, "roles": roles, "starts": absence.starts_on, "ends": absence.ends_on}
    await note(session, account, party, "absence_declared", by=session.actor.id, **facts)
    return absence


def _require_dates(session: Session, starts: date, ends: date) -> None:
    wrong = None
    if starts < session.today:
        wrong = Detail(pointer="/starts", message="L'absence commence au plus tôt aujourd'hui.")
    elif ends < starts:
        wrong = Detail(pointer="/ends", message="La fin précède le début.")
    elif ends - starts > _LONGEST:
        wrong = Detail(pointer="/ends", message="Une absence dure un an au plus.")
    if wrong is not None:
        raise Invalid(wrong["message"], [wrong])


async def _transferable(session: Session, account: str, day: date) -> list[str]:
    at = day.isoformat()
    roles = [
        r.role
        for r in await held_roles(session.tx, account=account)
        if r.party == session.actor.party and not r.source and r.role not in UNTRANSFERABLE
        and r.valid_from <= at and (r.valid_until is None or r.valid_until >= at)
    ]  # fmt: skip
    if not roles:
        message = "Aucune fonction ne se transmet ainsi : désignez un délégué intérimaire, ou déléguez la signature."
        raise Invalid(message, [Detail(pointer="/account", message=message)])
    return roles


async def end_absence(session: Session, absence_id: str) -> None:
    """The person is back (or will not leave): the substitute's roles end today. Raises NotFound or Forbidden."""
    absence = await find_absence(session.tx, absence_id, session.actor.party)
    if absence is None:
        raise NotFound("Cette absence n'existe pas.")
    if absence.account != session.actor.id:
        require_administrator(session)
    await _cut(session, absence)
    await note(session, absence.account, absence.party, "absence_ended", by=session.actor.id, absence=absence.id)


async def _cut(session: Session, absence: Absence) -> None:
    yesterday = session.today - timedelta(days=1)
    await end_roles(session.tx, absence.substitute, absence.party, yesterday, source=absence.id)
    await cut_absence(session.tx, absence.id, yesterday)
