"""The registers of the party one acts for: their lines as of a day, and what they still lack."""

from typing import Any
from urllib.parse import urlencode

from litestar import get
from litestar.response import Response

from registry.gate.own_records import has_own_record
from registry.gate.register_reading import READ, completeness_view, register_list
from registry.gate.session import Session
from registry.processing.completeness import missing
from registry.processing.fields import KINDS
from registry.processing.selection import STATUSES, Selection
from server.api.http import cursor, cursor_of, gate_of, parameters
from server.api.registers import day_of
from server.auth.browser import caller_of, signed_in
from server.pages.rendering import Call, page
from server.problems import BadParameter

_LIMIT = 30
_WORDS = 200
_KNOWN = ("kind", "status", "as_of", "q", "incomplete", "cursor", "lang")
MANAGER = "records_manager"


def kind_of(given: dict[str, str]) -> str:
    """The register asked for, the controller's by default. Raises BadParameter."""
    kind = given.get("kind", KINDS[0])
    if kind not in KINDS:
        raise BadParameter(f"kind : une valeur parmi {', '.join(KINDS)}.")
    return kind


def manages(request: Call) -> bool:
    """Whether the visitor keeps the registers of the party."""
    return MANAGER in signed_in(request).roles


def _selection(given: dict[str, str]) -> Selection:
    status, words = given.get("status"), given.get("q")
    if status is not None and status not in STATUSES:
        raise BadParameter(f"status : une valeur parmi {', '.join(STATUSES)}.")
    if words is not None and len(words) > _WORDS:
        raise BadParameter(f"q : {_WORDS} caractères au plus.")
    if given.get("incomplete", "1") != "1":
        raise BadParameter("incomplete : 1, ou rien.")
    return Selection(status=status, q=words, incomplete="incomplete" in given)


def _given(request: Call, known: tuple[str, ...]) -> dict[str, str]:
    """The filters of the address; one that the form left empty filters nothing."""
    return {name: value for name, value in parameters(request, known).items() if value}


def _place(given: dict[str, str]) -> tuple[int, int]:
    found = cursor_of(given, 2) or (0, 0)
    return found[0], found[1]


@get("/registre", name="register_page")
async def register(request: Call) -> Response[str]:
    """A page of one register: as of a day, by status, by words, or only what lacks something."""
    given = _given(request, _KNOWN)
    kind, selection, day, place = kind_of(given), _selection(given), day_of(given, "as_of"), _place(given)

    async def work(session: Session) -> tuple[Any, bool]:
        listed = await register_list(session, kind, day, selection, place, _LIMIT)
        return listed, await has_own_record(session, session.actor.party)

    found, own = await gate_of(request).read(caller_of(request), work)
    chosen = {name: given.get(name, "") for name in ("kind", "status", "as_of", "q", "incomplete")} | {"kind": kind}
    kept = {name: value for name, value in chosen.items() if value}
    shown: dict[str, Any] = {
        "found": found,
        "lines": [(line, len(missing(line.record, kind))) for line in found.lines],
        "chosen": chosen,
        "filtered": set(kept) - {"kind"},
        "continued": "cursor" in given,
        "first": f"/registre?{urlencode(kept)}",
        "following": _next("/registre", kept, found.following),
        "kinds": KINDS,
        "statuses": STATUSES,
        "manages": manages(request),
        "own": own,
    }
    return page(request, "register.html", **shown)


def _next(path: str, kept: dict[str, str], following: tuple[int, int] | None) -> str | None:
    return f"{path}?{urlencode({**kept, 'cursor': cursor(*following)})}" if following is not None else None


@get("/registre/completude", name="register_completeness")
async def completeness(request: Call) -> Response[str]:
    """What lacks, entry by entry, and how often."""
    given = _given(request, ("kind", "cursor", "lang"))
    kind, place = kind_of(given), _place(given)
    found = await gate_of(request).read(
        caller_of(request), lambda session: completeness_view(session, kind, place, _LIMIT)
    )
    kept = {"kind": kind}
    shown: dict[str, Any] = {
        "found": found,
        "kind": kind,
        "kinds": KINDS,
        "most": READ,
        "continued": "cursor" in given,
        "first": f"/registre/completude?{urlencode(kept)}",
        "following": _next("/registre/completude", kept, found.following),
        "manages": manages(request),
    }
    return page(request, "register_completeness.html", **shown)


HANDLERS = [register, completeness]
