"""The page where an exchange that already runs is declared, to enter the circuit as a request."""

from typing import Any

from litestar import get, post
from litestar.response import Response

from registry.gate import Unauthenticated
from registry.gate.beginnings import create_existing
from registry.gate.drafting import beginnings, living
from registry.refusals import Detail, Invalid, Refusal
from server.api.http import gate_of, parameters, valid
from server.auth.browser import CrossSite, caller_of, signed_in
from server.pages.forms import Form, errors_of, posted
from server.pages.rendering import Call, page, redirect
from server.pages.schema_answers import document_of
from server.pages.schema_form import fields_of, noted

_KEYS = ("request/title", "request/holder", "request/requester", "since", "papers", "deadline")
"""What is asked at once; the request itself is described in the steps of its own form."""


async def _page(request: Call, answers: dict[str, Any], refusal: Refusal | None = None) -> Response[str]:
    found = await gate_of(request).read(caller_of(request), beginnings)
    parties = {name: title for one in found.conventions for name, title in living(one, found.today).items()}
    told: dict[str, Any] = errors_of(refusal) if refusal else {"errors": {}, "sentence": ""}
    named = list(parties.items())
    choices = {"request/holder": named, "request/requester": named}
    fields = fields_of("existing_exchange", _KEYS, answers, told["errors"], choices=choices)
    status = refusal.status if refusal else 200
    sentence = told["sentence"]
    return page(request, "existing.html", status, fields=fields, said=noted(fields, told["errors"]), sentence=sentence)


@get("/echanges/existant", name="existing_page")
async def show(request: Call) -> Response[str]:
    """The form: since when, on which papers, by when."""
    parameters(request, ("lang",))
    return await _page(request, {"request": {"requester": signed_in(request).browser.party}})


@post("/echanges/existant", name="declare_existing", status_code=303)
async def declare(request: Call) -> Response[str]:
    """A draft that says since when the exchange runs; its description follows."""
    form = await posted(request)
    answers = document_of("existing_exchange", form.fields, _KEYS)
    try:
        convention = await _convention(request, form)
        body = {**answers, "request": answers.get("request") or {}}
        valid(body, "existing_exchange")
        made = await gate_of(request).write(
            caller_of(request), lambda session: create_existing(session, convention, body)
        )
    except (CrossSite, Unauthenticated):
        raise
    except Refusal as refusal:
        return await _page(request, answers, refusal)
    return redirect(request, f"{(made.location or '').replace('/api/v1/requests', '/echanges')}/demande")


async def _convention(request: Call, form: Form) -> str:
    """The convention that knows both parties: the latest one. Raises Invalid."""
    found = await gate_of(request).read(caller_of(request), beginnings)
    named = [form.text(name) for name in ("request/holder", "request/requester") if form.text(name)]
    for one in reversed(found.conventions):
        if all(one.party(party) is not None for party in named):
            return one.id
    message = "Aucune convention ne lie ces parties."
    raise Invalid(message, [Detail(pointer="/request/holder", message=message)])


HANDLERS = [show, declare]
