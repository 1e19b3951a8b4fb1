"""Writing a request in steps, each saved by the act of the gate that saves a document."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.exchange.decide import Command
from registry.exchange.file import File
from registry.gate import Unauthenticated
from registry.gate.drafting import Written, checked_answers, written
from registry.gate.exchanges import act as record_act
from registry.refusals import NotFound, Refusal, StaleVersion, WrongState
from schemas import violations
from server.api.http import gate_of, uuid_of, valid
from server.auth.browser import caller_of, signed_in
from server.pages.answered import Answered, differing
from server.pages.filing_steps import ASKED, REVIEW, Step, begun, not_personal, steps_of
from server.pages.forms import LARGE, MANY, Form, posted
from server.pages.language import language_of
from server.pages.rendering import Call, environment, page, redirect
from server.pages.schema_form import (
    Field,
    document_of,
    fields_of,
    folded,
    last_row,
    noted,
    rearranged,
)
from server.pages.usual import PICKED, beside, settled, usual_data

_LESS = frozenset({"free_text", "social_difficulties", "nir", "article_9", "article_10"})
_LESS_TITLE = "Texte libre et données sensibles"
_PLAIN = {
    "data_nature": [
        ("non_personal", "Non : rien n'y concerne des personnes (heures, places, équipements)"),
        ("aggregated", "Non : ce sont des totaux, avec un effectif minimal par case"),
        ("anonymous", "Non : des lignes individuelles, mais personne ne peut être retrouvé, même par recoupement"),
        ("pseudonymised", "Oui : un code remplace le nom, mais quelqu'un peut retrouver la personne"),
        ("identifying", "Oui : nom, adresse, numéro ou date de naissance"),
    ],
    "exchange_mode": [
        ("transmission", "Une copie des données vous est remise"),
        ("access", "Vous consultez les données, sans en garder de copie"),
    ],
}
"""Answers in plain words, where the vocabulary's are those of the profession."""


async def draft(request: Call, request_id: str) -> Written:
    """The draft that the visitor writes. Raises NotFound, Forbidden or WrongState."""
    identifier = uuid_of(request_id)
    found = await gate_of(request).read(caller_of(request), lambda session: written(session, identifier))
    if found.file.state != "draft":
        raise WrongState("Cette demande est déposée : elle ne se modifie plus comme un brouillon.")
    return found


@get("/echanges/{request_id:str}/demande", name="resume_draft")
async def resume(request: Call, request_id: FromPath[str]) -> Response[str]:
    """Where one goes on: the first step without an answer, else the re-reading."""
    found = await draft(request, request_id)
    asked_of = found.file.request
    ahead = next((step.id for step in steps_of(asked_of) if not begun(step, asked_of)), REVIEW)
    return redirect(request, _path(found.file, ahead))


@get("/echanges/{request_id:str}/demande/{name:str}", name="filing_step")
async def show(request: Call, request_id: FromPath[str], name: FromPath[str]) -> Response[str]:
    """A step of the form."""
    found = await draft(request, request_id)
    return _step_page(request, found, _step(found.file.request, name))


@post("/echanges/{request_id:str}/demande/{name:str}", name="save_step", status_code=303)
async def save(request: Call, request_id: FromPath[str], name: FromPath[str]) -> Response[str]:
    """Save a step, then go where its button says; or change its rows, without saving."""
    form = await posted(request, LARGE, MANY)
    found = await draft(request, request_id)
    step, own = _step(found.file.request, name), signed_in(request).browser.party
    typed = settled(form.fields)
    answers = _answers(step, typed, found.file, own)
    group = rearranged(typed) or ("data_items" if form.every(PICKED) and not form.text("_go") else "")
    if group:
        shown = Answered(answers, focus=last_row(answers, group))
        return _step_page(request, found, step, shown, seen=form.text("_seen"))
    try:
        saved = await _save(request, found.file, valid(answers, "request"), version_of(form))
    except StaleVersion as refusal:
        now = await draft(request, request_id)
        mine = _answers(step, typed, now.file, own)
        shown = Answered(mine, refusal, differing=differing(step.keys, now.file.request, mine))
        return _step_page(request, now, step, shown)
    except Unauthenticated:
        raise
    except Refusal as refusal:
        return _step_page(request, found, step, Answered(answers, refusal))
    return redirect(request, await _after(request, saved, step, form))


@post("/echanges/{request_id:str}/demande/{name:str}/constats", name="step_findings", status_code=200)
async def findings(request: Call, request_id: FromPath[str], name: FromPath[str]) -> Response[Any]:
    """What would be said of a step as it is typed: nothing is saved. `notes` is HTML by field, `errors` sentences."""
    form = await posted(request, LARGE, MANY)
    found = await draft(request, request_id)
    step = _step(found.file.request, name)
    answers = _answers(step, settled(form.fields), found.file, signed_in(request).browser.party)
    wrong = {one.pointer.lstrip("/"): one.message for one in violations("request", answers)}
    said = []
    if not wrong:
        checked = await gate_of(request).read(
            caller_of(request), lambda session: checked_answers(session, found.file.id, answers)
        )
        said = checked.findings
    fields = _fields(request, found, step, answers, {}, said)
    note = environment(language_of(request)).get_template("fields.html").module.note  # type: ignore[attr-defined]
    notes = {place: "".join(note(one) for one in here) for place, here in _noted_places(fields).items()}
    return Response({"notes": notes, "errors": wrong}, headers={"Cache-Control": "no-store"})


def _noted_places(fields: tuple[Field, ...]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    for field in fields:
        found |= {field.name: field.findings} if field.findings else {}
        found |= _noted_places(field.fields)
        for row in field.rows:
            found |= {row.name: row.findings} if row.findings else {}
            found |= _noted_places(row.fields)
    return found


async def _save(request: Call, file: File, answers: dict[str, Any], version: int | None) -> File:
    command = Command("document", answers, version)
    done = await gate_of(request).write(caller_of(request), lambda session: record_act(session, file.id, command))
    assert done.value is not None  # noqa: S101 - only a replayed call has no file, and a page has no key
    return done.value


async def _after(request: Call, saved: File, step: Step, form: Form) -> str:
    """Where one goes after a step: on, unless something new is to be looked at first."""
    go = form.text("_go")
    steps = [one.id for one in steps_of(saved.request)] + [REVIEW]
    if go == "leave":
        return f"/echanges/{saved.id}"
    if go in steps:
        return _path(saved, go)
    here = steps.index(step.id) if step.id in steps else 0
    if go == "back":
        return _path(saved, steps[max(here - 1, 0)])
    found = await draft(request, saved.id)
    grave = _grave(_fields(request, found, step, found.file.request, {}, found.view.checked.findings))
    if go == "stay" or grave - set(form.text("_seen").split()):
        return f"{_path(saved, step.id)}?enregistre=1"
    return _path(saved, steps[min(here + 1, len(steps) - 1)])


def _grave(fields: tuple[Field, ...]) -> set[str]:
    """The findings shown beside these fields that deserve a look before going on."""
    every = (one for here in _noted_places(fields).values() for one in here)
    return {str(one["id"]) for one in every if one["severity"] != "information"}


def _step(request: Mapping[str, Any], name: str) -> Step:
    """A step by its name; one that the long path alone has is still found, and saved, on the short one."""
    for step in (*steps_of(request), *steps_of({})):
        if step.id == name:
            return step
    raise NotFound("Cette étape n'existe pas.")


def _path(file: File, step: str) -> str:
    return f"/echanges/{file.id}/demande/{step}"


def version_of(form: Form) -> int | None:
    """The version of the document that the form was made from."""
    text = form.text("version")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _answers(step: Step, form: Mapping[str, list[str]], file: File, own: str | None) -> dict[str, Any]:
    """The request with a step's answers. Who no longer holds the data is again who asks for them."""
    keys = [key for key in step.keys if key in form or key not in {"holder", "requester"}]
    answers = document_of("request", form, keys, before=file.request, stages=ASKED)
    return {**answers, "requester": own} if file.holder == own != answers.get("holder") else answers


def _fields(
    request: Call,
    found: Written,
    step: Step,
    answers: dict[str, Any],
    errors: dict[str, str],
    said: list[dict[str, Any]],
    focus: str = "",
) -> tuple[Field, ...]:
    """The fields of a step; the requester is one's own party, unless one holds the data."""
    own = signed_in(request).browser.party
    keys = [key for key in step.keys if key != "requester" or answers.get("holder") == own]
    parties = list(found.parties.items())
    fields = fields_of(
        "request", keys, answers, errors, stages=ASKED, findings=said, focus=focus,
        choices={**_PLAIN, "holder": parties, "requester": parties},
    )  # fmt: skip
    whole = "data_items" in step.keys
    return tuple(_with_less(field) if whole and field.name == "data_items" else field for field in fields)


def _with_less(field: Field) -> Field:
    """The data items, what few of them need put together; each row says beside which category it is shown."""
    rows = (*field.rows, *([field.blank] if field.blank else []))
    made = []
    for row in rows:
        category = next((one.value for one in row.fields if one.name.endswith("/cnil_category")), "")
        shown = Field(beside(row.name), "hidden", "", value=category)
        fields = [replace(one, none="Aucune") if one.name.endswith("/article_9") else one for one in row.fields]
        made.append(replace(row, fields=(shown, *folded(fields, _LESS, _LESS_TITLE))))
    count = len(field.rows)
    return replace(field, rows=tuple(made[:count]), blank=made[count] if field.blank else None)


def _step_page(
    request: Call,
    found: Written,
    step: Step,
    given: Answered | None = None,
    *,
    seen: str = "",
) -> Response[str]:
    file, shown = found.file, given or Answered(dict(found.file.request))
    said = found.view.checked.findings if given is None and begun(step, file.request) else []
    answers, fields = shown.answers, _fields(request, found, step, shown.answers, shown.errors, said, shown.focus)
    steps = steps_of(answers)
    return page(
        request, "filing_step.html", shown.status,
        file=file, step=step, steps=steps, place=[one.id for one in steps].index(step.id) if step in steps else -1,
        begun={one.id for one in steps if begun(one, file.request)}, fields=fields,
        said=noted(fields, shown.errors), sentence=shown.sentence, differing=shown.differing,
        saved=request.query_params.get("enregistre") == "1",
        seen=seen or " ".join(sorted(_grave(fields))), count=len(_grave(fields)),
        short=not_personal(answers), usual=usual_data() if step.id == "donnees" else [], review=REVIEW,
    )  # fmt: skip


HANDLERS = [resume, show, save, findings]
