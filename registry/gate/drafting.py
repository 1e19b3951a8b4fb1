"""Requests while they are written: a draft and what the checks say of it, answers not saved yet, what to begin from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from registry.conformity import People, proposed
from registry.convention import Convention
from registry.exchange.acts import ACTS
from registry.exchange.context import Context
from registry.exchange.deadlines import Level, level_of
from registry.exchange.decide.guards import authorise
from registry.exchange.file import Document, File
from registry.gate.exchanges import load_request, open_acts
from registry.gate.findings import Checked, checked
from registry.gate.reading import RequestView, request_view, requests_page, require_reader
from registry.gate.session import Session, new_id
from registry.ledger.openings import ERASED
from registry.refusals import Forbidden, WrongState
from registry.storage.accounts import emails
from registry.storage.conventions import convention_ids
from registry.storage.events import Stored, history

_RECENT, _BATCH = 30, 100


@dataclass(frozen=True)
class Written:
    """A request as those who write it see it; `parties` are those of the convention that exist today."""

    view: RequestView
    convention: Convention
    parties: dict[str, str]

    @property
    def file(self) -> File:
        """The exchange."""
        return self.view.file


async def written(session: Session, request_id: str) -> Written:
    """A request to go on writing. Raises NotFound as `request_view`, and what saving it would be refused for."""
    view = await request_view(session, request_id)
    convention = await session.convention_of(await load_request(session, request_id))
    authorise(view.file, ACTS["document"], Context(session.actor, session.today, convention, People({}), new_id))
    return Written(view, convention, living(convention, session.today))


def living(convention: Convention, day: date) -> dict[str, str]:
    """The names of the parties that exist on a day, by id."""
    parties = (str(party["id"]) for party in convention.parties())
    return {one: str((convention.party(one) or {})["name"]) for one in parties if convention.exists(one, day)}


async def checked_answers(session: Session, request_id: str, answers: Document) -> Checked:
    """What the checks would say of the request with these answers, which are not saved."""
    found = await written(session, request_id)
    document = dict(proposed(answers, found.convention.document))
    return checked(msgspec.structs.replace(found.file, request=document), found.convention, session.today)


@dataclass(frozen=True)
class Beginnings:
    """What a new request may begin from: the conventions of the party, and its recent exchanges (summaries)."""

    conventions: list[Convention]
    recent: list[dict[str, Any]]
    today: date


async def beginnings(session: Session) -> Beginnings:
    """What the caller may begin a request from. Raises Forbidden without the function « Demandeur »."""
    if "requester" not in session.actor.roles:
        raise Forbidden("Créer une demande revient à la fonction « Demandeur » de votre partie.")
    found = []
    for convention_id in await convention_ids(session.tx):
        loaded = await session.conventions.load(session.tx, convention_id)
        if loaded is not None and loaded.convention.party(session.actor.party) is not None:
            found.append(loaded.convention)
    summaries, _ = await requests_page(session, {}, None, _RECENT)
    return Beginnings(found, [msgspec.json.decode(one) for one in summaries], session.today)


_OWN_TIME = ("reference", "requested_on", "period")
"""What a request does not take from the one it is begun from: its number and its dates."""


async def begun_from(session: Session, request_id: str) -> tuple[str, Document]:
    """The convention of an exchange that the caller's party may see, and a new request that asks the same thing."""
    loaded = await load_request(session, request_id)
    convention, file = await session.convention_of(loaded), loaded.file
    sides = {key: convention.stands_for(getattr(file, key), session.today) for key in ("requester", "holder")}
    return convention.id, _again(file.request, sides)


def _again(request: Mapping[str, Any], sides: Mapping[str, str]) -> Document:
    kept = {key: value for key, value in request.items() if key not in _OWN_TIME}
    return {**kept, **sides}


@dataclass(frozen=True)
class Filed:
    """A filing to keep a trace of: the request, its convention, and the act that filed it; `due` are the days by which
    the convention wants its first answers, `later` the delays of the steps that these begin, both by service level;
    `copies`: whether the caller may copy the request for other parties now."""

    file: File
    convention: Convention
    act: Stored
    by: str
    due: dict[str, date]
    later: dict[str, Level]
    copies: bool


_FROM_FILING = ("acknowledgement", "admissibility", "whole_file_target")
_FROM_ADMISSION = ("study", "dpo_opinion", "decision")


async def filing_of(session: Session, request_id: str) -> Filed:
    """The filing of a request that the caller may read. Raises WrongState for a draft."""
    require_reader(session)
    loaded = await load_request(session, request_id)
    file = loaded.file
    if file.filed_on is None:
        raise WrongState("Cette demande n'est pas encore déposée : elle n'a pas de récépissé.")
    convention, after = await session.convention_of(loaded), 0
    while events := await history(session.tx, request_id, session.vault.unwrap, after=after, limit=_BATCH):
        act = next((stored for stored in events if stored.event.act == "filing"), None)
        if act is not None:
            by = (await emails(session.tx, [act.event.by])).get(act.event.by, ERASED)
            due = {name: level_of(name, convention, file).after(file.filed_on) for name in _FROM_FILING}
            later = {name: level_of(name, convention, file) for name in _FROM_ADMISSION}
            context = Context(session.actor, session.today, convention, People({}), new_id)
            return Filed(file, convention, act, by, due, later, "copies" in open_acts(file, context))
        after = events[-1].revision
    raise WrongState("Cette demande n'a pas été déposée ici : elle n'a pas de récépissé.")
