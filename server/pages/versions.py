"""What changed from one version of a request to another, by question."""

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from registry.gate.versions import compared as read_versions
from registry.ledger.openings import ERASED
from server.api.http import gate_of, parameters, uuid_of
from server.auth.browser import caller_of
from server.pages.acts_done import DONE
from server.pages.compared import compared
from server.pages.rendering import Call, page
from server.problems import BadParameter


@get("/echanges/{request_id:str}/versions", name="versions_page")
async def versions(request: Call, request_id: FromPath[str]) -> Response[str]:
    """`de` and `a` are numbers of versions; by default the last one and the one before it."""
    given, identifier = parameters(request, ("de", "a", "lang")), uuid_of(request_id)
    before, after = (_number(given.get(name, "")) for name in ("de", "a"))
    found = await gate_of(request).read(
        caller_of(request), lambda session: read_versions(session, identifier, before, after)
    )
    return page(
        request, "versions.html", found=found, questions=compared(found.old, found.new), labels=DONE,
        exchange=f"/echanges/{identifier}", erased=ERASED,
    )  # fmt: skip


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise BadParameter("de, a : des numéros de version.")
    return int(text)


HANDLERS = [versions]
