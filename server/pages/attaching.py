"""The page where a piece is attached: a file, what it is, its date."""

from litestar import get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from litestar.response import Response

from registry.gate import Unauthenticated
from registry.gate.acting import ActView, act_view
from registry.gate.exchanges import act as record_act
from registry.gate.exchanges import require_act
from registry.refusals import Refusal
from schemas import enumeration
from server.api.http import gate_of, parameters, uploaded, uuid_of
from server.api.requests import UPLOAD_LIMIT
from server.auth.browser import CSRF_FIELD, CrossSite, caller_of, require_token
from server.pages.act import Place, after, errors_in
from server.pages.act_shown import shown
from server.pages.rendering import Call, page
from server.problems import UnsupportedMediaType
from server.uploads import attachment

_PATH = "/echanges/{request_id:str}/actes/attachments"


async def _page(request: Call, place: Place, typed: dict[str, str], refusal: Refusal | None = None) -> Response[str]:
    found: ActView = await gate_of(request).read(
        caller_of(request), lambda session: act_view(session, place.request_id, place.act)
    )
    if found.refusal is not None and refusal is None:
        raise found.refusal
    return page(
        request, "attach.html", refusal.status if refusal is not None else 200, place=place, typed=typed,
        errors=errors_in(refusal) if refusal is not None else {},
        sentence=refusal.sentence if refusal is not None else "",
        kinds=enumeration("attachment_kind"),
        **shown(request, place.act, "", found),
    )  # fmt: skip


@get(_PATH, name="attach_page")
async def show(request: Call, request_id: FromPath[str]) -> Response[str]:
    """The form."""
    given = parameters(request, ("nature", "lang"))
    place = Place(uuid_of(request_id), "attachments")
    return await _page(request, place, {"kind": given.get("nature", ""), "dated_on": ""})


@post(_PATH, name="attach_piece", status_code=303, request_max_body_size=UPLOAD_LIMIT + 100_000)
async def attach(request: Call, request_id: FromPath[str]) -> Response[str]:
    """Attach the file; a refusal keeps what was said of it (no browser gives a file twice)."""
    place = Place(uuid_of(request_id), "attachments")
    await gate_of(request).read(
        caller_of(request), lambda session: require_act(session, place.request_id, "attachments")
    )
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise UnsupportedMediaType("Un formulaire avec un fichier est attendu.")
    form: FormMultiDict = await request.form()
    require_token(request, str(form.get(CSRF_FIELD, "")))
    typed = {name: str(form.get(name, "")) for name in ("kind", "dated_on")}
    try:
        command, content = await attachment(*await uploaded(request), None)
        done = await gate_of(request).write(
            caller_of(request), lambda session: record_act(session, place.request_id, command, content)
        )
    except (CrossSite, Unauthenticated):
        raise
    except Refusal as refusal:
        return await _page(request, place, typed, refusal)
    return after(request, place, done)


HANDLERS = [show, attach]
