"""Adding an entry to a register and changing one, by the form of its schema; two people who change the same one at the
same time both keep what they typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.exchanged_data import ExchangedData, refuse_in_document
from registry.gate.reading import own_scope
from registry.gate.registers import create_entry, require_manager, update_record
from registry.gate.revising import Meanwhile, entry_to_revise, meanwhile, version_read
from registry.gate.session import Session
from registry.processing.fields import RECORD_SCHEMAS
from registry.refusals import StaleVersion
from registry.storage.register import StoredEntry
from schemas import schema, violations
from server.api.http import gate_of, parameters, uuid_of
from server.auth.browser import caller_of
from server.pages.forms import LARGE, MANY, Form, posted
from server.pages.register import kind_of
from server.pages.rendering import Call, page, redirect
from server.pages.schema_form import Field, document_of, fields_of, last_row, noted, rearranged

ENTRIES = "/registre/fiches"
_CHAPTERS: tuple[tuple[str, frozenset[str]], ...] = (
    ("L'essentiel", frozenset({
        "title", "created_on", "updated_on", "purposes", "categories_of_data_subjects", "categories_of_personal_data",
        "categories_of_recipients", "controllers", "categories_of_processing",
    })),
    ("Durées, sécurité et transferts", frozenset({"time_limits_for_erasure", "security_measures", "transfers"})),
    ("Qui est responsable", frozenset({
        "controller", "joint_controllers", "representative", "data_protection_officer",
        "data_protection_officer_company", "processor", "other_processors",
    })),
    ("Compléments", frozenset()),
)  # fmt: skip
"""The form's parts, what is asked first at the top; the last one holds every other key."""
_GIVEN = frozenset({"record_reference"})
"""What the register gives an entry itself."""

Document = dict[str, Any]


def _keys(kind: str) -> list[str]:
    return [key for key in schema(RECORD_SCHEMAS[kind])["properties"] if key not in _GIVEN]


@dataclass(frozen=True)
class Chapter:
    """A part of the form; `open`: shown unfolded, as the first one, and whatever holds an error or a row to fill."""

    title: str
    fields: tuple[Field, ...]
    open: bool


def _chapters(fields: Sequence[Field], errors: Mapping[str, str], focus: str) -> list[Chapter]:
    named = {key for _, keys in _CHAPTERS for key in keys}
    places = {name.partition("/")[0] for name in (*errors, focus)}
    found = []
    for number, (title, keys) in enumerate(_CHAPTERS):
        own = tuple(one for one in fields if (one.name in keys if keys else one.name not in named))
        if own:
            found.append(Chapter(title, own, number == 0 or any(one.name in places for one in own)))
    return found


def _form(
    request: Call,
    kind: str,
    record: Mapping[str, Any],
    *,
    stored: StoredEntry | None = None,
    errors: Mapping[str, str] | None = None,
    sentence: str = "",
    status: int = 200,
    focus: str = "",
    since: Meanwhile | None = None,
) -> Response[str]:
    """The form with these answers; `since` is what somebody else did meanwhile."""
    fields = fields_of(RECORD_SCHEMAS[kind], _keys(kind), record, errors, focus=focus)
    shown: Document = {
        "kind": kind,
        "chapters": _chapters(fields, errors or {}, focus),
        "said": noted(fields, errors or {}),
        "sentence": sentence,
        "stored": stored,
        "since": since,
        "saved": f"{ENTRIES}/nouvelle?kind={kind}" if stored is None else f"{ENTRIES}/{stored.entry.id}/modifier",
    }
    return page(request, "register_edit.html", status, **shown)


def _wrong(kind: str, record: Document) -> tuple[dict[str, str], str]:
    """What is wrong with the answers, by name, and as one sentence."""
    found = {v.pointer.lstrip("/"): v.message for v in violations(RECORD_SCHEMAS[kind], record)}
    if found:
        return found, ""
    try:
        refuse_in_document(record)
    except ExchangedData as refusal:
        return {detail["pointer"].lstrip("/"): detail["message"] for detail in refusal.details}, refusal.sentence
    return {}, ""


@get(f"{ENTRIES}/nouvelle", name="new_register_entry")
async def new(request: Call) -> Response[str]:
    """The empty form of an entry of one register."""
    kind = kind_of(parameters(request, ("kind", "lang")))
    await gate_of(request).read(caller_of(request), _manager)
    return _form(request, kind, {})


async def _manager(session: Session) -> None:
    await own_scope(session, session.actor.party)
    require_manager(session, session.actor.party)


@post(f"{ENTRIES}/nouvelle", name="add_register_entry", status_code=303)
async def add(request: Call) -> Response[str]:
    """A new entry."""
    kind = kind_of(parameters(request, ("kind",)))
    form = await posted(request, LARGE, MANY)
    record = document_of(RECORD_SCHEMAS[kind], form.fields, _keys(kind))
    if again := _again(request, form, kind, record, None):
        return again

    async def work(session: Session) -> Any:
        await _manager(session)
        return await create_entry(session, session.actor.party, kind, {"record": record})

    done = await gate_of(request).write(caller_of(request), work)
    assert done.value is not None  # noqa: S101 - a form has no idempotency key
    return redirect(request, f"{ENTRIES}/{done.value.entry.id}")


def _again(request: Call, form: Form, kind: str, record: Document, stored: StoredEntry | None) -> Response[str] | None:
    """The form anew when a row was added or removed, or something is wrong; None when it is to be recorded."""
    if group := rearranged(form.fields):
        focus = last_row(record, group) if form.text("_add") else group
        return _form(request, kind, record, stored=stored, focus=focus)
    errors, sentence = _wrong(kind, record)
    if errors or sentence:
        return _form(request, kind, record, stored=stored, errors=errors, sentence=sentence, status=422)
    return None


@get(f"{ENTRIES}/{{entry:str}}/modifier", name="edit_register_entry")
async def edit(request: Call, entry: FromPath[str]) -> Response[str]:
    """The form of an entry, with what it says today."""
    identifier = uuid_of(entry)
    stored = await gate_of(request).read(caller_of(request), lambda session: entry_to_revise(session, identifier))
    return _form(request, stored.kind, dict(stored.entry.record), stored=stored)


@post(f"{ENTRIES}/{{entry:str}}/modifier", name="change_register_entry", status_code=303)
async def change(request: Call, entry: FromPath[str]) -> Response[str]:
    """A new version, from the one the form began with; with what somebody else changed meanwhile, if anybody did."""
    identifier, form = uuid_of(entry), await posted(request, LARGE, MANY)
    gate, caller, version = gate_of(request), caller_of(request), _version(form)
    stored, before = await gate.read(caller, lambda session: version_read(session, identifier, version))
    kind = stored.kind
    record = document_of(RECORD_SCHEMAS[kind], form.fields, _keys(kind), before=before)
    if version != stored.entry.version:
        return await _changed_meanwhile(request, identifier, version, record)
    if again := _again(request, form, kind, record, stored):
        return again

    async def work(session: Session) -> Any:
        party, scope = session.actor.party, await own_scope(session, session.actor.party)
        return await update_record(session, party, identifier, kind, {"record": record}, version, scope)

    try:
        await gate.write(caller, work)
    except StaleVersion:
        return await _changed_meanwhile(request, identifier, version, record)
    return redirect(request, f"{ENTRIES}/{identifier}")


async def _changed_meanwhile(request: Call, entry: str, version: int, record: Document) -> Response[str]:
    since = await gate_of(request).read(caller_of(request), lambda session: meanwhile(session, entry, version, record))
    kind = since.stored.kind
    return _form(request, kind, since.record, stored=since.stored, since=since, status=StaleVersion.status)


def _version(form: Form) -> int:
    """The version that the form began with; 0 when it says none."""
    text = form.text("version")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


HANDLERS = [new, add, edit, change]
