"""Grave acts are re-read before they are signed: what is shown is the kept draft, and exactly that is recorded."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.exchange.acts import ACTS
from registry.exchange.decide import Command
from registry.exchange.file import Document, File
from registry.gate import Unauthenticated
from registry.gate.acting import ActView, act_view
from registry.gate.devices import Asked
from registry.gate.erasure import erase_request
from registry.gate.exchanges import act as record_act
from registry.gate.exchanges import ask_signature
from registry.gate.gate import Answer
from registry.gate.own_texts import save_text
from registry.gate.session import ConfirmationRequired, Session
from registry.processing.normal import normal
from registry.refusals import AlreadyDone, NotFound, Refusal
from schemas import schema
from schemas.documents import referred
from server.api.http import gate_of, parameters
from server.auth.browser import caller_of
from server.auth.context import auth_of
from server.pages.act import Place, after, command_of, draft_in, place_of, refused
from server.pages.act_choices import name_of
from server.pages.act_forms import body_of, form_of
from server.pages.act_shown import GRAVE, shown
from server.pages.acts import ENUMERATIONS
from server.pages.device import DeviceOffer, answered_in, device_offer
from server.pages.forms import posted, sent
from server.pages.rendering import Call, page, redirect
from server.pages.words import Line, line, place


class Changed(Refusal):
    """The draft is no longer the one that was re-read."""

    slug, status, title = "draft-changed", 409, "Brouillon modifié"


def _place(request_id: str, slug: str) -> Place:
    found = place_of(request_id, slug)
    if found.act not in GRAVE:
        raise NotFound("Cet acte ne se relit pas à part.")
    return found


@get("/echanges/{request_id:str}/actes/{slug:str}/relecture", name="reread_act")
async def reread(request: Call, request_id: FromPath[str], slug: FromPath[str]) -> Response[str]:
    """What is about to be signed, in words; once the reader's identity is confirmed."""
    parameters(request, ("lang",))
    asked = _place(request_id, slug)

    async def work(session: Session) -> tuple[ActView, DeviceOffer]:
        session.require_confirmation()
        found = await act_view(session, asked.request_id, asked.act)
        return found, await device_offer(session, asked.act, found)

    found, device = await gate_of(request).read(caller_of(request), work)
    if found.refusal is not None:
        raise found.refusal
    if found.draft is None:
        return redirect(request, asked.path)
    body = _body(asked, found)
    return page(
        request, "reread.html", place=asked, lines=_lines(ACTS[asked.act].schema, body, found),
        keepable=[one["text"] for one in body.get("recommendations") or []] if asked.act == "opinion" else [],
        device=device, saved=found.draft.saved_at, version=found.draft.version, **shown(request, asked.act, "", found),
    )  # fmt: skip


def _body(asked: Place, found: ActView) -> Document:
    return body_of(asked.act, form_of(asked.act, "", found).read(draft_in(found).fields), found)


def _lines(name: str, body: Document, found: ActView) -> list[Line]:
    """The body in the words of its schema, places and parties by their names."""
    given = normal(_named(body, found))
    return _worded(name, given)


def _worded(name: str, given: Document) -> list[Line]:
    """The answers to a schema's questions, those of the schemas it refers to in their place."""
    found: list[Line] = []
    for key, described in schema(name)["properties"].items():
        if key in given and "$ref" in described:
            found += _worded(referred(described["$ref"]).partition(":")[0], given[key])
        elif key in given:
            found.append(line(key, _labelled(name, key, described), given[key]))
    return found


def _labelled(name: str, key: str, described: dict[str, Any]) -> dict[str, Any]:
    kind = ENUMERATIONS.get((name, key))
    return {**described, "x-enumeration": kind} if kind is not None and "enum" in described else described


def _named(value: Any, found: ActView, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _named(below, found, name) for name, below in value.items()}
    if isinstance(value, list):
        return [_named(below, found, key) for below in value]
    if key in {"path", "paths", "excluded_paths", "nir_authorised"}:
        return place(value, found.file.request) or value
    return name_of(found, value) if key == "owner" and isinstance(value, str) else value


async def _command(session: Session, asked: Place, saved: str) -> Command:
    """The command of the kept draft, as it was re-read. Raises AlreadyDone or Changed."""
    found = await act_view(session, asked.request_id, asked.act)
    if found.refusal is not None:
        raise found.refusal
    if found.draft is None:
        raise AlreadyDone("Cet acte est déjà fait, ou son brouillon a été abandonné.")
    if found.draft.saved_at != saved:
        raise Changed("Ce brouillon a changé depuis que vous l'avez relu : relisez-le avant de signer.")
    answers = form_of(asked.act, "", found).read(found.draft.fields)
    return command_of(asked, found, answers, found.draft.version)


@post("/echanges/{request_id:str}/actes/{slug:str}/signature", name="offer_act_signature", status_code=200)
async def offer(request: Call, request_id: FromPath[str], slug: FromPath[str]) -> Response[dict[str, Any]]:
    """What the reader's device is asked to sign: the kept draft, as it was re-read."""
    asked = _place(request_id, slug)
    if not ACTS[asked.act].signable:
        raise NotFound("Cet acte ne se signe pas sur l'appareil.")
    await gate_of(request).read(
        caller_of(request), lambda session: act_view(session, asked.request_id, asked.act)
    )  # who asks, before what they send is read
    given = await sent(request)

    async def work(session: Session) -> Answer[Asked]:
        command = await _command(session, asked, str(given.get("saved") or ""))
        return Answer(await ask_signature(session, asked.request_id, command))

    made = (await gate_of(request).write(caller_of(request), work)).value
    options = auth_of(request).site.signing_options(made.challenge, made.credentials) if made is not None else {}
    return Response({"options": options}, headers={"Cache-Control": "no-store"})


@post("/echanges/{request_id:str}/actes/{slug:str}/relecture", name="sign_act", status_code=303)
async def sign(request: Call, request_id: FromPath[str], slug: FromPath[str]) -> Response[str]:
    """Sign what was re-read. A refusal goes back to the form, where the draft still is."""
    form = await posted(request)
    asked, saved, keep = _place(request_id, slug), form.text("_saved"), form.every("_keep")
    device = form.text("_device")

    async def work(session: Session) -> Answer[File]:
        session.require_confirmation()
        command = await _command(session, asked, saved)
        for text in [one["text"] for one in command.body.get("recommendations") or [] if one["text"] in keep]:
            await save_text(session, text)
        if asked.act == "erasure":
            return await erase_request(session, asked.request_id, command.body)
        answered = answered_in(device, command)
        return await record_act(session, asked.request_id, command, answered=answered)

    try:
        done = await gate_of(request).write(caller_of(request), work)
    except (ConfirmationRequired, Unauthenticated):
        raise
    except Refusal as refusal:
        found = await gate_of(request).read(
            caller_of(request), lambda session: act_view(session, asked.request_id, asked.act)
        )
        if found.draft is None:
            raise
        answers = form_of(asked.act, "", found).read(found.draft.fields)
        return await refused(request, asked, answers, found.draft.version, refusal)
    return after(request, asked, done)


HANDLERS = [reread, offer, sign]
