"""The Article 30 registers of a party: read as of a day, entries and their versions, entries made by hand."""

from dataclasses import asdict
from datetime import date
from typing import Any

import msgspec
from litestar import get, post, put
from litestar.params import FromPath
from litestar.response import Response

from registry.exchange.decide.guards import PreconditionRequired
from registry.gate import Answer
from registry.gate.reading import LinkedRecords, entry_versions, entry_view, linked_records, own_scope, register_view
from registry.gate.registers import create_entry, update_record
from registry.gate.session import Session
from registry.processing.completeness import completeness, missing
from registry.processing.fields import ENTRY_SCHEMAS, KINDS
from registry.processing.lines import AUDIENCES, line_document
from registry.processing.selection import STATUSES, Selection
from registry.storage.register import StoredEntry
from schemas import enumeration
from server.api.http import (
    Call,
    answer,
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
    uuid_of,
)
from server.problems import BadParameter

FILTERS = ("kind", "audience", "status", "field", "state", "legal_basis", "category", "q", "review_before")
_WORDS = 200
"""Longest text that is searched for."""


def day_of(given: dict[str, str], name: str) -> date | None:
    text = given.get(name)
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadParameter(f"{name} : une date AAAA-MM-JJ.") from None
    if len(text) != len("AAAA-MM-JJ"):
        raise BadParameter(f"{name} : une date AAAA-MM-JJ.")
    return day


def _one_of(given: dict[str, str], name: str, values: tuple[str, ...] | list[str]) -> str | None:
    text = given.get(name)
    if text is not None and text not in values:
        raise BadParameter(f"{name} : une valeur parmi {', '.join(values)}.")
    return text


def selection_of(given: dict[str, str]) -> Selection:
    """The lines that a query asks for. Raises BadParameter."""
    words = given.get("q")
    if words is not None and len(words) > _WORDS:
        raise BadParameter(f"q : {_WORDS} caractères au plus.")
    return Selection(
        audience=_one_of(given, "audience", AUDIENCES) or "full",
        status=_one_of(given, "status", STATUSES),
        field=_one_of(given, "field", enumeration("convention_field")),
        state=_one_of(given, "state", enumeration("state")),
        legal_basis=_one_of(given, "legal_basis", enumeration("article_6")),
        category=_one_of(given, "category", enumeration("cnil_category")),
        q=words,
        review_before=day_of(given, "review_before"),
    )


@get("/parties/{party:str}/register", name="read_register")
async def read(request: Call, party: FromPath[str]) -> Response[bytes]:
    """A register as of the end of a Paris day (today by default), in order of entry."""
    given = parameters(request, ("as_of", *FILTERS, "cursor", "limit"))
    asked, selection, limit = day_of(given, "as_of"), selection_of(given), limit_of(given)
    kind = _one_of(given, "kind", KINDS) or "controller"
    place, slug = cursor_of(given, 2) or (0, 0), slug_of(party)
    lines, last = await gate_of(request).read(
        caller(request),
        lambda session: register_view(
            session, slug, kind, asked or session.today, selection, (place[0], place[1]), limit
        ),
    )
    items = b",".join(msgspec.json.encode(line_document(line, selection.audience)) for line in lines)
    return page(request, items, given, cursor(*last) if last is not None else None)


def entry_document(stored: StoredEntry) -> dict[str, Any]:
    """A register entry as the API shows it."""
    return {
        **_summary(stored),
        "exchange": stored.exchange,
        "erased_on": stored.erased_on,
        "completeness": asdict(completeness(stored.entry.record, stored.kind)),
        "record": stored.entry.record,
    }


def _summary(stored: StoredEntry) -> dict[str, Any]:
    entry = stored.entry
    return {
        "entry": entry.id,
        "party": entry.party,
        "kind": stored.kind,
        "reference": entry.reference,
        "version": entry.version,
        "since": stored.since,
        "status": "confirmed" if stored.confirmed_on else "draft",
        "missing": missing(entry.record, stored.kind),
    }


@get("/parties/{party:str}/register/entries/{entry:str}", name="read_entry")
async def read_one(request: Call, party: FromPath[str], entry: FromPath[str]) -> Response[bytes]:
    """One entry of either register, at its current version."""
    slug, identifier = slug_of(party), uuid_of(entry)
    stored = await gate_of(request).read(caller(request), lambda session: entry_view(session, slug, identifier))
    return answer(entry_document(stored), version=stored.entry.version)


@get("/parties/{party:str}/register/entries/{entry:str}/versions", name="list_entry_versions")
async def read_versions(request: Call, party: FromPath[str], entry: FromPath[str]) -> Response[bytes]:
    """Every version of an entry, oldest first."""
    slug, identifier = slug_of(party), uuid_of(entry)
    items = await gate_of(request).read(caller(request), lambda session: entry_versions(session, slug, identifier))
    return answer({"items": items, "next": None})


@get("/requests/{request_id:str}/records", name="read_linked_records")
async def read_linked(request: Call, request_id: FromPath[str]) -> Response[bytes]:
    """The records of an exchange, and the points on which they disagree."""
    identifier = uuid_of(request_id)
    found: LinkedRecords = await gate_of(request).read(
        caller(request), lambda session: linked_records(session, identifier)
    )
    return answer(
        {
            "records": [_summary(stored) for stored in found.entries.values()],
            "disagreements": [asdict(disagreement) for disagreement in found.disagreements],
        }
    )


async def _create(request: Call, party: str, kind: str) -> Response[bytes]:
    body = await raw_body(request)
    asked, slug = document(request, body, ENTRY_SCHEMAS[kind]), slug_of(party)
    who, gate = caller(request, body), gate_of(request)

    async def work(session: Session) -> Answer[StoredEntry]:
        await own_scope(session, slug, "register.keep")
        return await create_entry(session, slug, kind, asked)

    done = await gate.write(who, work)
    stored = done.value
    if stored is None:
        identifier = (done.location or "").rsplit("/", 1)[-1]
        stored = await gate.read(who, lambda session: entry_view(session, slug, identifier))
    shown = {**entry_document(stored), **proof(done)}
    return answer(shown, done.status, version=stored.entry.version, location=done.location)


async def _update(request: Call, party: str, entry: str, kind: str) -> Response[bytes]:
    body = await raw_body(request)
    asked, slug, identifier = document(request, body, ENTRY_SCHEMAS[kind]), slug_of(party), uuid_of(entry)
    version = if_match(request)
    if version is None:
        raise PreconditionRequired("Précisez la version de la fiche que vous modifiez (en-tête If-Match).")

    async def work(session: Session) -> Answer[StoredEntry]:
        scope = await own_scope(session, slug, "register.keep")
        return await update_record(session, slug, identifier, kind, asked, version, scope)

    done = await gate_of(request).write(caller(request), work)
    assert done.value is not None  # noqa: S101 - PUT has no idempotency key, so it always has its entry
    return answer({**entry_document(done.value), **proof(done)}, version=done.value.entry.version)


@post("/parties/{party:str}/register/entries", name="create_entry")
async def create(request: Call, party: FromPath[str]) -> Response[bytes]:
    """An entry of the controller's register, made by hand."""
    return await _create(request, party, "controller")


@put("/parties/{party:str}/register/entries/{entry:str}", name="update_entry")
async def update(request: Call, party: FromPath[str], entry: FromPath[str]) -> Response[bytes]:
    """A new version of an entry of the controller's register, from the one named by If-Match."""
    return await _update(request, party, entry, "controller")


@post("/parties/{party:str}/register/processor-entries", name="create_processor_entry")
async def create_as_processor(request: Call, party: FromPath[str]) -> Response[bytes]:
    """An entry of the processor's register (article 30(2)), made by hand."""
    return await _create(request, party, "processor")


@put("/parties/{party:str}/register/processor-entries/{entry:str}", name="update_processor_entry")
async def update_as_processor(request: Call, party: FromPath[str], entry: FromPath[str]) -> Response[bytes]:
    """A new version of an entry of the processor's register, from the one named by If-Match."""
    return await _update(request, party, entry, "processor")


HANDLERS = [
    read, read_one, read_versions, read_linked, create, update, create_as_processor, update_as_processor,
]  # fmt: skip
