"""The demonstration's entrance: every role of every party, one click each. Served in a demonstration's home only."""

from litestar import get, post
from litestar.response import Response

from registry.gate.people import entering
from registry.gate.people.entering import choose_party
from registry.gate.people.visiting import party_names
from registry.gate.session import Session
from registry.refusals import NotFound
from registry.storage.accounts import accounts_by_role
from registry.storage.accounts_sessions import session_hash
from server.auth.browser import former_session, local_path, signed_in
from server.auth.context import auth_of
from server.pages.forms import posted
from server.pages.rendering import Call, page, redirect
from server.pages.sign_in import device_of


@get("/demonstration", name="demonstration")
async def demonstration(request: Call) -> Response[str]:
    """Every role that somebody holds today, party by party."""

    async def work(session: Session) -> tuple[dict[str, list[str]], dict[str, str]]:
        held = await accounts_by_role(session.tx, session.today)
        people: dict[str, list[str]] = {}
        for party, role in held:
            people.setdefault(party, []).append(role)
        return people, await party_names(session, people)

    people, names = await auth_of(request).gate.glance(work)
    return page(request, "demo.html", people=people, names=names)


@post("/demonstration", name="demonstration_enter", status_code=303)
async def enter(request: Call) -> Response[str]:
    """Take a role: the real session of the account that holds it, its undertaking accepted, its identity confirmed."""
    form = await posted(request)
    party, role = form.text("party"), form.text("role")

    async def work(session: Session) -> str:
        held = await accounts_by_role(session.tx, session.today)
        if (party, role) not in held:
            raise NotFound("Personne ne tient cette fonction aujourd'hui.")
        account = held[party, role]
        opened = await entering.begin(session, account, device_of(request), former=former_session(request), factor=True)
        return await choose_party(session, session_hash(opened), party, agrees=True)

    identifier = await auth_of(request).gate.unattended(work)
    return redirect(request, "/", session_id=identifier)


@post("/demonstration/confirmation", name="demonstration_confirm", status_code=303)
async def confirm(request: Call) -> Response[str]:
    """Confirm an identity that is nobody's."""
    form = await posted(request)
    found = signed_in(request)
    browser = found.browser
    identifier = await auth_of(request).gate.unattended(
        lambda session: entering.pass_factor(session, browser.hash, browser.account, found.email)
    )
    return redirect(request, local_path(form.text("next")), session_id=identifier)


HANDLERS = [demonstration, enter, confirm]
