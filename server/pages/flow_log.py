"""The page of an exchange's log of flows: what passed, and the import of a table kept elsewhere."""

import asyncio

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.exchange.decide import Command
from registry.gate import Unauthenticated
from registry.gate.exchanges import act as record_act
from registry.gate.flows import FlowsView, flows_view
from registry.imports.flows import SIZE, read_flows
from registry.refusals import Refusal
from server.api.http import cursor, cursor_of, gate_of, parameters, uuid_of
from server.auth.browser import CrossSite, caller_of
from server.pages.forms import posted_file
from server.pages.rendering import Call, page, redirect

_LIMIT = 50
_PATH = "/echanges/{request_id:str}/envois"


async def _page(
    request: Call, request_id: str, before: int | None, refusal: Refusal | None = None, *, done: bool = False
) -> Response[str]:
    found: FlowsView = await gate_of(request).read(
        caller_of(request), lambda session: flows_view(session, request_id, before, _LIMIT + 1)
    )
    shown = found.flows[:_LIMIT]
    return page(
        request, "flows.html", refusal.status if refusal else 200,
        file=found.file, flows=shown, may=found.may_log, continued=before is not None, done=done,
        following=cursor(shown[-1].number) if len(found.flows) > _LIMIT else None,
        sentence=refusal.sentence if refusal else "",
        told=[detail["message"] for detail in refusal.details] or [refusal.sentence] if refusal else [],
        name=lambda party: str((found.convention.party(party) or {}).get("name") or party),
    )  # fmt: skip


@get(_PATH, name="flows_page")
async def show(request: Call, request_id: FromPath[str]) -> Response[str]:
    """The log, the latest logged first; `fait` says that a file was just read."""
    given, identifier = parameters(request, ("cursor", "fait", "lang")), uuid_of(request_id)
    place = cursor_of(given, 1)
    return await _page(request, identifier, place[0] if place else None, done="fait" in given)


@post(_PATH, name="import_flows_page", status_code=303, request_max_body_size=SIZE + 100_000)
async def import_table(request: Call, request_id: FromPath[str]) -> Response[str]:
    """Every flow of the file is logged, or none: what is wrong is told line by line."""
    identifier = uuid_of(request_id)
    try:
        _, _, content = await posted_file(request)
        command = Command("flows", {"flows": await asyncio.to_thread(read_flows, content)})
        await gate_of(request).write(caller_of(request), lambda session: record_act(session, identifier, command))
    except (CrossSite, Unauthenticated):
        raise
    except Refusal as refusal:
        return await _page(request, identifier, None, refusal)
    return redirect(request, f"/echanges/{identifier}/envois?fait=oui")


HANDLERS = [show, import_table]
