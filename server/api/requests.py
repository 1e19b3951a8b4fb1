"""Exchanges: create, list, read, and every act of the table."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import msgspec
from litestar import get, post, put
from litestar.params import FromPath
from litestar.response import Response

from registry.exchange.acts import ACTS
from registry.exchange.deadlines import Clock
from registry.exchange.decide import Command
from registry.exchange.file import STUDY_PARTS, File, as_document
from registry.gate import Answer
from registry.gate.attachments import piece_of
from registry.gate.beginnings import create_existing
from registry.gate.exchanges import act as record_act
from registry.gate.exchanges import create_request, load_request, require_act
from registry.gate.findings import checked
from registry.gate.ledger import standings
from registry.gate.reading import RequestView, request_view, requests_page, timeline
from registry.gate.session import Session
from registry.ledger.openings import ERASED
from registry.publishing.standing import Standing
from registry.refusals import NotFound
from registry.storage.events import Stored
from registry.storage.lists import Place
from schemas import enumeration
from server.api.devices import device_answer
from server.api.http import (
    PREFIX,
    Call,
    answer,
    attached,
    caller,
    cursor,
    cursor_of,
    document,
    gate_of,
    if_match,
    limit_of,
    page,
    parameters,
    proof,
    raw_body,
    slug_of,
    uploaded,
    uuid_of,
)
from server.problems import BadParameter
from server.uploads import attachment

UPLOAD_LIMIT = 10_000_000
"""Largest attachment, in bytes."""
LONGEST_SEARCH = 200
"""Longest text that is searched, in characters."""
TURNS = ("ours", "theirs")
"""Whose turn it is: one's own party's, or the other's."""


def standing(file: File) -> dict[str, Any]:
    """Where an exchange stands: what every act answers."""
    return {
        "id": file.id,
        "reference": file.reference,
        "convention": file.convention,
        "state": file.state,
        "version": file.version,
        "study_complete": file.study_complete,
        "opinion_complete": file.opinion_complete,
    }


async def _with_findings(session: Session, file: File) -> dict[str, Any]:
    convention = (await session.convention(file.convention)).convention
    found = checked(file, convention, session.today)
    return {**standing(file), "findings": found.findings, "pending": found.pending}


async def _again(session: Session, request_id: str) -> File:
    return (await load_request(session, request_id)).file


def _request_id(location: str | None) -> str:
    return (location or "").rsplit("/", 1)[-1]


@post("/conventions/{convention:str}/requests", name="create_request")
async def create(request: Call, convention: FromPath[str]) -> Response[bytes]:
    """A draft from a request document; answers what the checks find in it."""
    body = await raw_body(request)
    asked = document(request, body, "request")
    slug = slug_of(convention)
    who = caller(request, body)

    async def work(session: Session) -> Answer[dict[str, Any]]:
        created = await create_request(session, slug, asked)
        assert created.value is not None  # noqa: S101 - a first call always has its file
        return Answer(await _with_findings(session, created.value), created.status, created.location)

    return await _created(request, await gate_of(request).write(who, work))


async def _created(request: Call, done: Answer[dict[str, Any]]) -> Response[bytes]:
    """The answer to whoever began an exchange, the same when the call is replayed."""
    content = done.value
    if content is None:
        who = caller(request)
        content = await gate_of(request).read(who, lambda s: _described_again(s, _request_id(done.location)))
    shown = {**content, **proof(done, content["id"])}
    return answer(shown, done.status, version=content["version"], location=done.location)


@post("/conventions/{convention:str}/existing-exchanges", name="create_existing")
async def existing(request: Call, convention: FromPath[str]) -> Response[bytes]:
    """A draft for an exchange that already runs, to be regularised."""
    body = await raw_body(request)
    described = document(request, body, "existing_exchange")
    slug = slug_of(convention)
    who = caller(request, body)

    async def work(session: Session) -> Answer[dict[str, Any]]:
        created = await create_existing(session, slug, described)
        assert created.value is not None  # noqa: S101 - a first call always has its file
        return Answer(await _with_findings(session, created.value), created.status, created.location)

    return await _created(request, await gate_of(request).write(who, work))


async def _described_again(session: Session, request_id: str) -> dict[str, Any]:
    return await _with_findings(session, await _again(session, request_id))


@get("/requests", name="list_requests")
async def inbox(request: Call) -> Response[bytes]:
    """The exchanges one's party may see, newest first; filtered by state, other party and field, searched by words.
    `overdue`: those whose next due date is past, the longest overdue first."""
    given = parameters(request, ("state", "party", "field", "q", "turn", "role", "overdue", "cursor", "limit"))
    filters = filters_of(given)
    limit, place = limit_of(given), place_of(given)
    items, last = await gate_of(request).read(
        caller(request), lambda session: requests_page(session, filters, place, limit)
    )
    return page(request, b",".join(items), given, following_of(last))


def place_of(given: dict[str, str]) -> Place | None:
    """Where a page of a list begins: after a position, and among overdue exchanges after a day. Raises BadParameter."""
    if "overdue" not in given:
        place = cursor_of(given, 1)
        return Place(place[0]) if place else None
    place = cursor_of(given, 2)
    return Place(place[1], date.fromordinal(min(max(place[0], 1), date.max.toordinal()))) if place else None


def following_of(last: Place | None) -> str | None:
    """The cursor of the next page, if there is one."""
    if last is None:
        return None
    return cursor(last.due_on.toordinal(), last.position) if last.due_on is not None else cursor(last.position)


_KNOWN: dict[str, Callable[[], Sequence[str]]] = {
    "state": lambda: enumeration("state"),
    "field": lambda: enumeration("convention_field"),
    "role": lambda: enumeration("role"),
    "turn": lambda: TURNS,
    "overdue": lambda: ("true",),
}


def filters_of(given: dict[str, str]) -> dict[str, str]:
    """The filters of a list, from its parameters. Raises BadParameter on an unknown value, NotFound on a party that
    has no shape of one."""
    filters = {}
    for name, known in _KNOWN.items():
        if name in given:
            values = known()
            if given[name] not in values:
                raise BadParameter(f"{name} : valeur inconnue. Valeurs admises : {', '.join(values)}.")
            filters[name] = given[name]
    if "party" in given:
        filters["other"] = slug_of(given["party"])
    if "q" in given:
        if len(given["q"]) > LONGEST_SEARCH:
            raise BadParameter(f"q : {LONGEST_SEARCH} caractères au plus.")
        filters["q"] = given["q"]
    return filters


@get("/requests/{request_id:str}", name="read_request")
async def read(request: Call, request_id: FromPath[str]) -> Response[bytes]:
    """The exchange file, the findings of today, the acts open to the caller, the people named."""
    identifier = uuid_of(request_id)
    view = await gate_of(request).read(caller(request), lambda session: request_view(session, identifier))
    return answer(_view(view), version=view.file.version)


def _view(view: RequestView) -> dict[str, Any]:
    file = as_document(view.file)
    frozen = file.pop("findings")
    return {
        **file,
        "study_complete": view.file.study_complete,
        "opinion_complete": view.file.opinion_complete,
        "findings_at_filing": frozen,
        "findings": view.checked.findings,
        "pending": view.checked.pending,
        "acts": view.acts,
        "clocks": [clock_shown(clock) for clock in view.clocks],
        "people": view.people,
    }


def clock_shown(clock: Clock) -> dict[str, Any]:
    """A clock as it is answered: with its name in words, and whether it is stopped."""
    return {**msgspec.to_builtins(clock), "label": clock.label, "stopped": clock.stopped}


async def _perform(
    request: Call, request_id: str, command: Command, body: bytes, upload: bytes | None = None
) -> Response[bytes]:
    """Record an act and answer where the exchange stands; a replayed key answers what the first call did."""
    answered = device_answer(request) if ACTS[command.act].signable else None
    identifier = uuid_of(request_id)
    who = caller(request, body)
    gate = gate_of(request)
    done = await gate.write(who, lambda session: record_act(session, identifier, command, upload, answered))
    file = done.value
    if file is None:
        again = _request_id(done.location)
        file = await gate.read(who, lambda session: _again(session, again))
    born = done.location if done.status == 201 else None
    return answer({**standing(file), **proof(done, file.id)}, done.status, version=file.version, location=born)


@put("/requests/{request_id:str}/document", name="save_document")
async def save(request: Call, request_id: FromPath[str]) -> Response[bytes]:
    """A new version of the document, from the one named by If-Match; `stage` declares a stage answered."""
    given = parameters(request, ("stage",))
    stage = given.get("stage")
    if stage is not None and stage not in {"filing", "requester_dpo", "holder"}:
        raise BadParameter("stage : filing, requester_dpo ou holder.")
    body = await raw_body(request)
    command = Command("document", document(request, body, "request"), if_match(request), stage)
    identifier = uuid_of(request_id)

    async def work(session: Session) -> Answer[dict[str, Any]]:
        saved = await record_act(session, identifier, command)
        assert saved.value is not None  # noqa: S101 - only a replayed call has no file, and PUT has no key
        return Answer(await _with_findings(session, saved.value))

    done = await gate_of(request).write(caller(request), work)
    assert done.value is not None  # noqa: S101 - same reason
    return answer({**done.value, **proof(done, identifier)}, version=done.value["version"])


@put("/requests/{request_id:str}/study/{part:str}", name="conclude_study")
async def study(request: Call, request_id: FromPath[str], part: FromPath[str]) -> Response[bytes]:
    """Conclude one of the three parts of the study, on the version named by If-Match."""
    if part not in STUDY_PARTS:
        raise NotFound("L'étude a trois volets : opportunity, feasibility et compliance.")
    body = await raw_body(request)
    command = Command(f"study/{part}", document(request, body, "study_part"), if_match(request))
    return await _perform(request, request_id, command, b"")


_PLAIN = (
    "filing", "admission", "requalification", "reply", "information-requests", "information", "dropping", "withdrawal",
    "referral", "return", "substitution", "opinion", "decision", "paper-decision", "acceptance", "paper-acceptance",
    "correction", "dpia", "messages", "preparation", "register-confirmations", "activation", "lapse",
)  # fmt: skip


_LIFE = (
    "flows", "review", "incidents", "objections", "suspension", "resumption", "closing", "certificate", "reattachment",
    "copies", "adoption",
)  # fmt: skip


@post([f"/requests/{{request_id:str}}/{name}" for name in (*_PLAIN, *_LIFE)], name="act", status_code=200)
async def act(request: Call, request_id: FromPath[str]) -> Response[bytes]:
    """An act whose body is the document named by the table of acts."""
    name = request.url.path.rsplit("/", 1)[-1]
    body = await raw_body(request)
    command = Command(name, document(request, body, ACTS[name].schema), if_match(request))
    return await _perform(request, request_id, command, body)


@post("/requests/{request_id:str}/modification", name="modify", status_code=201)
async def modify(request: Call, request_id: FromPath[str]) -> Response[bytes]:
    """A new request, to be changed and filed, that will replace the exchange in operation."""
    body = await raw_body(request)
    command = Command("modification", document(request, body, "modification"), if_match(request))
    return await _perform(request, request_id, command, body)


@post("/requests/{request_id:str}/incidents/{number:str}/status", name="follow_incident", status_code=200)
async def follow_incident(request: Call, request_id: FromPath[str], number: FromPath[str]) -> Response[bytes]:
    """What was done of an incident."""
    body = await raw_body(request)
    command = Command("incident-status", document(request, body, "incident_status"), if_match(request), number)
    return await _perform(request, request_id, command, body)


@post("/requests/{request_id:str}/objections/{number:str}/status", name="follow_objections", status_code=200)
async def follow_objections(request: Call, request_id: FromPath[str], number: FromPath[str]) -> Response[bytes]:
    """What was done of what data subjects asked."""
    body = await raw_body(request)
    command = Command("objection-status", document(request, body, "objection_status"), if_match(request), number)
    return await _perform(request, request_id, command, body)


@post("/requests/{request_id:str}/findings/{check:str}/override", name="override_finding", status_code=200)
async def override(request: Call, request_id: FromPath[str], check: FromPath[str]) -> Response[bytes]:
    """Pass a blocking finding, with written reasons."""
    body = await raw_body(request)
    command = Command("override", document(request, body, "override"), if_match(request), check)
    return await _perform(request, request_id, command, body)


@get("/requests/{request_id:str}/recommendations", name="list_recommendations")
async def recommendations(request: Call, request_id: FromPath[str]) -> Response[bytes]:
    """The recommendations and conditions of the exchange, with their progress."""
    identifier = uuid_of(request_id)
    view = await gate_of(request).read(caller(request), lambda session: request_view(session, identifier))
    return answer({"items": as_document(view.file)["recommendations"], "next": None}, version=view.file.version)


@post("/requests/{request_id:str}/recommendations/{number:str}/status", name="follow_recommendation", status_code=200)
async def follow(request: Call, request_id: FromPath[str], number: FromPath[str]) -> Response[bytes]:
    """Change the status of a recommendation."""
    body = await raw_body(request)
    command = Command("recommendations", document(request, body, "recommendation_status"), if_match(request), number)
    return await _perform(request, request_id, command, body)


@post(
    "/requests/{request_id:str}/attachments",
    name="attach",
    status_code=200,
    request_max_body_size=UPLOAD_LIMIT + 100_000,
)
async def attach(request: Call, request_id: FromPath[str]) -> Response[bytes]:
    """Attach a piece: a multipart form with `kind`, `dated_on` and `file`."""
    identifier = uuid_of(request_id)
    await gate_of(request).read(caller(request), lambda session: require_act(session, identifier, "attachments"))
    command, content = await attachment(*await uploaded(request), if_match(request))
    return await _perform(request, request_id, command, command.facts["sha256"].encode(), content)


@get("/requests/{request_id:str}/attachments/{digest:str}", name="read_attachment")
async def read_attachment(request: Call, request_id: FromPath[str], digest: FromPath[str]) -> Response[bytes]:
    """A piece as it was attached: a file to save, never shown by the browser."""
    parameters(request, ())
    identifier = uuid_of(request_id)
    piece, content = await gate_of(request).read(caller(request), lambda session: piece_of(session, identifier, digest))
    return attached(content, "application/octet-stream", piece.file_name)


@get("/requests/{request_id:str}/events", name="list_events")
async def events(request: Call, request_id: FromPath[str]) -> Response[bytes]:
    """The timeline, oldest first: each act with its signed record."""
    given = parameters(request, ("cursor", "limit"))
    limit, place = limit_of(given), cursor_of(given, 1)
    identifier, after = uuid_of(request_id), place[0] if place else 0

    async def work(session: Session) -> tuple[list[Stored], dict[str, str], dict[int, Standing]]:
        stored, people = await timeline(session, identifier, after, limit)
        return stored, people, await standings(session, stored[:limit])

    stored, people, come = await gate_of(request).read(caller(request), work)
    shown = stored[:limit]
    following = cursor(shown[-1].revision) if len(stored) > limit else None
    items = b",".join(msgspec.json.encode(_event(identifier, item, people, come[item.seq])) for item in shown)
    return page(request, items, given, following)


def _event(request_id: str, stored: Stored, people: dict[str, str], come: Standing) -> dict[str, Any]:
    event = stored.event
    return {
        "revision": stored.revision,
        "act": event.act,
        "at": stored.at,
        "on": event.on,
        "by": people.get(event.by, ERASED),
        "party": event.party,
        "input": {**event.input, "person": people.get(event.input["person"], ERASED)}
        if "person" in event.input
        else event.input,
        "derived": event.derived,
        "erased": stored.erased,
        "commit": event.commit,
        "leaf_index": stored.leaf_index,
        "record": stored.record.decode(),
        "receipt": f"{PREFIX}/receipts/{request_id}/{stored.revision}",
        "ledger": come,
    }


HANDLERS = [
    create, existing, inbox, read, save, study, act, modify, follow_incident, follow_objections, override,
    recommendations, follow, attach, read_attachment, events,
]  # fmt: skip
