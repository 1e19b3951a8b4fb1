"""The public list of a convention's exchanges, as a page (CRPA art. L. 114-8 III)."""

from html import escape
from typing import Any

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from registry.documents.public_list import COLUMNS
from registry.gate.documents import listed_exchanges
from registry.processing.differences import french_date
from server.api.http import Call, gate_of, slug_of
from server.pages.welcome import page


@get("/exchanges/{convention:str}", name="exchanges")
async def exchanges(request: Call, convention: FromPath[str]) -> Response[str]:
    """The exchanges in operation, for anybody."""
    slug = slug_of(convention)
    title, lines = await gate_of(request).engine.read(lambda tx: listed_exchanges(tx, slug))
    return page("exchanges", convention=escape(title), id=escape(slug), table=_table(lines))


def _table(lines: list[dict[str, Any]]) -> str:
    if not lines:
        return "<p>Aucun échange n'est en vigueur.</p>"
    header = "".join(f"<th scope='col'>{escape(title)}</th>" for title in COLUMNS.values())
    rows = "\n".join(f"<tr>{''.join(_cell(key, line[key]) for key in COLUMNS)}</tr>" for line in lines)
    return f"<table><thead><tr>{header}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"


def _cell(key: str, value: str) -> str:
    text = french_date(value) if key == "since" else value
    inside = "<br>".join(map(escape, text.split("\n")))
    return f"<th scope='row'>{inside}</th>" if key == "reference" else f"<td>{inside}</td>"


HANDLERS = [exchanges]
