"""One's own account: what proves who one is, open sessions, absence, the export of one's data."""

from typing import Any

import msgspec
from litestar import get, post
from litestar.response import Response
from markupsafe import Markup

from registry.gate.mailing import preference_of
from registry.gate.people import own
from registry.gate.people.leaving import NotTheAddress, StillInOffice, erase_own, leaving
from registry.gate.session import Session
from registry.refusals import Detail, Invalid, NotFound, Refusal
from registry.storage.accounts_factors import factors_of, identities_of
from registry.storage.accounts_invitations import absences, undertakings
from registry.storage.accounts_sessions import sessions_of
from registry.storage.notices import CHOICES
from registry.storage.rates import TooOften
from registry.storage.signing_keys import keys_of
from server.auth import codes, proofs
from server.auth.browser import session_cookie, signed_in
from server.auth.context import auth_of
from server.auth.passwords import require_strength
from server.auth.proofs import FactorRefused
from server.pages.forms import Form, errors_of, posted, sent
from server.pages.rendering import Call, page, redirect

ACCOUNT = "/compte"
_NAME_LENGTH = 60


async def account_page(request: Call, status: int = 200, refusal: Refusal | None = None) -> Response[str]:
    """One's own account, with what was refused of it."""
    browser = signed_in(request).browser

    async def work(session: Session) -> dict[str, Any]:
        dated = await undertakings(session.tx, account=browser.account)
        away = await absences(session.tx, browser.party, session.today) if browser.party else []
        return {
            "factors": await factors_of(session.tx, browser.account),
            "signing": {k.credential for k in await keys_of(session.tx, browser.account, party=browser.party or "")},
            "identities": await identities_of(session.tx, browser.account),
            "sessions": await sessions_of(session.tx, browser.account, session.now),
            "undertaken": {party: at for _, party, _, at in dated},
            "absences": away,
            "wishes": await preference_of(session, browser.account),
        }

    auth = auth_of(request)
    shown: dict[str, Any] = errors_of(refusal) if refusal is not None else {"sentence": ""}
    provider = auth.provider.settings.name if auth.provider else None
    shown |= {"mailing": auth.gate.mailing, "choices": CHOICES}
    return page(request, "account.html", status, provider=provider, **await auth.gate.glance(work), **shown)


@get(ACCOUNT, name="account")
async def account(request: Call) -> Response[str]:
    """Everything about one's own account."""
    return await account_page(request)


def new_password(form: Form) -> str:
    """The password typed twice the same. Raises Invalid."""
    password = form.secret("password")
    if password != form.secret("again"):
        message = "Les deux mots de passe diffèrent."
        raise Invalid(message, [Detail(pointer="/again", message=message)])
    return password


@post("/compte/mot-de-passe", name="change_password", status_code=303)
async def change_password(request: Call) -> Response[str]:
    """A new password; every other session ends."""
    form, found, auth = await posted(request), signed_in(request), auth_of(request)
    try:
        password = new_password(form)
        await require_strength(password, found.email)
    except Invalid as refusal:
        return await account_page(request, refusal.status, refusal)
    await auth.gate.glance(lambda session: own.trusted(session, found.browser.hash))
    hashed = await auth.passwords.hash(password)
    await auth.gate.unattended(lambda session: own.change_password(session, found.browser.hash, hashed))
    return redirect(request, ACCOUNT)


@post("/compte/code", name="offer_codes", status_code=303)
async def offer_codes(request: Call) -> Response[str]:
    """A new seed of one-time codes."""
    await posted(request)
    await proofs.new_seed(auth_of(request), signed_in(request))
    return redirect(request, "/compte/code")


async def _seed_page(request: Call, status: int = 200, refusal: Refusal | None = None) -> Response[str]:
    found = signed_in(request)
    seed = await proofs.offered_seed(auth_of(request), found)
    if seed is None:
        return redirect(request, ACCOUNT)
    picture = Markup(codes.qr_svg(codes.provisioning(seed, found.email)))  # noqa: S704  made by segno from our own text
    spaced = " ".join(seed[i : i + 4] for i in range(0, len(seed), 4))
    sentence = refusal.sentence if refusal is not None else ""
    return page(request, "one_time_codes.html", status, picture=picture, seed=spaced, sentence=sentence)


@get("/compte/code", name="show_seed")
async def show_seed(request: Call) -> Response[str]:
    """The seed that waits for its first code, as a QR code."""
    return await _seed_page(request)


@post("/compte/code/confirmation", name="confirm_codes", status_code=303)
async def confirm_codes(request: Call) -> Response[str]:
    """The first code of a new seed; recovery codes follow when there are none."""
    form, found, auth = await posted(request), signed_in(request), auth_of(request)
    try:
        identifier = await proofs.confirm_seed(auth, found, form.text("code"))
    except (FactorRefused, TooOften) as refusal:
        return await _seed_page(request, refusal.status, refusal)
    return redirect(request, ACCOUNT, session_id=identifier)


@post("/compte/code/suppression", name="remove_codes", status_code=303)
async def remove_codes(request: Call) -> Response[str]:
    """One-time codes serve no more."""
    await posted(request)
    found = signed_in(request)
    await auth_of(request).gate.unattended(lambda session: own.stop_codes(session, found.browser.hash))
    return redirect(request, ACCOUNT)


@post("/compte/codes-de-secours", name="make_recovery_codes", status_code=200)
async def make_recovery_codes(request: Call) -> Response[str]:
    """New recovery codes, shown this once."""
    await posted(request)
    found, made = signed_in(request), codes.recovery_codes()
    await auth_of(request).gate.unattended(lambda session: own.replace_codes(session, found.browser.hash, made))
    return page(request, "recovery_codes.html", codes=made)


@post("/compte/cles/options", name="passkey_creation_options", status_code=200)
async def passkey_options(request: Call) -> dict[str, Any]:
    """Options to make a passkey."""
    await sent(request)
    return {"options": await proofs.passkey_creation(auth_of(request), signed_in(request))}


@post("/compte/cles", name="add_passkey", status_code=200)
async def add_passkey(request: Call) -> Response[dict[str, Any]]:
    """Keep the passkey just made."""
    given = await sent(request)
    auth, found = auth_of(request), signed_in(request)
    name = "".join(c for c in str(given.get("name") or "") if c.isprintable()).strip()[:_NAME_LENGTH]
    identifier = await proofs.add_passkey(auth, found, given.get("credential"), name or "Clé d'accès")
    return Response({"next": ACCOUNT}, cookies=[session_cookie(auth, identifier)])


@post("/compte/cles/suppression", name="remove_passkey", status_code=303)
async def remove_passkey(request: Call) -> Response[str]:
    """A passkey serves no more."""
    form, found = await posted(request), signed_in(request)
    try:
        credential = bytes.fromhex(form.text("key"))
    except ValueError:
        raise NotFound("Cette clé d'accès n'existe pas.") from None
    await auth_of(request).gate.unattended(lambda session: own.drop_passkey(session, found.browser.hash, credential))
    return redirect(request, ACCOUNT)


@post("/compte/cles/signature", name="sign_with_passkey", status_code=303)
async def sign_with(request: Call) -> Response[str]:
    """One of one's passkeys signs one's opinions and decisions from now on."""
    form, found, auth = await posted(request), signed_in(request), auth_of(request)
    factors = await auth.gate.glance(lambda session: factors_of(session.tx, found.browser.account))
    key = next((k for k in factors.passkeys if k.id.hex() == form.text("key")), None)
    readable = auth.site.public_key(key.id, key.public_key) if key is not None else None
    if readable is None:
        raise NotFound("Cette clé d'accès n'existe pas, ou n'est pas d'un genre qui signe.")
    await auth.gate.unattended(lambda session: own.sign_with(session, found.browser.hash, readable))
    return redirect(request, ACCOUNT)


@post("/compte/identite/suppression", name="unlink_identity", status_code=303)
async def unlink(request: Call) -> Response[str]:
    """An outside identity signs in to this account no more."""
    form, found = await posted(request), signed_in(request)
    await auth_of(request).gate.unattended(
        lambda session: own.unlink(session, found.browser.hash, form.text("issuer"), form.text("subject"))
    )
    return redirect(request, ACCOUNT)


@post("/compte/sessions", name="revoke_session", status_code=303)
async def revoke_session(request: Call) -> Response[str]:
    """End another of one's own sessions."""
    form, found = await posted(request), signed_in(request)
    await auth_of(request).gate.unattended(
        lambda session: own.revoke_session(session, found.browser.hash, form.text("session"))
    )
    return redirect(request, ACCOUNT)


@get("/compte/donnees.json", name="own_data")
async def own_data(request: Call) -> Response[bytes]:
    """Everything kept about one's own account, secrets aside."""
    found = signed_in(request)
    data = await auth_of(request).gate.glance(lambda session: own.own_data(session, found.browser.hash))
    headers = {"Content-Disposition": 'attachment; filename="ecluse-mon-compte.json"', "Cache-Control": "no-store"}
    return Response(
        msgspec.json.format(msgspec.json.encode(data), indent=1), media_type="application/json", headers=headers
    )


@get("/compte/effacement", name="leave_page")
async def leave_page(request: Call) -> Response[str]:
    """What erasing one's own account does, and what stands in the way."""
    return await _leave_page(request)


async def _leave_page(request: Call, status: int = 200, refusal: Refusal | None = None) -> Response[str]:
    found = signed_in(request)
    told = await auth_of(request).gate.glance(lambda session: leaving(session, found.browser.account))
    shown = errors_of(refusal) if refusal is not None else {"sentence": ""}
    return page(request, "leave.html", status, told=told, **shown)


@post("/compte/effacement", name="erase_own_account", status_code=303)
async def leave(request: Call) -> Response[str]:
    """Erase one's own account: the session that asked is gone with it."""
    form, found, auth = await posted(request), signed_in(request), auth_of(request)
    try:
        await auth.gate.unattended(lambda session: erase_own(session, found.browser.hash, form.text("email")))
    except (NotTheAddress, StillInOffice) as refusal:
        return await _leave_page(request, refusal.status, refusal)
    request.app.state.cleaner.wake()
    return redirect(request, "/", cookies=(session_cookie(auth, None),))


HANDLERS = [
    account, change_password, offer_codes, show_seed, confirm_codes, remove_codes, make_recovery_codes,
    passkey_options, add_passkey, remove_passkey, sign_with, unlink, revoke_session, own_data, leave_page, leave,
]  # fmt: skip
