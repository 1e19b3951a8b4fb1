"""Each way to prove who one is, from what was typed to the session that follows; hashing stays off transactions."""

from datetime import timedelta
from typing import Any

from cryptography.fernet import InvalidToken

from registry.clock import timestamp
from registry.gate.people import entering, own
from registry.gate.people.entering import candidate, count_factor, live, note_refusal
from registry.gate.people.visiting import Visitor
from registry.gate.session import Session
from registry.refusals import Refusal
from registry.storage.accounts_factors import (
    Passkey,
    find_passkey,
    keep_challenge,
    offer_seed,
    passkeys_of,
    password_hash,
    seed_of,
    take_challenge,
    use_code,
    use_passkey,
    use_step,
)
from registry.storage.accounts_sessions import renew
from registry.storage.rates import TooOften, forgive, spend
from server.auth import codes
from server.auth.context import Auth
from server.auth.passkeys import Options, PasskeyRefused, read_answer

_CHALLENGE = timedelta(minutes=5)


class SignInRefused(Refusal):
    """Address and password do not go together; nothing says which is wrong."""

    slug, status, title = "sign-in-refused", 403, "Connexion refusée"


class FactorRefused(Refusal):
    """The code is wrong, was used, or is too old."""

    slug, status, title = "factor-refused", 403, "Code refusé"


async def by_password(auth: Auth, email: str, password: str, origin: str, device: str, former: bytes | None) -> str:
    """The id of the session of who gave the right password. Raises SignInRefused or TooOften."""
    found = await auth.gate.unattended(lambda session: candidate(session, email, origin))
    right = await auth.passwords.verify(found.hashed, password)
    account = found.account
    if account is None or not right:
        await auth.gate.unattended(lambda session: note_refusal(session, account, email, "password"))
        raise SignInRefused("Adresse ou mot de passe incorrect.")
    return await auth.gate.unattended(
        lambda session: entering.begin(session, account, device, former=former, email=email, password=True)
    )


async def confirm_password(auth: Auth, visitor: Visitor, password: str) -> str:
    """The new session id of who gave their password again. Raises SignInRefused or TooOften."""
    hashed, account = visitor.browser.hash, visitor.browser.account

    async def stored(session: Session) -> str | None:
        await count_factor(session, account)
        return await password_hash(session.tx, account)

    known = await auth.gate.unattended(stored)
    if not await auth.passwords.verify(known, password):
        raise SignInRefused("Mot de passe incorrect.")

    async def confirmed(session: Session) -> str:
        browser = await live(session, hashed)
        await forgive(session.tx, entering.BY_FACTOR, entering.key_of(session, account))
        fresh = await renew(session.tx, browser.hash, session.now, password=True)
        if fresh is None:
            raise SignInRefused("Votre session est terminée : reconnectez-vous.")
        return fresh

    return await auth.gate.unattended(confirmed)


async def by_code(auth: Auth, visitor: Visitor, code: str) -> str:
    """The new session id of who gave a one-time code or a recovery code. Raises FactorRefused or TooOften."""
    account = visitor.browser.account
    await auth.gate.unattended(lambda session: count_factor(session, account))

    async def checked(session: Session) -> str | None:
        right = await _spent(session, auth, account, code) or await use_code(session.tx, account, code)
        if not right:
            await note_refusal(session, account, account, "factor")
            return None
        return await entering.pass_factor(session, visitor.browser.hash, account, visitor.email)

    fresh = await auth.gate.unattended(checked)
    if fresh is None:
        raise FactorRefused("Ce code est faux, ou a déjà servi.")
    return fresh


async def _spent(session: Session, auth: Auth, account: str, code: str, *, confirmed: bool = True) -> bool:
    """Whether the code is the seed's, now and for the first time."""
    found = await seed_of(session.tx, account)
    if found is None or found[1] != confirmed:
        return False
    try:
        seed = auth.secrets.decrypt(found[0]).decode()
    except InvalidToken:
        raise LookupError("a seed was sealed under a key that is gone") from None
    step = codes.matching_step(seed, code, auth.wall())
    return step is not None and await use_step(session.tx, account, step)


async def new_seed(auth: Auth, visitor: Visitor) -> str:
    """A seed offered to the account, kept sealed until its first code. Raises ConfirmationRequired."""
    seed = codes.new_seed()
    sealed = auth.secrets.encrypt(seed.encode())

    async def offer(session: Session) -> None:
        browser = await own.trusted(session, visitor.browser.hash)
        await offer_seed(session.tx, browser.account, sealed)

    await auth.gate.unattended(offer)
    return seed


async def offered_seed(auth: Auth, visitor: Visitor) -> str | None:
    """The seed that waits for its first code."""

    async def work(session: Session) -> str | None:
        browser = await own.trusted(session, visitor.browser.hash)
        found = await seed_of(session.tx, browser.account)
        return auth.secrets.decrypt(found[0]).decode() if found is not None and not found[1] else None

    return await auth.gate.glance(work)


async def confirm_seed(auth: Auth, visitor: Visitor, code: str) -> str:
    """The first code of a new seed: it serves from now on; the new session id. Raises FactorRefused or TooOften."""
    account = visitor.browser.account
    await auth.gate.unattended(lambda session: count_factor(session, account))

    async def work(session: Session) -> str | None:
        if not await _spent(session, auth, account, code, confirmed=False):
            return None
        await own.start_codes(session, visitor.browser.hash)
        return await entering.pass_factor(session, visitor.browser.hash, account, visitor.email)

    fresh = await auth.gate.unattended(work)
    if fresh is None:
        raise FactorRefused("Ce code est faux : vérifiez l'heure de votre téléphone, puis tapez le code affiché.")
    return fresh


async def passkey_challenge(auth: Auth, visitor: Visitor | None, origin: str) -> Options:
    """Options for an assertion: any passkey of the site to sign in, one of the visitor's own to confirm."""

    async def work(session: Session) -> Options:
        account = visitor.browser.account if visitor is not None else None
        if visitor is None and not await spend(
            session.tx, entering.BY_ADDRESS, entering.key_of(session, origin), session.now
        ):
            raise TooOften(entering.BY_ADDRESS.seconds)
        known = [key.id for key in await passkeys_of(session.tx, account)] if account is not None else []
        challenge, options = auth.site.request_options(known)
        await keep_challenge(session.tx, challenge, "assertion", account, session.now + _CHALLENGE)
        return options

    return await auth.gate.unattended(work)


async def by_passkey(auth: Auth, visitor: Visitor | None, answer: Any, device: str, former: bytes | None = None) -> str:
    """The session id of who signed a challenge with a passkey: a new session, or the visitor's with a new id.

    Raises PasskeyRefused.
    """
    credential, challenge = read_answer(answer)
    mine = visitor.browser.account if visitor is not None else None

    async def known(session: Session) -> Passkey | None:
        given = await take_challenge(session.tx, challenge, "assertion", mine, session.now)
        found = await find_passkey(session.tx, credential)
        return found if given and found is not None and mine in {None, found.account} else None

    passkey = await auth.gate.unattended(known)
    if passkey is None:
        raise PasskeyRefused("Cette clé d'accès n'est pas connue ici, ou la demande a expiré : recommencez.")
    counter = auth.site.verify_assertion(answer, challenge, passkey.public_key, passkey.sign_count)

    async def work(session: Session) -> str:
        await use_passkey(session.tx, credential, counter, session.now)
        if visitor is not None:
            return await entering.pass_factor(session, visitor.browser.hash, passkey.account, visitor.email)
        return await entering.begin(session, passkey.account, device, former=former, factor=True)

    return await auth.gate.unattended(work)


async def passkey_creation(auth: Auth, visitor: Visitor) -> Options:
    """Options to make a passkey for the visitor. Raises ConfirmationRequired."""

    async def work(session: Session) -> Options:
        browser = await own.trusted(session, visitor.browser.hash)
        known = [key.id for key in await passkeys_of(session.tx, browser.account)]
        challenge, options = auth.site.creation_options(browser.account, visitor.email, known)
        await keep_challenge(session.tx, challenge, "creation", browser.account, session.now + _CHALLENGE)
        return options

    return await auth.gate.unattended(work)


async def add_passkey(auth: Auth, visitor: Visitor, answer: Any, name: str) -> str:
    """Keep the passkey that the visitor's authenticator made; the new session id. Raises PasskeyRefused."""
    _, challenge = read_answer(answer)
    account = visitor.browser.account
    given = await auth.gate.unattended(
        lambda session: take_challenge(session.tx, challenge, "creation", account, session.now)
    )
    if not given:
        raise PasskeyRefused("La demande a expiré : recommencez.")
    made = auth.site.verify_registration(answer, challenge)
    key = auth.site.public_key(made.id, made.public_key)

    async def work(session: Session) -> str:
        passkey = Passkey(made.id, account, made.public_key, made.sign_count, name, timestamp(session.now), None)
        await own.register_passkey(session, visitor.browser.hash, passkey, key)
        return await entering.pass_factor(session, visitor.browser.hash, account, visitor.email)

    return await auth.gate.unattended(work)
