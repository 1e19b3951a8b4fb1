"""The home page of who is signed in: what waits for them by deadline, what waits for others, what changed meanwhile."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from litestar.response import Response

from registry.clock import paris_day
from registry.exchange.acts import ACTS, READERS
from registry.exchange.awaited import LABELS
from registry.gate.home import MOST, home
from registry.storage.visits import latest, note_visit
from server.api.http import gate_of
from server.auth.browser import caller_of, signed_in
from server.pages.acts_done import title
from server.pages.rendering import Call, page

_SOON, _LONG = 7, 60


class Tool(NamedTuple):
    """Where a function does what no exchange asks of it."""

    path: str
    label: str
    roles: frozenset[str]


TOOLS = (
    Tool("/echanges/nouveau", "Rédiger une demande", frozenset({"requester"})),
    Tool("/echanges", "Tous les échanges de votre partie", READERS),
    Tool("/registre", "Le registre de votre partie", READERS),
    Tool("/registre/completude", "Les fiches à compléter", frozenset({"records_manager", "dpo"})),
    Tool("/transferts", "Qui transmet quoi, à qui, pourquoi", frozenset({"auditor", "dpo", "controller"})),
    Tool("/inspection", "Les pièces pour une inspection", frozenset({"auditor", "dpo", "controller"})),
    Tool("/convention", "La convention, ses dates et ses actes", frozenset({"steering_committee", "secretariat"})),
    Tool("/tableau-de-bord", "Le tableau de bord de la convention", frozenset({"steering_committee", "secretariat"})),
    Tool("/mandats", "Les mandats : délégués et délégations", frozenset({"controller", "delegate", "dpo"})),
    Tool("/comptes", "Les comptes de votre partie", frozenset({"administrator"})),
)


async def home_page(request: Call) -> Response[str]:
    """The home of the party one acts for; the visit is noted, at most once a minute."""
    gate, browser = gate_of(request), signed_in(request).browser
    found = await gate.read(caller_of(request), lambda session: home(session, browser.id))
    if (visit := found.visit) is not None and browser.party is not None:
        party = browser.party
        await gate.engine.transact(lambda tx: note_visit(tx, browser.account, party, visit))
    today = paris_day(gate.now())
    return page(
        request, "home.html", found=found, most=MOST, tools=_tools(signed_in(request).roles),
        labels={name: act.label for name, act in ACTS.items()} | LABELS,
        late=lambda due: _late(due, today), changed=latest(found.changed), titled=title,
    )  # fmt: skip


def _tools(roles: Sequence[str]) -> list[Tool]:
    return [tool for tool in TOOLS if tool.roles & set(roles)]


def _late(due: date, today: date) -> dict[str, Any]:
    """How a deadline stands: how many days are left (below zero: how many it is late), whether that is
    soon, and whether it has been late for long."""
    left = (due - today).days
    return {"left": left, "days": abs(left), "soon": 0 <= left <= _SOON, "long": left < -_LONG}
