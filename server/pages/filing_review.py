"""Everything a request says, read again with what the checks say of it; then filing it."""

from collections.abc import Mapping
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.exchange.decide import Command
from registry.gate import Unauthenticated
from registry.gate.drafting import Written
from registry.gate.exchanges import act as record_act
from registry.gate.reading import request_view
from registry.refusals import Refusal
from server.api.http import gate_of, uuid_of, valid
from server.auth.browser import caller_of, signed_in
from server.pages.filing import draft, version_of
from server.pages.filing_steps import Step, begun, not_personal, step_of_place, steps_of, told
from server.pages.forms import errors_of, posted
from server.pages.rendering import Call, page, redirect
from server.pages.schema_form import document_of, fields_of, noted

_FILING = ("needed_by", "urgency_reason")


@get("/echanges/{request_id:str}/demande/relecture", name="review_draft")
async def review(request: Call, request_id: FromPath[str]) -> Response[str]:
    """Everything, to be read again before filing."""
    return _review_page(request, await draft(request, request_id))


@post("/echanges/{request_id:str}/demande/depot", name="file_draft", status_code=303)
async def deposit(request: Call, request_id: FromPath[str]) -> Response[str]:
    """File the request that was re-read."""
    form = await posted(request)
    identifier = uuid_of(request_id)
    view = await gate_of(request).read(caller_of(request), lambda session: request_view(session, identifier))
    if view.file.submitted_by == signed_in(request).browser.account:
        return redirect(request, f"/echanges/{identifier}/recepisse")  # the button was pressed twice
    found = await draft(request, request_id)
    body = document_of("filing", form.fields, _FILING)
    command = Command("filing", {**body, "received_via": "form"}, version_of(form))
    try:
        valid(command.body, "filing")
        await gate_of(request).write(caller_of(request), lambda session: record_act(session, found.file.id, command))
    except Unauthenticated:
        raise
    except Refusal as refusal:
        return _review_page(request, await draft(request, request_id), body, refusal)
    return redirect(request, f"/echanges/{found.file.id}/recepisse")


def _review_page(
    request: Call, found: Written, body: dict[str, Any] | None = None, refusal: Refusal | None = None
) -> Response[str]:
    file, steps = found.file, steps_of(found.file.request)
    shown: dict[str, Any] = errors_of(refusal) if refusal else {"errors": {}, "sentence": ""}
    fields = fields_of("filing", _FILING, body, shown["errors"])
    places = [(one, _first_step(one, steps)) for one in found.view.checked.findings]
    return page(
        request, "filing_review.html", refusal.status if refusal else 200,
        file=file, files="filing" in found.view.acts, steps=steps, places=places, fields=fields,
        told=[(step, told(step, file.request)) for step in steps],
        said=noted(fields, shown["errors"]), sentence=shown["sentence"], short=not_personal(file.request),
        missing=[step for step in steps if not begun(step, file.request)], refusal=refusal,
        name=lambda party: str((found.convention.party(party) or {}).get("name") or party),
    )  # fmt: skip


def _first_step(finding: Mapping[str, Any], steps: tuple[Step, ...]) -> Step | None:
    found = (step_of_place(pointer.lstrip("/"), steps) for pointer in finding["pointers"])
    return next((step for step in found if step is not None), None)


HANDLERS = [review, deposit]
