"""The public list of a convention's exchanges, as a page (CRPA art. L. 114-8 III)."""

from typing import Any

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from registry.documents.public_list import COLUMNS
from registry.gate.documents import listed_exchanges
from registry.processing.differences import french_date
from server.api.http import gate_of, slug_of
from server.pages.rendering import Call, page


@get("/exchanges/{convention:str}", name="exchanges")
async def exchanges(request: Call, convention: FromPath[str]) -> Response[str]:
    """The exchanges in operation, for anybody."""
    slug = slug_of(convention)
    title, lines = await gate_of(request).engine.read(lambda tx: listed_exchanges(tx, slug))
    shown = [_dated(line) for line in lines]
    return page(request, "exchanges.html", convention=title, id=slug, columns=COLUMNS, lines=shown)


def _dated(line: dict[str, Any]) -> dict[str, Any]:
    return {**line, "since": french_date(line["since"])}


HANDLERS = [exchanges]
