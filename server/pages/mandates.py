"""Who is designated and who signs for whom: designations and delegations, dated acts of the convention."""

from typing import Any

from litestar import get, post
from litestar.response import Response

from registry.authorisation import RIGHTS
from registry.convention_command import ConventionCommand
from registry.gate import Answer
from registry.gate.conventions import act, convention_of_party, shown
from registry.gate.session import Session
from registry.refusals import AlreadyDone, Detail, Invalid, Refusal
from schemas import violations
from server.auth.browser import caller_of
from server.auth.context import auth_of
from server.pages.forms import Form, errors_of, posted
from server.pages.rendering import Call, page, redirect

MANDATES = "/mandats"
POLICIES = {
    "none": "N'est pas admise",
    "accepted": "Est admise, au choix de la personne",
    "required": "Est exigée pour chaque avis et chaque décision",
}


async def _mandates(request: Call, status: int = 200, refusal: Refusal | None = None) -> Response[str]:
    async def work(session: Session) -> dict[str, Any]:
        session.require("mandates.read")
        convention_id = await convention_of_party(session, session.actor.party)
        convention = (await session.convention(convention_id)).convention
        document = await shown(session, convention)
        party = next(p for p in document["parties"] if p["id"] == session.actor.party)
        return {
            "designations": party.get("dpo_designations", []),
            "delegations": party.get("delegations", []),
            "policy": convention.device_policy(session.actor.party),
            "policies": POLICIES,
            "sets_policy": bool(session.actor.roles & RIGHTS["mandates.devices"].roles),
            "today": session.today.isoformat(),
        }

    shown_of = errors_of(refusal) if refusal is not None else {"sentence": ""}
    found = await auth_of(request).gate.read(caller_of(request), work)
    return page(request, "mandates.html", status, **found, **shown_of)


@get(MANDATES, name="mandates")
async def mandates(request: Call) -> Response[str]:
    """The party's designations and delegations, past ones included."""
    return await _mandates(request)


async def _record(request: Call, name: str, body: dict[str, Any]) -> Response[str]:
    """Record the act; or the page again, with what is wrong beside its field."""

    async def work(session: Session) -> Answer[None]:
        found = violations(name, body)
        if found:
            details = [Detail(pointer=v.pointer, message=v.message) for v in found]
            raise Invalid("Le formulaire est incomplet.", details)
        command = ConventionCommand(name, body, session.actor.party)
        await act(session, await convention_of_party(session, session.actor.party), command)
        return Answer(None)

    try:
        await auth_of(request).gate.write(caller_of(request), work)
    except Invalid as refusal:
        return await _mandates(request, refusal.status, refusal)
    return redirect(request, MANDATES)


def _day(form: Form, name: str) -> str | None:
    return form.text(name) or None


@post("/mandats/delegations", name="record_delegation", status_code=303)
async def delegate(request: Call) -> Response[str]:
    """The controller delegates their signature, between two dates."""
    form = await posted(request)
    body = {
        "user": form.text("user").lower(),
        "valid_from": _day(form, "valid_from"),
        "valid_until": _day(form, "valid_until"),
        "reference": form.text("reference") or None,
    }
    return await _record(request, "delegation", body)


@post("/mandats/designations", name="record_designation", status_code=303)
async def designate(request: Call) -> Response[str]:
    """A DPO is designated, or an interim one."""
    form = await posted(request)
    body = {
        "person": form.text("person").lower(),
        "from": _day(form, "from"),
        "until": _day(form, "until"),
        "interim": form.text("interim") == "yes",
    }
    return await _record(request, "dpo_designation", body)


@post("/mandats/signature", name="set_device_policy_page", status_code=303)
async def set_policy(request: Call) -> Response[str]:
    """Whether opinions and decisions of the party are signed on their authors' devices."""
    form = await posted(request)
    try:
        return await _record(request, "device_policy", {"policy": form.text("policy")})
    except AlreadyDone:
        return redirect(request, MANDATES)


HANDLERS = [mandates, set_policy, delegate, designate]
