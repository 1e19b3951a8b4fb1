"""Signing in, confirming and linking through the OpenID provider."""

from litestar import get, post
from litestar.response import Response

from registry.gate import Unauthenticated
from registry.gate.people import entering, own
from registry.gate.people.visiting import Visitor
from registry.gate.session import Session
from registry.refusals import NotFound
from registry.storage.accounts_factors import account_of_identity
from registry.storage.engines import UniqueViolation
from registry.storage.rates import Limit
from server.api.http import limited
from server.auth.browser import cookie, former_session, local_path, signed_in, visiting
from server.auth.context import Auth, auth_of
from server.auth.oidc import COOKIE, LIFETIME, Flow, Identity, Provider, ProviderRefused, open_flow, seal_flow
from server.pages.forms import posted
from server.pages.rendering import Call, page, redirect
from server.pages.sign_in import after, device_of

CALLBACK = "/connexion/oidc/retour"
_STARTS = Limit("oidc", 30, 10)


def _provider(auth: Auth) -> Provider:
    if auth.provider is None:
        raise NotFound("Cette installation n'a pas de fournisseur d'identité.")
    return auth.provider


@post("/connexion/oidc", name="oidc_begin", status_code=200)
async def begin(request: Call) -> Response[str]:
    """Go to the provider: to sign in, or (signed in already) to confirm or to link an identity."""
    form = await posted(request)
    auth = auth_of(request)
    provider, purpose = _provider(auth), form.text("purpose") or "sign-in"
    await limited(request, _STARTS)
    session = ""
    if purpose in {"link", "confirm"}:
        session = signed_in(request).browser.id
    elif purpose != "sign-in":
        raise NotFound("Cette adresse n'existe pas.")
    flow = provider.new_flow(purpose, local_path(form.text("next")), session=session)
    kept = cookie(auth, COOKIE, seal_flow(auth.secrets, flow), LIFETIME)
    # A page rather than a redirection: browsers apply `form-action 'self'` to where a form leads in the end.
    address, name = await provider.address(flow), provider.settings.name
    return page(request, "leaving.html", cookies=(kept,), address=address, provider=name)


@get(CALLBACK, name="oidc_callback")
async def callback(request: Call) -> Response[str]:
    """The provider's answer, for the browser that asked."""
    auth = auth_of(request)
    provider, flow = _provider(auth), open_flow(auth.secrets, request.cookies.get(COOKIE))
    identity = await provider.identity(flow, dict(request.query_params.items()), auth.wall())
    found = visiting(request)
    if flow.purpose in {"link", "confirm"} and (found is None or found.browser.id != flow.session):
        raise Unauthenticated("Votre session a changé pendant l'identification : recommencez.")
    if flow.purpose == "link" and found is not None:
        response = await _linked(request, auth, found, identity)
    else:
        response = await _entered(request, auth, flow, identity)
    response.set_cookie(cookie(auth, COOKIE, None))
    return response


async def _linked(request: Call, auth: Auth, found: Visitor, identity: Identity) -> Response[str]:
    async def work(session: Session) -> None:
        await entering.require_siret(session, identity.siret, list(found.parties))
        await own.link(session, found.browser.hash, identity.issuer, identity.subject)

    try:
        await auth.gate.unattended(work)
    except UniqueViolation:
        raise ProviderRefused("Cette identité est déjà liée à un compte.") from None
    return redirect(request, "/compte")


async def _entered(request: Call, auth: Auth, flow: Flow, identity: Identity) -> Response[str]:
    """Sign in to the account that this very subject was linked to; confirm only as oneself."""
    found, strong = visiting(request), _provider(auth).settings.acr is not None

    async def work(session: Session) -> str:
        account = await account_of_identity(session.tx, identity.issuer, identity.subject)
        if account is None:
            raise ProviderRefused(
                "Cette identité n'est liée à aucun compte : connectez-vous autrement, puis liez-la dans « Mon compte »."
            )
        await entering.require_siret(session, identity.siret, list(await entering.parties_of(session, account)))
        if flow.purpose == "confirm" and found is not None:
            if account != found.browser.account:
                raise ProviderRefused("Cette identité est celle d'un autre compte.")
            return await entering.pass_factor(session, found.browser.hash, account, found.email)
        return await entering.begin(session, account, device_of(request), former=former_session(request), factor=strong)

    identifier = await auth.gate.unattended(work)
    return redirect(request, after(flow.following), session_id=identifier)


HANDLERS = [begin, callback]
