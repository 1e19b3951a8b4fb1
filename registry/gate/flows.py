"""Reading the log of flows of an exchange, and the reviews that a party has to do."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from registry.convention import Convention
from registry.exchange.decide import Command
from registry.exchange.file import File
from registry.gate.exchanges import act, load_request
from registry.gate.gate import Answer
from registry.gate.reading import request_view, require_reader
from registry.gate.session import Session
from registry.storage.flows import Logged, flows_page
from registry.storage.reviews import due_reviews


async def flows_of(session: Session, request_id: str, before: int | None, limit: int) -> list[Logged]:
    """At most `limit` flows of an exchange, the latest logged first. Raises NotFound or Forbidden."""
    require_reader(session)
    await load_request(session, request_id)
    return await flows_page(session.tx, request_id, before, limit)


@dataclass(frozen=True)
class FlowsView:
    """An exchange with a page of its log; `may_log` says whether the caller may add to it."""

    file: File
    convention: Convention
    flows: list[Logged]
    may_log: bool


async def flows_view(session: Session, request_id: str, before: int | None, limit: int) -> FlowsView:
    """The exchange and at most `limit` of its flows. Raises NotFound or Forbidden."""
    view = await request_view(session, request_id)
    convention = await session.convention_of(await load_request(session, request_id))
    flows = await flows_page(session.tx, request_id, before, limit)
    return FlowsView(view.file, convention, flows, "flows" in view.acts)


@dataclass(frozen=True)
class Due:
    """An exchange to review: the day its review is due, and what a list shows of it."""

    on: date
    position: int
    summary: dict[str, Any]


async def reviews_due(session: Session, until: date, after: tuple[str, int] | None, limit: int) -> list[Due]:
    """At most `limit` exchanges of the actor's party to review by a day, the first due first. Raises Forbidden."""
    require_reader(session)
    rows = await due_reviews(session.tx, session.actor.party, until.isoformat(), after, limit)
    return [Due(date.fromisoformat(day), position, msgspec.json.decode(summary)) for day, position, summary in rows]


async def review_several(session: Session, ids: list[str], body: dict[str, Any]) -> Answer[list[File]]:
    """The same review of several exchanges: each is an act of its own, all are recorded or none."""
    done = [(await act(session, request_id, Command("review", body))).value for request_id in sorted(set(ids))]
    return Answer([file for file in done if file is not None])
