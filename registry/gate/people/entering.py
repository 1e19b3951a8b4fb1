"""Signing in: limits, the session that follows each proof, and the choice of the party one acts for."""

from dataclasses import dataclass

from registry.gate.gate import Unauthenticated
from registry.gate.people.journal import note
from registry.gate.session import Session
from registry.refusals import Detail, Forbidden, Invalid, NotFound
from registry.storage.accounts import find_account, held_roles
from registry.storage.accounts_factors import factors_of, password_hash
from registry.storage.accounts_invitations import accept_undertaking, accepted
from registry.storage.accounts_sessions import (
    Browser,
    close_session,
    drop_session,
    find_session,
    open_session,
    renew,
    session_hash,
)
from registry.storage.conventions import convention_ids
from registry.storage.rates import Limit, TooOften, forgive, spend
from registry.undertaking import VERSION

BY_ADDRESS = Limit("sign-in-from", 60, 5)
BY_ACCOUNT = Limit("sign-in", 10, 90)
BY_FACTOR = Limit("second-factor", 5, 300)
_REFUSALS_NOTED = Limit("refusal-noted", 1, 3600)


def key_of(session: Session, text: str) -> bytes:
    """What a limit keeps of an address, of the network or of a person: nothing that leads back to it."""
    return session.vault.blind(text.strip().lower())


@dataclass(frozen=True)
class Candidate:
    """Whom an e-mail address may stand for; both None when nobody signs in with it."""

    account: str | None
    hashed: str | None


async def candidate(session: Session, email: str, origin: str) -> Candidate:
    """Count a try from a network address with an e-mail address, known or not. Raises TooOften."""
    for limit, key in ((BY_ADDRESS, key_of(session, origin)), (BY_ACCOUNT, key_of(session, email))):
        if not await spend(session.tx, limit, key, session.now):
            raise TooOften(limit.seconds)
    account = await find_account(session.tx, email)
    return Candidate(account, await password_hash(session.tx, account) if account is not None else None)


async def count_factor(session: Session, account: str) -> None:
    """Count a try of a second factor. Raises TooOften."""
    if not await spend(session.tx, BY_FACTOR, key_of(session, account), session.now):
        raise TooOften(BY_FACTOR.seconds)


async def note_refusal(session: Session, account: str | None, key: str, reason: str) -> None:
    """Record a refused sign-in where the account has roles; at most once an hour, whoever tries how often. An unknown
    address (`account` is None) takes the same steps and is recorded nowhere. `key`: what the hour is counted by."""
    first = await spend(session.tx, _REFUSALS_NOTED, key_of(session, key), session.now)
    for party in await parties_of(session, account or ""):
        if first and account is not None:
            await note(session, account, party, "sign_in_refused", reason=reason)


async def begin(
    session: Session,
    account: str,
    device: str,
    *,
    former: bytes | None,
    email: str = "",
    password: bool = False,
    factor: bool = False,
) -> str:
    """A session for who just proved to be the account's owner; its id. It waits for the second factor if there is one.

    `former`: the key of the session that this browser had, which ends. `email`: the address that was typed, whose
    failed tries are forgotten once the person is in.
    """
    if former is not None:
        await drop_session(session.tx, former)
    waits = not factor and (await factors_of(session.tx, account)).second
    stage = "factor" if waits else "open"
    opened = await open_session(session.tx, account, stage, session.now, device, password=password, factor=factor)
    if waits:
        return opened
    if email:
        await forgive(session.tx, BY_ACCOUNT, key_of(session, email))
    return await _settle(session, opened, account)


async def pass_factor(session: Session, hashed: bytes, account: str, email: str) -> str:
    """The second factor was given: a new id for the session. Raises Unauthenticated when it is gone."""
    fresh = await renew(session.tx, hashed, session.now, factor=True)
    if fresh is None:
        raise Unauthenticated("Votre session est terminée : reconnectez-vous.")
    await forgive(session.tx, BY_FACTOR, key_of(session, account))
    await forgive(session.tx, BY_ACCOUNT, key_of(session, email))
    found = await find_session(session.tx, session_hash(fresh), session.now)
    return fresh if found is None or found.party is not None else await _settle(session, fresh, account)


async def parties_of(session: Session, account: str) -> dict[str, list[str]]:
    """The parties for which the account holds roles today, with them."""
    today, found = session.today.isoformat(), dict[str, list[str]]()
    for held in await held_roles(session.tx, account=account):
        if held.valid_from <= today and (held.valid_until is None or held.valid_until >= today):
            roles = found.setdefault(held.party, [])
            roles += [held.role] if held.role not in roles else []
    return found


async def require_siret(session: Session, siret: str | None, parties: list[str]) -> None:
    """Refuse an outside identity whose establishment (SIRET) is none of the parties that the account serves, when the
    provider says one and the convention knows theirs. Raises Forbidden."""
    if siret is None or not parties:
        return
    known = {}
    for convention_id in await convention_ids(session.tx):
        loaded = await session.conventions.load(session.tx, convention_id)
        for party in loaded.convention.parties() if loaded is not None else ():
            if party["id"] in parties and party.get("siret"):
                known[party["id"]] = party["siret"]
    if known and siret not in known.values():
        raise Forbidden("Votre identité est celle d'un autre établissement que votre partie.")


async def _settle(session: Session, opened: str, account: str) -> str:
    """Who acts for one party alone, and accepted its undertaking, need not be asked."""
    parties = list(await parties_of(session, account))
    if len(parties) != 1 or not await accepted(session.tx, account, parties[0], VERSION):
        return opened
    return await _enter(session, session_hash(opened), account, parties[0])


async def _enter(session: Session, hashed: bytes, account: str, party: str) -> str:
    fresh = await renew(session.tx, hashed, session.now, party=party)
    if fresh is None:
        raise Unauthenticated("Votre session est terminée : reconnectez-vous.")
    found = await find_session(session.tx, session_hash(fresh), session.now)
    second = found is not None and found.factor_at is not None
    await note(session, account, party, "signed_in", second_factor=second)
    return fresh


async def live(session: Session, hashed: bytes) -> Browser:
    """The open session behind a key, read in this transaction. Raises Unauthenticated."""
    found = await find_session(session.tx, hashed, session.now)
    if found is None or found.stage != "open":
        raise Unauthenticated("Votre session est terminée : reconnectez-vous.")
    return found


async def choose_party(session: Session, hashed: bytes, party: str, *, agrees: bool) -> str:
    """Act for a party from now on: a new session id. Raises NotFound without a role there today, Invalid when the
    undertaking of confidentiality is neither accepted already nor now."""
    browser = await live(session, hashed)
    if party not in await parties_of(session, browser.account):
        raise NotFound("Vous n'avez pas de fonction dans cette partie aujourd'hui.")
    await undertake(session, browser.account, party, agrees=agrees)
    return await _enter(session, hashed, browser.account, party)


async def undertake(session: Session, account: str, party: str, *, agrees: bool) -> None:
    """Date the undertaking for a party, once. Raises Invalid when it is not accepted."""
    if await accepted(session.tx, account, party, VERSION):
        return
    if not agrees:
        message = "Acceptez l'engagement de confidentialité pour continuer."
        raise Invalid(message, [Detail(pointer="/agrees", message=message)])
    await accept_undertaking(session.tx, account, party, VERSION, session.now)
    await note(session, account, party, "undertaking_accepted", version=VERSION)


async def leave(session: Session, hashed: bytes) -> None:
    """Sign out: the session is gone, and no request in flight brings it back."""
    found = await find_session(session.tx, hashed, session.now)
    if found is None:
        return
    await close_session(session.tx, found.account, hashed=hashed)
    if found.party is not None:
        await note(session, found.account, found.party, "signed_out")
