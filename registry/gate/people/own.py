"""What people do with their own account: password, second factors, identities, sessions, the export of their data."""

from typing import Any

from registry.gate.people.entering import live, parties_of
from registry.gate.people.journal import note
from registry.gate.people.signing import PublicKey, end, enrol
from registry.gate.session import ConfirmationRequired, Session
from registry.refusals import NotFound
from registry.storage.accounts import emails, held_roles
from registry.storage.accounts_factors import (
    Passkey,
    add_passkey,
    confirm_seed,
    factors_of,
    identities_of,
    link_identity,
    remove_passkey,
    remove_seed,
    set_codes,
    set_password,
    unlink_identity,
)
from registry.storage.accounts_invitations import undertakings
from registry.storage.accounts_journal import journals_of
from registry.storage.accounts_sessions import Browser, close_session, close_sessions, sessions_of
from registry.storage.accounts_tokens import live_tokens
from registry.storage.events import history
from registry.storage.own_account import kept_under, pseudonyms_of
from registry.storage.signing_keys import keys_of

Document = dict[str, Any]


async def trusted(session: Session, hashed: bytes) -> Browser:
    """The open session of who may change how the account is proved: a second factor given lately, or the password
    while there is no second factor yet. Raises Unauthenticated or ConfirmationRequired."""
    browser = await live(session, hashed)
    factors = await factors_of(session.tx, browser.account)
    if not (browser.confirmed(session.now) if factors.second else browser.recent(session.now)):
        raise ConfirmationRequired("Confirmez d'abord votre identité.")
    return browser


async def _note(session: Session, browser: Browser, act: str, **facts: Any) -> None:
    """Record an act on one's own account wherever one has roles."""
    for party in await parties_of(session, browser.account):
        await note(session, browser.account, party, act, **facts)


async def change_password(session: Session, hashed: bytes, hashed_password: str) -> None:
    """A new password; every other session ends."""
    browser = await trusted(session, hashed)
    await set_password(session.tx, browser.account, hashed_password, session.now)
    await close_sessions(session.tx, browser.account, but=hashed)
    await _note(session, browser, "password_changed")


async def start_codes(session: Session, hashed: bytes) -> None:
    """The seed whose first code was just right serves from now on."""
    browser = await trusted(session, hashed)
    await confirm_seed(session.tx, browser.account, session.now)
    await close_sessions(session.tx, browser.account, but=hashed)
    await _note(session, browser, "factor_added", kind="totp")


async def stop_codes(session: Session, hashed: bytes) -> None:
    """One-time codes serve no more."""
    browser = await trusted(session, hashed)
    await remove_seed(session.tx, browser.account)
    await _note(session, browser, "factor_removed", kind="totp")


async def register_passkey(session: Session, hashed: bytes, passkey: Passkey, key: PublicKey | None) -> None:
    """A passkey whose attestation was verified serves from now on; to sign too, in each party of its owner, when it is
    of a kind that verifiers read (`key`)."""
    browser = await trusted(session, hashed)
    await add_passkey(session.tx, passkey)
    await close_sessions(session.tx, browser.account, but=hashed)
    await _note(session, browser, "factor_added", kind="passkey")
    if key is not None:
        for party in await parties_of(session, browser.account):
            await enrol(session, browser.account, party, key)


async def sign_with(session: Session, hashed: bytes, key: PublicKey) -> None:
    """One of one's passkeys signs from now on for the party one acts for: it is older than one's place there, or than
    signatures on devices. Raises NotFound."""
    browser = await trusted(session, hashed)
    known = {passkey.id for passkey in (await factors_of(session.tx, browser.account)).passkeys}
    if key.credential not in known or browser.party not in await parties_of(session, browser.account):
        raise NotFound("Cette clé d'accès n'existe pas.")
    await enrol(session, browser.account, str(browser.party), key)


async def drop_passkey(session: Session, hashed: bytes, credential: bytes) -> None:
    """A passkey serves no more. Raises NotFound."""
    browser = await trusted(session, hashed)
    await end(session, browser.account, "removed", credential=credential)
    if not await remove_passkey(session.tx, browser.account, credential):
        raise NotFound("Cette clé d'accès n'existe pas.")
    await _note(session, browser, "factor_removed", kind="passkey")


async def replace_codes(session: Session, hashed: bytes, codes: list[str]) -> None:
    """New recovery codes; the former ones are void."""
    browser = await trusted(session, hashed)
    await set_codes(session.tx, browser.account, codes, session.now)
    await _note(session, browser, "recovery_codes_made")


async def link(session: Session, hashed: bytes, issuer: str, subject: str) -> None:
    """Link an outside identity to one's own account."""
    browser = await trusted(session, hashed)
    await link_identity(session.tx, browser.account, issuer, subject, session.now)
    await _note(session, browser, "identity_linked")


async def unlink(session: Session, hashed: bytes, issuer: str, subject: str) -> None:
    """Unlink an outside identity. Raises NotFound."""
    browser = await trusted(session, hashed)
    if not await unlink_identity(session.tx, browser.account, issuer, subject):
        raise NotFound("Cette identité n'est pas liée à votre compte.")
    await _note(session, browser, "identity_unlinked")


async def revoke_session(session: Session, hashed: bytes, named: str) -> None:
    """End one of one's own sessions, by its name in the list. Raises NotFound."""
    browser = await live(session, hashed)
    if not await close_session(session.tx, browser.account, named=named):
        raise NotFound("Cette session n'existe pas, ou est terminée.")


async def own_data(session: Session, hashed: bytes) -> Document:
    """Everything kept about one's own account, secrets aside (GDPR article 15 and 20)."""
    browser = await live(session, hashed)
    account = browser.account
    factors = await factors_of(session.tx, account)
    return {
        "account": account,
        "email": (await emails(session.tx, [account]))[account],
        "roles": [
            {"party": r.party, "role": r.role, "from": r.valid_from, "until": r.valid_until}
            for r in await held_roles(session.tx, account=account)
        ],
        "undertakings": [
            {"party": party, "version": version, "accepted_at": at}
            for _, party, version, at in await undertakings(session.tx, account=account)
        ],
        "sign_in": {
            "password_changed_at": factors.password_at,
            "one_time_codes_since": factors.totp_at,
            "passkeys": [{"name": k.name, "created_at": k.created_at, "used_at": k.used_at} for k in factors.passkeys],
            "recovery_codes_left": factors.codes,
            "identities": [
                {"issuer": issuer, "subject": subject, "linked_at": at}
                for issuer, subject, at in await identities_of(session.tx, account)
            ],
        },
        "sessions": [
            {"party": s.party, "device": s.device, "signed_in_at": s.signed_in_at, "seen_at": s.seen_at}
            for s in await sessions_of(session.tx, account, session.now)
        ],
        **await _signing(session, account),
        **await _kept(session, account),
        "records": [
            {"party": party, "at": stored.at, "act": stored.event.act}
            for party, object_id in await journals_of(session.tx, account)
            for stored in await history(session.tx, object_id, session.vault.unwrap)
        ],
    }


async def _signing(session: Session, account: str) -> Document:
    """The keys that sign, the tokens of machines, and the names that stand for the account in the logs."""
    parties = {role.party for role in await held_roles(session.tx, account=account)}
    return {
        "signing_keys": [
            {"party": key.party, "record": f"{key.object}/{key.revision}"} for key in await keys_of(session.tx, account)
        ],
        "tokens": [
            {"party": t.party, "name": t.name, "scopes": list(t.scopes), "created_at": t.created_at,
             "expires_at": t.expires_at, "used_at": t.used_at}
            for party in sorted(parties)
            for t in await live_tokens(session.tx, party, session.now, account=account)
        ],
        "pseudonyms": [{"log": log, "name": name} for log, name in await pseudonyms_of(session.tx, account)],
    }  # fmt: skip


async def _kept(session: Session, account: str) -> Document:
    """What waits or was prepared: absences, invitations accepted, texts of one's own, drafts, notices."""
    return {
        **await kept_under(session.tx, account),
        "elsewhere": (
            "Vos actes (demandes, avis, décisions) sont dans les dossiers d'échange, que votre partie peut lire et "
            "exporter ; les journaux signés n'y ajoutent que les pseudonymes ci-dessus."
        ),
    }
