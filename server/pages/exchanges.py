"""The public list of a convention's exchanges, as a page (CRPA art. L. 114-8 III)."""

from typing import Any
from urllib.parse import urlencode

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from registry.documents.public_list import COLUMNS
from registry.gate.documents import listed_page
from registry.processing.differences import french_date
from server.api.http import gate_of, parameters, slug_of
from server.pages.rendering import Call, page

_LIMIT = 50
_LONGEST = 40


@get("/exchanges/{convention:str}", name="exchanges")
async def exchanges(request: Call, convention: FromPath[str]) -> Response[str]:
    """The exchanges in operation, for anybody; those after a reference, on the pages that follow."""
    slug, after = slug_of(convention), parameters(request, ("after", "lang")).get("after", "")[:_LONGEST]
    title, lines, more = await gate_of(request).engine.read(lambda tx: listed_page(tx, slug, after, _LIMIT))
    here = f"/exchanges/{slug}"
    following = f"{here}?{urlencode({'after': lines[-1]['reference']})}" if more else None
    shown = [_dated(line) for line in lines]
    return page(
        request, "exchanges.html", convention=title, id=slug, columns=COLUMNS, lines=shown, continued=bool(after),
        first=here, following=following,
    )  # fmt: skip


def _dated(line: dict[str, Any]) -> dict[str, Any]:
    return {**line, "since": french_date(line["since"])}


HANDLERS = [exchanges]
