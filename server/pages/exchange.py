"""The page of one exchange: what is asked, where it stands and who must act, its findings, its history and proofs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from registry.clock import paris_day
from registry.documents import DOCUMENTS
from registry.exchange.awaited import Awaited
from registry.exchange.deadlines.clocks import ENDED
from registry.exchange.deadlines.reminders import reminded_on
from registry.exchange.file import APPROVALS, File
from registry.gate.history import ExchangePage, Told, exchange_page
from registry.gate.retention import trail_over_on
from registry.ledger.openings import ERASED
from registry.publishing.standing import Standing
from schemas import label
from server.api.http import cursor_of, gate_of, parameters, uuid_of
from server.auth.browser import caller_of
from server.pages.acts import said
from server.pages.acts_done import title
from server.pages.exchange_shown import exchange_shown, worth_showing
from server.pages.language import language_of, translations
from server.pages.progress import steps
from server.pages.rendering import Call, page

_LIMIT = 30
_PAPERS: dict[str, Callable[[File], bool]] = {
    "opinion": lambda file: file.opinion is not None,
    "decision": lambda file: file.decision is not None,
    "agreement": lambda file: file.decision is not None and file.decision.value in APPROVALS,
    "notice": lambda file: file.decision is not None and file.decision.value in APPROVALS,
    "certificate": lambda file: file.activated_on is not None,
}
"""When each document has something to say; the request always has."""


@get("/echanges/{request_id:str}", name="exchange_page")
async def exchange(request: Call, request_id: FromPath[str]) -> Response[str]:
    """One exchange; `cursor` shows older acts, `fait` is the revision of an act that was just done."""
    given, identifier = parameters(request, ("cursor", "fait", "lang")), uuid_of(request_id)
    before = cursor_of(given, 1)
    found = await gate_of(request).read(
        caller_of(request),
        lambda session: exchange_page(session, identifier, before[0] if before else None, _LIMIT),
    )
    file = found.view.file
    common = exchange_shown(request, found.view, found.convention, found.records)
    spoken = translations(language_of(request)).gettext
    acts = [_told(spoken, one, found, common["name"]) for one in found.acts]
    shown = {
        **common,
        "steps": steps(file),
        "awaited": found.awaited,
        "next_act": _next(common, found),
        "drafted": found.drafted,
        "done": next((act for act in acts if str(act.revision) == given.get("fait")), None),
        "clocks": [
            (clock, reminded_on(clock.due_on) if clock.due_on else None)
            for clock in found.view.clocks
            if worth_showing(clock)
        ],
        "mailing": gate_of(request).mailing,
        "papers": [kind for name, kind in DOCUMENTS.items() if name not in _PAPERS or _PAPERS[name](file)],
        "acts": acts,
        "earlier": found.earlier,
        "continued": before is not None,
        "trail_over": None if before is not None else _trail_over(request, found),
    }
    return page(request, "exchange.html", **shown)


def _trail_over(request: Call, found: ExchangePage) -> date | None:
    """Since when the trail of an ended exchange may be erased; None while it is kept, or once it is gone."""
    file, state = found.view.file, request.app.state
    if file.state not in ENDED or file.erased_on is not None or not found.acts:
        return None
    over = trail_over_on(date.fromisoformat(found.acts[0].stored.at[:10]), state.settings.periods)
    return over if over <= paris_day(gate_of(request).now()) else None


@dataclass(frozen=True)
class Line:
    """An act as its line of the history shows it, in words: thirty lines are most of what the page costs."""

    title: str
    at: str
    revision: int
    party: str
    functions: str
    by: str
    lines: list[Any]
    erased: bool
    standing: Standing


def _next(common: dict[str, Any], found: ExchangePage) -> Awaited | None:
    """The act that waits for the reader; a draft and the answers still missing have buttons of their own."""
    return next(
        (
            one
            for one in found.awaited
            if one.act.name in common["open_acts"] and common["party"] in one.parties
            and one.act.name not in {"document", "filing"}
        ),
        None,
    )  # fmt: skip


def _told(spoken: Callable[[str], str], one: Told, found: ExchangePage, name: Callable[[str], str]) -> Line:
    stored = one.stored
    return Line(
        spoken(title(stored.event)),
        stored.at,
        stored.revision,
        name(stored.event.party),
        ", ".join(spoken(label("role", role)) for role in one.functions),
        found.view.people.get(stored.event.by, ERASED),
        said(stored.event, found.view.people, found.view.file.request),
        stored.erased,
        one.standing,
    )


HANDLERS = [exchange]
