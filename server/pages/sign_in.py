"""Signing in and out: password, passkey, second factor, the choice of a party."""

from typing import Any

from litestar import get, post
from litestar.response import Response

from registry.gate.people.entering import choose_party, leave
from registry.gate.people.visiting import Visitor
from registry.gate.session import Session
from registry.refusals import Invalid, Refusal
from registry.storage.accounts_factors import Factors, factors_of, identities_of
from registry.storage.accounts_invitations import undertakings
from registry.storage.rates import TooOften
from registry.undertaking import TEXT, VERSION
from server.auth import proofs
from server.auth.browser import former_session, local_path, session_cookie, session_id, signed_in, visiting
from server.auth.context import auth_of
from server.auth.proofs import FactorRefused, SignInRefused
from server.pages.forms import errors_of, posted, sent
from server.pages.rendering import Call, page, redirect, sentence

_AGENTS = {"Firefox": "Firefox", "Edg/": "Edge", "OPR/": "Opera", "Chrome": "Chrome", "Safari": "Safari"}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def device_of(request: Call) -> str:
    """What a session is called in its owner's list: browser and system, nothing finer."""
    agent = request.headers.get("user-agent", "")
    found = [next((name for mark, name in known.items() if mark in agent), "") for known in (_AGENTS, _SYSTEMS)]
    return ", ".join(part for part in found if part) or "Appareil inconnu"


def origin_of(request: Call) -> str:
    """The network address that tries are counted by."""
    return request.client.host if request.client else ""


def _entrance(request: Call, following: str, status: int = 200, **context: Any) -> Response[str]:
    provider = auth_of(request).provider
    shown = {"email": "", "sentence": "", "provider": provider.settings.name if provider else None, **context}
    return page(request, "sign_in.html", status, following=following, **shown)


@get("/connexion", name="sign_in")
async def sign_in(request: Call) -> Response[str]:
    """The form; or on, for who is signed in already."""
    following = local_path(request.query_params.get("next"))
    found = visiting(request)
    if found is not None:
        return redirect(request, onward(found, following))
    return _entrance(request, following)


@post("/connexion", name="sign_in_password", status_code=303)
async def with_password(request: Call) -> Response[str]:
    """Sign in with an address and a password."""
    form = await posted(request)
    email, following = form.text("email"), local_path(form.text("next"))
    auth = auth_of(request)
    try:
        identifier = await proofs.by_password(
            auth, email, form.secret("password"), origin_of(request), device_of(request), former_session(request)
        )
    except (SignInRefused, TooOften) as refusal:
        return _entrance(request, following, refusal.status, email=email, sentence=refusal.sentence)
    return redirect(request, after(following), session_id=identifier)


def after(following: str) -> str:
    """Through the page that sends everybody where they still have to go."""
    from urllib.parse import quote

    return following if following.startswith("/connexion/") else f"/connexion/suite?next={quote(following, safe='/')}"


def onward(visitor: Visitor, following: str) -> str:
    """What is still asked of a visitor: a second factor, a party, or nothing more."""
    from urllib.parse import quote

    asked = f"?next={quote(following, safe='/')}"
    if visitor.browser.stage != "open":
        return f"/confirmation{asked}"
    return following if visitor.acting else f"/connexion/partie{asked}"


@get("/connexion/suite", name="sign_in_onward")
async def go_on(request: Call) -> Response[str]:
    """On to what is still asked, then to where the person was going."""
    following, found = local_path(request.query_params.get("next")), visiting(request)
    return redirect(request, onward(found, following) if found is not None else "/connexion")


@post("/connexion/cle/options", name="passkey_sign_in_options", status_code=200)
async def passkey_options(request: Call) -> dict[str, Any]:
    """A challenge for any passkey of the site."""
    await sent(request)
    return {"options": await proofs.passkey_challenge(auth_of(request), None, origin_of(request))}


@post("/connexion/cle", name="passkey_sign_in", status_code=200)
async def with_passkey(request: Call) -> Response[dict[str, Any]]:
    """Sign in with a passkey."""
    given = await sent(request)
    auth = auth_of(request)
    identifier = await proofs.by_passkey(
        auth, None, given.get("credential"), device_of(request), former_session(request)
    )
    following = after(local_path(str(given.get("next") or "/")))
    return Response({"next": following}, cookies=[session_cookie(auth, identifier)])


async def means(request: Call, visitor: Visitor) -> tuple[Factors, bool]:
    """What the visitor can confirm with, and whether an outside identity is linked."""

    async def work(session: Session) -> tuple[Factors, bool]:
        account = visitor.browser.account
        return await factors_of(session.tx, account), bool(await identities_of(session.tx, account))

    return await auth_of(request).gate.glance(work)


def _about_oneself(path: str) -> bool:
    """Whether a path is of one's own account, where a password confirms as long as there is no second factor."""
    plain = path.partition("?")[0]
    return plain == "/compte" or plain.startswith("/compte/")


async def _confirmation(
    request: Call, visitor: Visitor, following: str, status: int = 200, **context: Any
) -> Response[str]:
    factors, linked = await means(request, visitor)
    provider = auth_of(request).provider
    entering = visitor.browser.stage != "open"
    heading = "Second facteur" if entering else "Confirmer votre identité"
    explanation = (
        "Votre mot de passe est juste. Confirmez maintenant que c'est bien vous."
        if entering
        else "Cet acte vous engage : confirmez que c'est bien vous. La confirmation vaut dix minutes."
    )
    shown = {"sentence": "", **context}
    strong = linked and provider is not None and provider.settings.acr is not None
    lacking = not (entering or factors.second or strong or _about_oneself(following) or auth_of(request).demo)
    offered = provider.settings.name if provider is not None and strong and not entering else None
    return page(
        request, "confirm.html", status, factors=factors, following=following, provider=offered, lacking=lacking,
        heading=sentence(request, heading), explanation=sentence(request, explanation), **shown,
    )  # fmt: skip


@get("/confirmation", name="confirm")
async def confirm(request: Call) -> Response[str]:
    """The second factor, when signing in or before a grave act."""
    following, found = local_path(request.query_params.get("next")), visiting(request)
    if found is None:
        return redirect(request, "/connexion")
    return await _confirmation(request, found, following)


@post("/confirmation", name="confirm_code", status_code=303)
async def with_code(request: Call) -> Response[str]:
    """Confirm with a code; or with the password, while there is no second factor."""
    form = await posted(request)
    following, found = local_path(form.text("next")), visiting(request)
    if found is None:
        return redirect(request, "/connexion")
    auth = auth_of(request)
    try:
        if form.text("code") or found.browser.stage != "open":
            identifier = await proofs.by_code(auth, found, form.text("code"))
        else:
            identifier = await proofs.confirm_password(auth, found, form.secret("password"))
    except (FactorRefused, SignInRefused, TooOften) as refusal:
        return await _confirmation(request, found, following, refusal.status, sentence=refusal.sentence)
    return redirect(request, after(following), session_id=identifier)


@post("/confirmation/cle/options", name="passkey_confirm_options", status_code=200)
async def confirm_options(request: Call) -> dict[str, Any]:
    """A challenge for one of the visitor's own passkeys."""
    await sent(request)
    found = visiting(request)
    if found is None:
        raise SignInRefused("Votre session est terminée : reconnectez-vous.")
    return {"options": await proofs.passkey_challenge(auth_of(request), found, origin_of(request))}


@post("/confirmation/cle", name="passkey_confirm", status_code=200)
async def confirm_passkey(request: Call) -> Response[dict[str, Any]]:
    """Confirm with a passkey."""
    given = await sent(request)
    found, auth = visiting(request), auth_of(request)
    if found is None:
        raise SignInRefused("Votre session est terminée : reconnectez-vous.")
    identifier = await proofs.by_passkey(auth, found, given.get("credential"), device_of(request))
    following = after(local_path(str(given.get("next") or "/")))
    return Response({"next": following}, cookies=[session_cookie(auth, identifier)])


async def _parties(request: Call, following: str, status: int = 200, refusal: Refusal | None = None) -> Response[str]:
    found = signed_in(request)

    async def work(session: Session) -> set[str]:
        dated = await undertakings(session.tx, account=found.browser.account)
        return {party for _, party, version, _ in dated if version == VERSION}

    shown = errors_of(refusal) if refusal is not None else {"sentence": ""}
    undertaken = await auth_of(request).gate.glance(work)
    return page(
        request, "choose_party.html", status, undertaken=undertaken, following=following,
        undertaking=TEXT.splitlines(), **shown,
    )  # fmt: skip


@get("/connexion/partie", name="choose_party")
async def parties(request: Call) -> Response[str]:
    """The parties one may act for, each with its undertaking of confidentiality when it is not accepted yet."""
    return await _parties(request, local_path(request.query_params.get("next")))


@post("/connexion/partie", name="enter_party", status_code=303)
async def enter(request: Call) -> Response[str]:
    """Act for a party from now on."""
    form = await posted(request)
    following, found = local_path(form.text("next")), signed_in(request)
    try:
        identifier = await auth_of(request).gate.unattended(
            lambda session: choose_party(
                session, found.browser.hash, form.text("party"), agrees=form.text("agrees") == "yes"
            )
        )
    except Invalid as refusal:
        return await _parties(request, following, refusal.status, refusal)
    return redirect(request, following, session_id=identifier)


@post("/deconnexion", name="sign_out", status_code=303)
async def sign_out(request: Call) -> Response[str]:
    """End this session."""
    await posted(request)
    auth, found = auth_of(request), visiting(request)
    if found is not None:
        await auth.gate.unattended(lambda session: leave(session, found.browser.hash))
    gone = (session_cookie(auth, None),) if session_id(request) else ()
    return redirect(request, "/", cookies=gone)


HANDLERS = [
    sign_in, with_password, go_on, passkey_options, with_passkey, confirm, with_code, confirm_options, confirm_passkey,
    parties, enter, sign_out,
]  # fmt: skip
