"""Tokens of machines: issued by their owner (or the operator), shown once, revoked by the owner or the administrator.

A token has the functions that its account holds that day for one party, within its scopes: it never exceeds either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from registry.authorisation import ALL, SCOPES
from registry.clock import end_of_day
from registry.gate.people.journal import note
from registry.gate.session import Session
from registry.refusals import Detail, Invalid, NotFound
from registry.storage.accounts import emails, keep_token
from registry.storage.accounts_tokens import Token, find_token, live_tokens, revoke_token

LONGEST = timedelta(days=366)
"""A person's token lasts a year at most."""
_NAME_LENGTH, _AT_MOST = 60, 20


@dataclass(frozen=True)
class PartyTokens:
    """The live tokens of a party, and the addresses of those they act as."""

    tokens: list[Token]
    emails: dict[str, str]


async def own_tokens(session: Session) -> list[Token]:
    """One's own live tokens for the party one acts for."""
    session.require("tokens.own")
    return await live_tokens(session.tx, session.actor.party, session.now, account=session.actor.id)


async def party_tokens(session: Session) -> PartyTokens:
    """Every live token that acts for the party."""
    session.require("accounts.read")
    found = await live_tokens(session.tx, session.actor.party, session.now)
    return PartyTokens(found, dict(await emails(session.tx, {token.account for token in found})))


async def issue(session: Session, name: str, scopes: Sequence[str], until: date) -> str:
    """A token for one's own account, until the end of a day; the only time it is shown. Raises Invalid."""
    session.require("tokens.issue")
    session.require_confirmation()
    wrong = list(_wrong(session, name, scopes, until))
    if not wrong and len(await own_tokens(session)) >= _AT_MOST:
        wrong = [Detail(pointer="/name", message="Vous avez déjà vingt jetons : révoquez ceux qui ne servent plus.")]
    if wrong:
        raise Invalid(wrong[0]["message"], wrong)
    return await make(session, session.actor.id, session.actor.party, scopes, until, name=name, by=session.actor.id)


def _wrong(session: Session, name: str, scopes: Sequence[str], until: date) -> list[Detail]:
    found = []
    if not name or len(name) > _NAME_LENGTH or not name.isprintable():
        found.append(Detail(pointer="/name", message="Nommez ce jeton, en soixante caractères au plus."))
    if not scopes or set(scopes) - set(SCOPES):
        found.append(Detail(pointer="/scopes", message="Choisissez au moins une portée."))
    if not session.today <= until <= session.today + LONGEST:
        found.append(Detail(pointer="/until", message="Un jeton sert un an au plus, à partir d'aujourd'hui."))
    return found


async def make(
    session: Session, account: str, party: str, scopes: Sequence[str], until: date, *, name: str = "", by: str
) -> str:
    """A token, recorded in the party's log by its scopes and its last day."""
    kept = [scope for scope in (ALL, *SCOPES) if scope in scopes]
    token = await keep_token(session.tx, account, party, session.now, end_of_day(until), kept, name)
    await note(session, account, party, "token_issued", by=by, scopes=kept, until=until.isoformat())
    return token


async def revoke_own(session: Session, token: str) -> None:
    """One's own token is worth nothing any more. Raises NotFound."""
    session.require("tokens.own")
    found = await find_token(session.tx, token, session.actor.party)
    if found is None or found.account != session.actor.id:
        raise NotFound("Ce jeton n'existe pas, ou a été révoqué.")
    await _revoke(session, found)


async def revoke_any(session: Session, token: str) -> None:
    """A token of the party, by its administrator. Raises NotFound."""
    session.require("accounts.administer")
    session.require_confirmation()
    found = await find_token(session.tx, token, session.actor.party)
    if found is None:
        raise NotFound("Ce jeton n'existe pas, ou a été révoqué.")
    await _revoke(session, found)


async def _revoke(session: Session, token: Token) -> None:
    await revoke_token(session.tx, token.id)
    await note(session, token.account, token.party, "token_revoked", by=session.actor.id, scopes=list(token.scopes))
