"""The auditor's screen: every transfer of the party, who, when, why and who approved, sorted by its columns."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import get
from litestar.response import Response, Stream

from registry.documents.transfers import COLUMNS
from registry.exports.csv import row
from registry.gate import Caller, Gate
from registry.gate.transfers import Transfers, transfers
from registry.storage.transfers import ORDERS, Asked, Place
from schemas import enumeration
from server.api.http import cursor_of, gate_of, parameters, slug_of
from server.api.registers import day_of
from server.auth.browser import caller_of, signed_in
from server.pages.rendering import Call, page
from server.problems import BadParameter

_LIMIT, _BATCH = 50, 500
_FILTERS = ("state", "party", "since", "until", "sort")
_DEFAULT = "-approved"
_SORTED = {"reference": "reference", "approved_on": "approved", "activated_on": "activated"}
"""Columns whose title sorts the list."""


def _asked(given: dict[str, str]) -> tuple[str, bool, Asked]:
    """The order, whether it is walked from its end, and the filters. Raises BadParameter."""
    sort = given.get("sort", _DEFAULT)
    if sort.removeprefix("-") not in ORDERS:
        raise BadParameter(f"sort : une valeur parmi {', '.join(ORDERS)}, précédée ou non de « - ».")
    state, party = given.get("state"), given.get("party")
    if state is not None and state not in enumeration("state"):
        raise BadParameter("state : un état de la liste.")
    asked = Asked(state, slug_of(party) if party else None, day_of(given, "since"), day_of(given, "until"))
    return sort.removeprefix("-"), sort.startswith("-"), asked


def _place(given: dict[str, str], order: str) -> Place | None:
    found = cursor_of(given, 2)
    if found is None:
        return None
    if ORDERS[order] == "position":
        return Place("", found[1])
    try:
        return Place(date.fromordinal(found[0]).isoformat(), found[1])
    except (ValueError, OverflowError):
        raise BadParameter("cursor : reprenez la valeur donnée par la page précédente.") from None


def _cursor(place: Place) -> str:
    return f"{date.fromisoformat(place.day).toordinal() if place.day else 0}.{place.position}"


def _given(request: Call, *more: str) -> dict[str, str]:
    return {name: value for name, value in parameters(request, (*_FILTERS, *more)).items() if value}


@get("/transferts", name="transfers")
async def screen(request: Call) -> Response[str]:
    """A page of the list; filters and order are in the address."""
    given = _given(request, "cursor", "lang")
    order, descending, asked = _asked(given)
    place = _place(given, order)
    found = await gate_of(request).read(
        caller_of(request),
        lambda session: transfers(session, order, asked, place, _LIMIT, descending=descending),
    )
    chosen = {name: given.get(name, "") for name in _FILTERS} | {"sort": given.get("sort", _DEFAULT)}
    kept = {name: value for name, value in chosen.items() if value}
    shown: dict[str, Any] = {
        "found": found,
        "columns": COLUMNS,
        "chosen": chosen,
        "filtered": set(kept) - {"sort"},
        "states": enumeration("state"),
        "sorts": [(key, title, _sort_link(kept, key, order, descending=descending)) for key, title in COLUMNS.items()],
        "order": order,
        "descending": descending,
        "csv": f"/transferts.csv?{urlencode(kept)}",
        "continued": place is not None,
        "first": f"/transferts?{urlencode(kept)}",
        "following": f"/transferts?{urlencode({**kept, 'cursor': _cursor(found.following)})}"
        if found.following is not None
        else None,
    }
    return page(request, "transfers.html", **shown)


def _sort_link(kept: dict[str, str], key: str, order: str, *, descending: bool) -> dict[str, str] | None:
    """Where a column's title leads, and how the list is sorted by it now; None for a column that does not sort."""
    if key not in _SORTED:
        return None
    name = _SORTED[key]
    sort = name if name == order and descending else f"-{name}"
    now = ("descending" if descending else "ascending") if name == order else ""
    return {"link": f"/transferts?{urlencode({**kept, 'sort': sort})}", "now": now}


@get("/transferts.csv", name="transfers_csv")
async def export(request: Call) -> Stream:
    """The whole list as it is filtered and sorted, for a French spreadsheet, streamed page by page."""
    given = _given(request)
    order, descending, asked = _asked(given)
    gate, caller = gate_of(request), caller_of(request)
    first = await _page(gate, caller, order, asked, None, descending=descending)
    name = f"transferts-{signed_in(request).browser.party}.csv"
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}

    async def lines() -> AsyncIterator[bytes]:
        yield "\ufeff".encode() + row(list(COLUMNS.values()))
        found: Transfers = first
        while True:
            yield b"".join(row([line[key] for key in COLUMNS]) for _, line in found.lines)
            if found.following is None:
                return
            found = await _page(gate, caller, order, asked, found.following, descending=descending)

    return Stream(lines(), media_type="text/csv; charset=utf-8", headers=headers)


async def _page(
    gate: Gate, caller: Caller, order: str, asked: Asked, after: Place | None, *, descending: bool
) -> Transfers:
    return await gate.read(
        caller, lambda session: transfers(session, order, asked, after, _BATCH, descending=descending)
    )


HANDLERS = [screen, export]
