"""The steering committee's dashboard: aggregates only, each chart in its table, small counts kept back."""

from typing import Any
from urllib.parse import urlencode

from litestar import get
from litestar.response import Response

from registry.gate.indicators import indicators, own_conventions
from registry.gate.session import Session
from registry.indicators.board import Board
from registry.indicators.masking import THRESHOLD
from registry.refusals import NotFound
from server.api.http import gate_of, parameters, slug_of
from server.api.indicators import year_of
from server.auth.browser import caller_of
from server.pages.rendering import Call, page

_HERE = "/tableau-de-bord"


@get(_HERE, name="dashboard")
async def dashboard(request: Call) -> Response[str]:
    """The indicators of one convention, of one year or of all."""
    given = {name: value for name, value in parameters(request, ("convention", "year", "lang")).items() if value}
    asked, year = given.get("convention"), year_of(given)

    async def work(session: Session) -> tuple[list[str], str, str, Board]:
        known = await own_conventions(session)
        chosen = slug_of(asked) if asked else next(iter(known), None)
        if chosen is None:
            raise NotFound("Votre partie n'est d'aucune convention.")
        return known, chosen, *await indicators(session, chosen, year)

    known, chosen, title, found = await gate_of(request).read(caller_of(request), work)
    shown: dict[str, Any] = {
        "board": found,
        "convention": chosen,
        "title": title,
        "others": [one for one in known if one != chosen],
        "threshold": THRESHOLD,
        "masked": found.total is None or any(table.masked for table in found.tables),
        "nothing": all(line.count is None for table in found.tables for line in table.lines),
        "link": lambda at: f"{_HERE}?{urlencode({'convention': chosen, **({'year': at} if at else {})})}",
        "most": max((line.count or 0 for table in found.tables for line in table.lines), default=0),
        "longest": max((delay.median or 0 for delay in found.delays), default=0),
    }
    return page(request, "dashboard.html", **shown)


HANDLERS = [dashboard]
