"""The page behind an invitation's link: take a new account, or add a party to one's own."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.gate.people.invitations import Offer, accept_known, accept_new, offer
from registry.gate.people.visiting import party_names
from registry.gate.session import Session
from registry.refusals import Invalid, NotFound, Refusal
from registry.storage.rates import Limit
from registry.undertaking import TEXT
from server.api.http import limited
from server.auth.browser import former_session, signed_in, visiting
from server.auth.context import auth_of
from server.auth.passwords import require_strength
from server.pages.account import new_password
from server.pages.forms import errors_of, posted
from server.pages.rendering import Call, page, redirect
from server.pages.sign_in import after, device_of

_TRIES = Limit("invitations", 30, 10)
_LONGEST = 100


async def _offer(request: Call, secret: str) -> tuple[Offer, str]:
    await limited(request, _TRIES)
    if len(secret) > _LONGEST:
        raise NotFound("Ce lien n'est plus valable : demandez-en un autre à l'administrateur de votre partie.")

    async def work(session: Session) -> tuple[Offer, str]:
        found = await offer(session, secret)
        party = found.invitation.party
        return found, (await party_names(session, [party]))[party]

    return await auth_of(request).gate.glance(work)


async def _page(request: Call, secret: str, status: int = 200, refusal: Refusal | None = None) -> Response[str]:
    found, name = await _offer(request, secret)
    visitor = visiting(request)
    shown: dict[str, Any] = errors_of(refusal) if refusal is not None else {"sentence": ""}
    return page(
        request, "invitation.html", status, invitation=found.invitation, party_name=name, known=found.known,
        mine=visitor is not None and visitor.browser.account == found.account,
        reset=found.invitation.kind == "reset", undertaking=TEXT.splitlines(), **shown,
    )  # fmt: skip


@get("/invitation/{secret:str}", name="invitation")
async def invitation(request: Call, secret: FromPath[str]) -> Response[str]:
    """What the link offers."""
    return await _page(request, secret)


@post("/invitation/{secret:str}", name="accept_invitation", status_code=303)
async def accept(request: Call, secret: FromPath[str]) -> Response[str]:
    """Accept: with a new password, or as the person signed in; the undertaking is dated."""
    form = await posted(request)
    found, _ = await _offer(request, secret)
    auth, agrees = auth_of(request), form.text("agrees") == "yes"
    try:
        if found.known:
            hashed = signed_in(request).browser.hash
            identifier = await auth.gate.unattended(lambda s: accept_known(s, secret, hashed, agrees=agrees))
            return redirect(request, "/", session_id=identifier)
        password = new_password(form)
        await require_strength(password, found.invitation.email)
        kept = await auth.passwords.hash(password)
        identifier = await auth.gate.unattended(
            lambda session: accept_new(
                session, secret, kept, device_of(request), former=former_session(request), agrees=agrees
            )
        )
    except Invalid as refusal:
        return await _page(request, secret, refusal.status, refusal)
    return redirect(request, after("/compte"), session_id=identifier)


HANDLERS = [invitation, accept]
