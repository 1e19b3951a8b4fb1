"""One page for every act of an exchange: its form, made from the act's own schema, with what it is about beside it.

Nothing typed is ever lost: a refusal shows the form again as it was; a version that was passed shows what changed and
is judged anew; grave acts are kept as a draft, re-read, confirmed by a second factor, then done exactly as re-read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.exchange.acts import ACTS
from registry.exchange.decide import Command
from registry.exchange.file import Document, File
from registry.exchanged_data import refuse_in_document
from registry.gate import Answer, Unauthenticated
from registry.gate.acting import ActView, act_view, between, rehearse
from registry.gate.drafts import give_up_draft, keep_draft
from registry.gate.exchanges import act as record_act
from registry.refusals import Detail, Invalid, NotFound, Refusal
from registry.storage.drafts import Draft, Fields
from schemas import violations
from server.api.http import gate_of, parameters, uuid_of
from server.auth.browser import CrossSite, caller_of
from server.pages.act_forms import body_of, form_of, is_proposal
from server.pages.act_paths import SLUGS
from server.pages.act_shown import GRAVE, shown, taken
from server.pages.compared import Question, compared
from server.pages.forms import LARGE, MANY, Form, posted
from server.pages.missing import Missing, missing
from server.pages.rendering import Call, page, redirect
from server.pages.schema_answers import last_row, rearranged
from server.pages.schema_form import noted

_OURS = "_"
"""What begins the names of fields that are no answers."""


@dataclass(frozen=True)
class Place:
    """The page of an act, on one exchange, about one of its findings or recommendations if the act asks which."""

    request_id: str
    act: str
    target: str = ""

    @property
    def path(self) -> str:
        """The page's address."""
        end = f"/{self.target}" if self.target else ""
        return f"/echanges/{self.request_id}/actes/{self.act.replace('/', '-')}{end}"


@dataclass(frozen=True)
class State:
    """What the form shows: answers, what is wrong with them, the version they judge, the row to go on at."""

    answers: Document
    version: int
    errors: dict[str, str] = field(default_factory=dict)
    sentence: str = ""
    focus: str = ""
    changes: tuple[Question, ...] = ()
    kept_at: str = ""
    lacking: tuple[Missing, ...] = ()


def place_of(request_id: str, slug: str, target: str = "") -> Place:
    """The act that an address names. Raises NotFound."""
    identifier = uuid_of(request_id)
    if slug not in SLUGS or len(target) > 20:
        raise NotFound("Cet acte n'existe pas.")
    return Place(identifier, SLUGS[slug], target)


async def _found(request: Call, place: Place) -> ActView:
    return await gate_of(request).read(
        caller_of(request), lambda session: act_view(session, place.request_id, place.act, place.target)
    )


async def _changes(request: Call, place: Place, version: int) -> tuple[Question, ...]:
    """What changed in the request since a version, by question."""
    both = await gate_of(request).read(caller_of(request), lambda session: between(session, place.request_id, version))
    return tuple(compared(*both)) if both is not None else ()


_PAGE = "/echanges/{request_id:str}/actes/{slug:str}"
_PAGES = [_PAGE, f"{_PAGE}/{{target:str}}"]


@get(_PAGES, name="act_page")
async def show(request: Call, request_id: FromPath[str], slug: FromPath[str]) -> Response[str]:
    """The form of an act, with what was begun. Raises what the act itself would be refused for."""
    parameters(request, ("lang",))
    place = place_of(request_id, slug, _target(request))
    found = await _found(request, place)
    if found.refusal is not None:
        raise found.refusal
    lacking = await _lacking(request, place, found)
    return _page(request, place, found, replace(await _begun(request, place, found), lacking=lacking))


async def _lacking(request: Call, place: Place, found: ActView) -> tuple[Missing, ...]:
    """What stands in the way of an activation, whatever its form says."""
    if place.act != "activation":
        return ()
    command = Command(place.act, {"authorised_users": ["…"]})
    try:
        await gate_of(request).read(caller_of(request), lambda session: rehearse(session, place.request_id, command))
    except Unauthenticated:
        raise
    except Refusal as refusal:
        return tuple(missing(refusal, found))
    return ()


def _target(request: Call) -> str:
    return str(request.path_params.get("target", ""))


async def _begun(request: Call, place: Place, found: ActView) -> State:
    draft, version = found.draft, found.file.version
    form = form_of(place.act, place.target, found)
    if draft is None:
        return State(dict(form.before), version)
    changes = await _changes(request, place, draft.version) if ACTS[place.act].judges_version else ()
    return State(form.read(draft.fields), version, changes=changes, kept_at=draft.saved_at)


def _page(request: Call, place: Place, found: ActView, state: State, status: int = 200) -> Response[str]:
    form = form_of(place.act, place.target, found)
    fields = form.fields(state.answers, state.errors, state.focus)
    return page(
        request, "act.html", status, place=place, state=state, fields=fields, said=noted(fields, state.errors),
        **shown(request, place.act, place.target, found),
    )  # fmt: skip


def answers_in(form: Form) -> Fields:
    """What was typed, less what is ours."""
    return {name: values for name, values in form.fields.items() if not name.startswith(_OURS)}


def version_in(form: Form) -> int:
    """The version of the request that was shown when the form was filled in; 0 when nothing says so."""
    text = form.text("_version")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else 0


@post(_PAGES, name="do_act", status_code=303, request_max_body_size=LARGE)
async def do(request: Call, request_id: FromPath[str], slug: FromPath[str]) -> Response[str]:
    """Do the act; or keep it, give it up, change its rows, go and re-read it: what its button says."""
    form = await posted(request, LARGE, MANY)
    place = place_of(request_id, slug, _target(request))
    if "_drop" in form.fields:
        await gate_of(request).write(
            caller_of(request), lambda session: give_up_draft(session, place.request_id, place.act, place.target)
        )
        return redirect(request, f"/echanges/{place.request_id}")
    if "_save" in form.fields:
        await _keep(request, place, form)
        return redirect(request, place.path)
    found = await _found(request, place)
    asked = form_of(place.act, place.target, found)
    answers = asked.read(form.fields)
    if "_take" in form.fields:
        answers = taken(answers, form.text("_text"), found)
        again = State(answers, version_in(form), focus=last_row(answers, "recommendations"))
        return _page(request, place, found, again)
    if group := rearranged(form.fields):
        return _page(request, place, found, State(answers, version_in(form), focus=last_row(answers, group)))
    try:
        return await _done(request, place, found, form, answers)
    except (CrossSite, Unauthenticated):
        raise
    except Refusal as refusal:
        return await refused(request, place, answers, version_in(form), refusal)


async def _done(request: Call, place: Place, found: ActView, form: Form, answers: Document) -> Response[str]:
    command = command_of(place, found, answers, version_in(form))
    if place.act in GRAVE:
        await gate_of(request).read(caller_of(request), lambda session: rehearse(session, place.request_id, command))
        await _keep(request, place, form)
        return redirect(request, f"{place.path}/relecture")
    done = await gate_of(request).write(
        caller_of(request), lambda session: record_act(session, place.request_id, command)
    )
    return after(request, place, done)


def after(request: Call, place: Place, done: Answer[File]) -> Response[str]:
    """Back to the exchange, which says what was just done; or on to the request that the act gave birth to."""
    if done.status == 201 and done.value is not None:
        return redirect(request, f"/echanges/{done.value.id}/demande")
    made = [one.revision for one in done.made if one.object == place.request_id]
    return redirect(request, f"/echanges/{place.request_id}?fait={made[-1] if made else 0}")


def command_of(place: Place, found: ActView, answers: Document, version: int) -> Command:
    """The command that answers make. Raises Invalid or ExchangedData."""
    body = body_of(place.act, answers, found)
    act = ACTS[place.act]
    wrong = violations(act.schema, body)
    if wrong:
        raise Invalid(
            "Certaines réponses manquent ou ne conviennent pas.",
            [Detail(pointer=one.pointer, message=one.message) for one in wrong],
        )
    refuse_in_document(body)
    return Command(act.name, body, version if act.judges_version else None, place.target or None)


async def _keep(request: Call, place: Place, form: Form) -> str:
    answers, version = answers_in(form), version_in(form)
    kept = await gate_of(request).write(
        caller_of(request),
        lambda session: keep_draft(session, place.request_id, place.act, place.target, answers, version),
    )
    return kept.value or ""


async def refused(request: Call, place: Place, answers: Document, version: int, refusal: Refusal) -> Response[str]:
    """The form as it was typed, with what it was refused for; on the version in force, once what changed is shown."""
    found = await _found(request, place)
    changes = await _changes(request, place, version) if ACTS[place.act].judges_version and version else ()
    state = State(
        answers, found.file.version, errors_in(refusal, proposal=is_proposal(place.act, found.file)),
        refusal.sentence, changes=changes,
    )  # fmt: skip
    return _page(request, place, found, state, refusal.status)


def errors_in(refusal: Refusal, *, proposal: bool = False) -> dict[str, str]:
    """What a refusal says of each field, by name; what it says of none, under names that no field has."""
    found: dict[str, str] = {}
    for number, detail in enumerate(_together(refusal.details)):
        name = detail["pointer"].lstrip("/")
        if proposal:
            name = name.removeprefix("request/")
        name = name or f"?{number}"
        message = f"{detail['check']} : {detail['message']}" if "check" in detail else detail["message"]
        found[name] = f"{found[name]} {message}" if name in found else message
    return found


def _together(details: Sequence[Detail]) -> Iterator[Detail]:
    """What is said of no field, once for all the checks it is said of: fifty lines alike tell nothing."""
    checks: dict[str, list[str]] = {}
    for detail in details:
        if "check" in detail and not detail["pointer"]:
            checks.setdefault(detail["message"], []).append(detail["check"])
        else:
            yield detail
    for message, names in checks.items():
        yield Detail(pointer="", message=f"{', '.join(names)} : {message}")


_DRAFT = "/echanges/{request_id:str}/brouillons/{slug:str}"


@post([_DRAFT, f"{_DRAFT}/{{target:str}}"], name="keep_draft", status_code=200, request_max_body_size=LARGE)
async def keep(request: Call, request_id: FromPath[str], slug: FromPath[str]) -> Response[dict[str, str]]:
    """Keep what is being typed: asked by our own script, some seconds after the last key."""
    form = await posted(request, LARGE, MANY)
    kept = await _keep(request, place_of(request_id, slug, _target(request)), form)
    return Response({"saved_at": kept}, headers={"Cache-Control": "no-store"})


def draft_in(found: ActView) -> Draft:
    """The draft that is re-read. Raises NotFound when there is none any more."""
    if found.draft is None:
        raise NotFound("Il n'y a pas de brouillon à relire : reprenez l'acte depuis la page de l'échange.")
    return found.draft


HANDLERS = [show, do, keep]
