"""The Article 30 register of a party: read as of a day, entries and their versions, entries made by hand."""

from datetime import date
from typing import Any

import msgspec
from litestar import get, post, put
from litestar.params import FromPath
from litestar.response import Response

from registry.exchange.decide.guards import PreconditionRequired
from registry.gate import Answer
from registry.gate.reading import entry_versions, entry_view, line_document, own_scope, register_view
from registry.gate.registers import create_entry, update_record
from registry.gate.session import Session
from registry.processing.completeness import missing
from registry.storage.register import StoredEntry
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

AUDIENCES = ("full", "public")


def _as_of(given: dict[str, str]) -> date | None:
    text = given.get("as_of")
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadParameter("as_of : une date AAAA-MM-JJ.") from None
    if len(text) != len("AAAA-MM-JJ"):
        raise BadParameter("as_of : une date AAAA-MM-JJ.")
    return day


def _audience(given: dict[str, str]) -> str:
    audience = given.get("audience", "full")
    if audience not in AUDIENCES:
        raise BadParameter("audience : full (complet) ou public.")
    return audience


@get("/parties/{party:str}/register", name="read_register")
async def read(request: Call, party: FromPath[str]) -> Response[bytes]:
    """The register as of the end of a Paris day (today by default), in order of entry."""
    given = parameters(request, ("as_of", "audience", "cursor", "limit"))
    asked, audience, limit = _as_of(given), _audience(given), limit_of(given)
    place, slug = cursor_of(given, 2) or (0, 0), slug_of(party)
    lines, last = await gate_of(request).read(
        caller(request),
        lambda session: register_view(session, slug, asked or session.today, (place[0], place[1]), limit),
    )
    items = b",".join(msgspec.json.encode(line_document(line, audience)) for line in lines)
    return page(request, items, given, cursor(*last) if last is not None else None)


def entry_document(stored: StoredEntry) -> dict[str, Any]:
    """A register entry as the API shows it."""
    entry = stored.entry
    return {
        "entry": entry.id,
        "party": entry.party,
        "reference": entry.reference,
        "version": entry.version,
        "since": stored.since,
        "status": "confirmed" if stored.confirmed_on else "draft",
        "exchange": stored.exchange,
        "missing": missing(entry.record),
        "erased_on": stored.erased_on,
        "record": entry.record,
    }


@get("/parties/{party:str}/register/entries/{entry:str}", name="read_entry")
async def read_one(request: Call, party: FromPath[str], entry: FromPath[str]) -> Response[bytes]:
    """One entry, at its current version."""
    slug, identifier = slug_of(party), uuid_of(entry)
    stored = await gate_of(request).read(caller(request), lambda session: entry_view(session, slug, identifier))
    return answer(entry_document(stored), version=stored.entry.version)


@get("/parties/{party:str}/register/entries/{entry:str}/versions", name="list_entry_versions")
async def read_versions(request: Call, party: FromPath[str], entry: FromPath[str]) -> Response[bytes]:
    """Every version of an entry, oldest first."""
    slug, identifier = slug_of(party), uuid_of(entry)
    items = await gate_of(request).read(caller(request), lambda session: entry_versions(session, slug, identifier))
    return answer({"items": items, "next": None})


@post("/parties/{party:str}/register/entries", name="create_entry")
async def create(request: Call, party: FromPath[str]) -> Response[bytes]:
    """An entry made by hand."""
    body = await raw_body(request)
    asked, slug = document(request, body, "register_entry"), slug_of(party)
    who, gate = caller(request, body), gate_of(request)

    async def work(session: Session) -> Answer[StoredEntry]:
        await own_scope(session, slug)
        return await create_entry(session, slug, asked)

    done = await gate.write(who, work)
    stored = done.value
    if stored is None:
        identifier = (done.location or "").rsplit("/", 1)[-1]
        stored = await gate.read(who, lambda session: entry_view(session, slug, identifier))
    shown = {**entry_document(stored), **proof(done)}
    return answer(shown, done.status, version=stored.entry.version, location=done.location)


@put("/parties/{party:str}/register/entries/{entry:str}", name="update_entry")
async def update(request: Call, party: FromPath[str], entry: FromPath[str]) -> Response[bytes]:
    """A new version of an entry, from the one named by If-Match."""
    body = await raw_body(request)
    asked, slug, identifier = document(request, body, "register_entry"), slug_of(party), uuid_of(entry)
    version = if_match(request)
    if version is None:
        raise PreconditionRequired("Précisez la version de la fiche que vous modifiez (en-tête If-Match).")

    async def work(session: Session) -> Answer[StoredEntry]:
        scope = await own_scope(session, slug)
        return await update_record(session, slug, identifier, asked, version, scope)

    done = await gate_of(request).write(caller(request), work)
    assert done.value is not None  # noqa: S101 - PUT has no idempotency key, so it always has its entry
    return answer({**entry_document(done.value), **proof(done)}, version=done.value.entry.version)


HANDLERS = [read, read_one, read_versions, create, update]
