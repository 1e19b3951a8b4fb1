"""The exchanges of the party one acts for, newest first, filtered and searched by the address."""

from typing import Any
from urllib.parse import urlencode

from litestar import get
from litestar.response import Response

from registry.exchange.acts import ACTING
from registry.gate.listing import MOST, listed
from schemas import enumeration
from server.api.http import gate_of, parameters
from server.api.requests import LONGEST_SEARCH, filters_of, following_of, place_of
from server.auth.browser import caller_of
from server.pages.rendering import Call, page

_LIMIT = 30
_FILTERS = ("q", "state", "field", "party", "turn", "role", "overdue")


@get("/echanges", name="inbox_page")
async def inbox(request: Call) -> Response[str]:
    """A page of the list; a filter left empty by the form filters nothing."""
    given = {name: value for name, value in parameters(request, (*_FILTERS, "cursor", "lang")).items() if value.strip()}
    if "q" in given:
        given["q"] = given["q"].strip()[:LONGEST_SEARCH]
    filters, place = filters_of(given), place_of(given)
    found = await gate_of(request).read(caller_of(request), lambda session: listed(session, filters, place, _LIMIT))
    chosen = {name: given.get(name, "") for name in _FILTERS}
    kept = {name: value for name, value in chosen.items() if value}
    following = following_of(found.following)
    shown: dict[str, Any] = {
        "chosen": chosen,
        "filtered": bool(kept),
        "continued": place is not None,
        "first": f"/echanges?{urlencode(kept)}" if kept else "/echanges",
        "following": f"/echanges?{urlencode({**kept, 'cursor': following})}" if following else None,
        "states": enumeration("state"),
        "fields": enumeration("convention_field"),
        "roles": [role for role in enumeration("role") if role in ACTING],
        "longest": LONGEST_SEARCH,
        "most": MOST,
    }
    return page(request, "inbox.html", found=found, **shown)


HANDLERS = [inbox]
