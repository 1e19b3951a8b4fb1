"""Invitations: asked by a party's administrator (or the operator), accepted once, by the person alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from registry.gate.people.entering import begin, choose_party, live, parties_of, undertake
from registry.gate.people.journal import note
from registry.gate.people.signing import end
from registry.gate.session import Session, new_id
from registry.refusals import Detail, Forbidden, Invalid, NotFound
from registry.storage.accounts import account_for, emails, find_account, grant, held_roles, reopen_account
from registry.storage.accounts_factors import factors_of, identities_of, remove_factors, set_password
from registry.storage.accounts_invitations import (
    Invitation,
    invite,
    open_invitation,
    use_invitation,
    withdraw_invitation,
)
from registry.storage.accounts_sessions import close_sessions
from registry.storage.events import SYSTEM
from registry.storage.outbox import post
from registry.storage.vault import seal

BY_ACT = frozenset({"dpo", "delegate"})
"""Roles that come from a dated act of the convention (designation, delegation), never from an invitation."""
_EMAIL = re.compile(r"[^\s@<>\"(),;:\\\[\]]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?", re.ASCII | re.IGNORECASE)


def require_administrator(session: Session) -> None:
    """Refuse who is not the party's administrator, or did not confirm who they are lately."""
    session.require("accounts.administer")
    session.require_confirmation()


def address(email: str) -> str:
    """An e-mail address as accounts keep it. Raises Invalid."""
    found = email.strip().lower()
    if not _EMAIL.fullmatch(found) or len(found) > 254:
        message = "Indiquez une adresse électronique, par exemple prenom.nom@commune.fr."
        raise Invalid(message, [Detail(pointer="/email", message=message)])
    return found


@dataclass(frozen=True)
class Invited:
    """An invitation just made, with the secret part of its link."""

    invitation: Invitation
    secret: str


async def ask(session: Session, email: str, roles: Sequence[str], until: date | None) -> Invited:
    """An administrator invites a person to act for the party. Raises Forbidden or Invalid."""
    require_administrator(session)
    return await make(session, email, session.actor.party, roles, until, session.actor.id)


async def make(session: Session, email: str, party: str, roles: Sequence[str], until: date | None, by: str) -> Invited:
    """An invitation to join a party, or to take an account that an act of the convention made. Raises Invalid."""
    found = address(email)
    account = await account_for(session.tx, found, session.now)
    if account == by:
        raise Forbidden("Vous ne pouvez pas vous attribuer une fonction à vous-même.")
    if BY_ACT & set(roles):
        message = "Un délégué se désigne et une signature se délègue par un acte daté de la convention."
        raise Invalid(message, [Detail(pointer="/roles", message=message)])
    if not roles and party not in await parties_of(session, account):
        message = "Choisissez au moins une fonction."
        raise Invalid(message, [Detail(pointer="/roles", message=message)])
    if until is not None and until < session.today:
        message = "Cette date est passée."
        raise Invalid(message, [Detail(pointer="/until", message=message)])
    invitation, secret = await invite(session.tx, "join", found, party, roles, until, by, session.now)
    ends = until.isoformat() if until else None
    await note(session, account, party, "invited", by=by, roles=sorted(roles), until=ends)
    return Invited(invitation, secret)


async def send_by_mail(session: Session, made: Invited) -> None:
    """Put an invitation in the outbox: only who reads its address will have the link. Raises Forbidden without mail."""
    if not session.mailing:
        raise Forbidden("Cette installation n'envoie pas de courriel : remettez le lien vous-même.")
    identifier = new_id()
    key, wrapped = session.vault.new_key(identifier)
    sealed = seal(key, made.secret.encode(), identifier)
    about = made.invitation.id
    await post(session.tx, "invitation", session.now, invitation=about, sealed=(identifier, wrapped, sealed))


IDENTITY_CHECKS = ("in_person", "video", "call_back")
"""How an administrator made sure of who asks for their account: face to face, by video, by calling a known number."""


async def ask_reset(session: Session, account: str, check: str) -> Invited:
    """An administrator lets somebody of the party take their account anew (lost password, second factor or signing
    key), once they made sure of who asks: `check` is one of IDENTITY_CHECKS and is recorded.

    Raises Invalid; Forbidden when the account also serves another party: only the operator can do it then.
    """
    require_administrator(session)
    if check not in IDENTITY_CHECKS:
        message = "Dites comment vous avez vérifié l'identité de la personne."
        raise Invalid(message, [Detail(pointer="/check", message=message)])
    if account == session.actor.id:
        raise Forbidden("Un autre administrateur, ou l'exploitant du service, peut réinitialiser votre compte.")
    return await make_reset(session, account, session.actor.party, session.actor.id, check)


async def make_reset(session: Session, account: str, party: str, by: str, check: str | None = None) -> Invited:
    """A link by which the account's owner sets a new password. Raises NotFound or Forbidden."""
    if party not in await parties_of(session, account):
        raise NotFound("Ce compte n'a pas de fonction dans votre partie.")
    if by != SYSTEM and await _elsewhere(session, account, party):
        raise Forbidden("Ce compte sert aussi une autre partie : seul l'exploitant du service peut le réinitialiser.")
    email = (await emails(session.tx, [account]))[account]
    invitation, secret = await invite(session.tx, "reset", email, party, (), None, by, session.now)
    await note(session, account, party, "reset_offered", by=by, identity_check=check)
    return Invited(invitation, secret)


async def withdraw(session: Session, invitation: str) -> None:
    """Void an invitation of the party. Raises NotFound."""
    require_administrator(session)
    if not await withdraw_invitation(session.tx, invitation, session.actor.party):
        raise NotFound("Cette invitation n'existe pas, ou a été acceptée.")


async def _elsewhere(session: Session, account: str, party: str) -> bool:
    return any(held.party != party for held in await held_roles(session.tx, account=account))


@dataclass(frozen=True)
class Offer:
    """What a link offers: the invitation, and whether an account with means to sign in stands behind its address."""

    invitation: Invitation
    account: str | None
    known: bool


async def offer(session: Session, secret: str) -> Offer:
    """The invitation of a link. Raises NotFound when it is unknown, used or expired."""
    invitation = await open_invitation(session.tx, secret, session.now)
    if invitation is None:
        raise NotFound("Ce lien n'est plus valable : demandez-en un autre à l'administrateur de votre partie.")
    account = await find_account(session.tx, invitation.email)
    known = invitation.kind == "join" and account is not None and await _takes(session, account)
    return Offer(invitation, account, known)


async def _takes(session: Session, account: str) -> bool:
    """Whether somebody signs in to the account already."""
    factors = await factors_of(session.tx, account)
    identities = await identities_of(session.tx, account)
    return factors.password_at is not None or bool(factors.passkeys) or bool(identities)


async def accept_new(
    session: Session, secret: str, hashed_password: str, device: str, *, former: bytes | None, agrees: bool
) -> str:
    """Take the account of an invitation: password, undertaking, roles; the id of the session that begins (`former`:
    the key of the one that this browser had).

    Raises NotFound, Invalid; Forbidden when the account is somebody's already, or also serves another party, whose
    administrator could then be impersonated by the one who made this link.
    """
    found = await offer(session, secret)
    invitation = found.invitation
    if found.known:
        raise Forbidden("Ce compte existe : connectez-vous pour accepter l'invitation.")
    account = await account_for(session.tx, invitation.email, session.now)
    if invitation.invited_by != SYSTEM and await _elsewhere(session, account, invitation.party):
        raise Forbidden(
            "Ce compte sert une autre partie : il s'active par une invitation de celle-ci, ou de l'exploitant."
        )
    await _use(session, invitation, account)
    await reopen_account(session.tx, account)
    if invitation.kind == "reset":
        await end(session, account, "reset")
        await remove_factors(session.tx, account)
        await close_sessions(session.tx, account)
    await set_password(session.tx, account, hashed_password, session.now)
    await _join(session, invitation, account)
    await undertake(session, account, invitation.party, agrees=agrees)
    return await begin(session, account, device, former=former, email=invitation.email, password=True)


async def accept_known(session: Session, secret: str, hashed: bytes, *, agrees: bool) -> str:
    """The signed-in owner of the invited address accepts; the new id of their session, that acts for the party.

    Raises NotFound, Invalid; Forbidden when somebody else is signed in.
    """
    browser = await live(session, hashed)
    found = await offer(session, secret)
    if found.account != browser.account or found.invitation.kind != "join":
        raise Forbidden("Cette invitation est pour une autre personne : connectez-vous avec son adresse.")
    await _use(session, found.invitation, browser.account)
    await _join(session, found.invitation, browser.account)
    return await choose_party(session, hashed, found.invitation.party, agrees=agrees)


async def _use(session: Session, invitation: Invitation, account: str) -> None:
    if not await use_invitation(session.tx, invitation.id, account, session.now):
        raise NotFound("Ce lien a déjà servi.")


async def _join(session: Session, invitation: Invitation, account: str) -> None:
    held = (await parties_of(session, account)).get(invitation.party, [])
    missing = [role for role in invitation.roles if role not in held]
    until = date.fromisoformat(invitation.valid_until) if invitation.valid_until else None
    await grant(session.tx, account, invitation.party, missing, session.today, until)
    act = "reset" if invitation.kind == "reset" else "joined"
    await note(session, account, invitation.party, act, invitation=invitation.id, roles=sorted(missing))
