"""A new request: blank, from a usual one or from a previous exchange; for one party or several; and its receipt."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.convention import Convention
from registry.exchange.deadlines.clocks import LABELS
from registry.exchange.file import Document
from registry.gate import Answer
from registry.gate.drafting import Beginnings, beginnings, begun_from, filing_of, living
from registry.gate.exchanges import create_request
from registry.gate.session import Session
from registry.refusals import Detail, Invalid
from server.api.http import PREFIX, gate_of, parameters, slug_of, uuid_of, valid
from server.auth.browser import caller_of, signed_in
from server.pages.filing_steps import not_personal
from server.pages.forms import Form, errors_of, posted
from server.pages.rendering import Call, page, redirect
from server.pages.usual import begun_with, usual_requests

_BLANK, _PREVIOUS = "blank", "previous"


@get("/echanges/nouveau", name="new_request")
async def start(request: Call) -> Response[str]:
    """What one may begin from; `de` names an exchange to begin from."""
    given = parameters(request, ("de", "lang"))
    found = await gate_of(request).read(caller_of(request), beginnings)
    typed = {"start": _PREVIOUS, "previous": given["de"]} if "de" in given else {"start": _BLANK}
    return _start_page(request, found, typed)


@post("/echanges/nouveau", name="begin_request", status_code=303)
async def begin(request: Call) -> Response[str]:
    """A draft, or one for each party that is to receive what one holds."""
    form = await posted(request)
    found = await gate_of(request).read(caller_of(request), beginnings)
    try:
        convention, document = await _document(request, form, found)
        made = await _create(request, convention, document, form.every("towns"))
    except Invalid as refusal:
        typed = {name: form.text(name) for name in ("start", "previous", "holder", "convention")}
        return _start_page(request, found, {**typed, "towns": form.every("towns")}, refusal)
    return redirect(request, f"/echanges/{made[0]}/demande" if len(made) == 1 else "/echanges?state=draft")


async def _document(request: Call, form: Form, found: Beginnings) -> tuple[str, Document]:
    """The convention and the request that a draft begins with. Raises Invalid or NotFound."""
    chosen = form.text("start") or _BLANK
    if chosen == _PREVIOUS:
        if not form.text("previous"):
            raise _at("previous", "Choisissez l'échange dont vous voulez repartir.")
        identifier = uuid_of(form.text("previous"))
        return await gate_of(request).read(caller_of(request), lambda session: begun_from(session, identifier))
    convention = _convention(found, form.text("convention"))
    if chosen != _BLANK and chosen not in usual_requests():
        raise _at("start", "Choisissez de quoi partir.")
    document = begun_with(chosen, convention) if chosen != _BLANK else {}
    holder = form.text("holder")
    return convention.id, {**document, "holder": slug_of(holder)} if holder else document


def _convention(found: Beginnings, asked: str) -> Convention:
    for convention in found.conventions:
        if convention.id == asked or (not asked and len(found.conventions) == 1):
            return convention
    raise _at("convention", "Choisissez la convention.")


def _at(field: str, message: str) -> Invalid:
    return Invalid(message, [Detail(pointer=f"/{field}", message=message)])


async def _create(request: Call, convention: str, document: Document, towns: list[str]) -> list[str]:
    """The ids of the drafts, made together or not at all."""
    own = signed_in(request).browser.party
    documents = [{**document, "holder": own, "requester": slug_of(town)} for town in dict.fromkeys(towns)] or [document]
    for one in documents:
        valid(one, "request")

    async def work(session: Session) -> Answer[list[str]]:
        made = [(await create_request(session, convention, one)).value for one in documents]
        return Answer([file.id for file in made if file is not None])

    done = await gate_of(request).write(caller_of(request), work)
    return done.value or []


def _start_page(
    request: Call, found: Beginnings, typed: dict[str, Any], refusal: Invalid | None = None
) -> Response[str]:
    own = signed_in(request).browser.party
    parties = {name: title for one in found.conventions for name, title in living(one, found.today).items()}
    shown = errors_of(refusal) if refusal else {"sentence": ""}
    return page(
        request, "filing_start.html", refusal.status if refusal else 200,
        conventions=[(one.id, one.document["short_name"]) for one in found.conventions], recent=found.recent,
        usual=usual_requests(), parties=parties, others={k: v for k, v in parties.items() if k != own},
        typed={"start": _BLANK, "previous": "", "holder": "", "convention": "", "towns": [], **typed}, **shown,
    )  # fmt: skip


@get("/echanges/{request_id:str}/recepisse", name="filing_receipt")
async def receipt(request: Call, request_id: FromPath[str]) -> Response[str]:
    """The receipt of a filing, to be kept."""
    identifier = uuid_of(request_id)
    found = await gate_of(request).read(caller_of(request), lambda session: filing_of(session, identifier))
    return page(
        request, "filing_receipt.html",
        file=found.file, act=found.act, by=found.by, short=not_personal(found.file.request),
        copies=found.copies, due=found.due, later=found.later, labels=LABELS,
        api=f"{PREFIX}/requests/{found.file.id}", receipt=f"{PREFIX}/receipts/{found.file.id}/{found.act.revision}",
        name=lambda party: str((found.convention.party(party) or {}).get("name") or party),
    )  # fmt: skip


HANDLERS = [start, begin, receipt]
