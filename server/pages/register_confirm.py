"""Confirming register entries: one exchange after reading it, or several at once, each as an act of its own."""

import re
from dataclasses import dataclass
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.gate.confirming import SHOWN, confirm_drafted, confirm_existing, waiting_confirmations, waiting_one
from registry.gate.gate import Unauthenticated
from registry.refusals import Detail, Invalid, Refusal
from server.api.http import gate_of, uuid_of
from server.auth.browser import caller_of
from server.pages.forms import Form, errors_of, posted
from server.pages.rendering import Call, page, redirect

WAITING = "/registre/confirmations"
_CHOSEN = re.compile(r"([0-9a-f-]{36}) ([0-9a-f-]{36}) ([1-9][0-9]{0,8})", re.ASCII)


@dataclass(frozen=True)
class Outcome:
    """What became of one confirmation: the exchange's reference and title, and why it was refused, if it was."""

    reference: str
    title: str
    refused: str | None


async def _screen(
    request: Call, outcomes: list[Outcome] | None = None, refusal: Refusal | None = None
) -> Response[str]:
    found = await gate_of(request).read(caller_of(request), waiting_confirmations)
    wrong = errors_of(refusal) if refusal is not None else {"errors": {}, "sentence": ""}
    status = refusal.status if refusal is not None else 200
    shown: dict[str, Any] = {"found": found, "outcomes": outcomes or [], "most": SHOWN, "manages": True}
    return page(request, "register_confirmations.html", status, **shown, **wrong)


@get(WAITING, name="register_confirmations")
async def waiting(request: Call) -> Response[str]:
    """The entries that wait for the party's confirmation, to be chosen."""
    return await _screen(request)


@post(WAITING, name="confirm_register_entries", status_code=200)
async def confirm_several(request: Call) -> Response[str]:
    """Confirm each of those chosen in a transaction of its own, and say what became of each.

    The answer is the page itself, not a redirection: sent again, every act is refused as already done.
    """
    form = await posted(request)
    chosen = [match.groups() for text in form.every("chosen") if (match := _CHOSEN.fullmatch(text))]
    if not chosen:
        message = "Cochez au moins une fiche à confirmer."
        return await _screen(request, refusal=Invalid(message, [Detail(pointer="/chosen", message=message)]))
    if not form.text("read"):
        message = "Dites que vous avez relu les fiches cochées."
        return await _screen(request, refusal=Invalid(message, [Detail(pointer="/read", message=message)]))
    known = await gate_of(request).read(caller_of(request), waiting_confirmations)
    names = {one.file.id: (one.file.reference, str(one.file.request.get("title") or "")) for one in known.waiting}
    outcomes = []
    for exchange, entry, version in chosen[:SHOWN]:
        reference, title = names.get(exchange, (exchange, ""))
        outcomes.append(Outcome(reference, title, await _confirm(request, exchange, entry, int(version))))
    return await _screen(request, outcomes)


async def _confirm(request: Call, exchange: str, entry: str, version: int) -> str | None:
    """Confirm one; why not, when it is refused."""
    try:
        await gate_of(request).write(
            caller_of(request), lambda session: confirm_drafted(session, uuid_of(exchange), uuid_of(entry), version)
        )
    except Unauthenticated:
        raise
    except Refusal as refusal:
        return " ".join([refusal.sentence, *(detail["message"] for detail in refusal.details)])
    return None


async def _one(request: Call, exchange: str, form: Form, refusal: Refusal | None = None) -> Response[str]:
    one, names = await gate_of(request).read(caller_of(request), lambda session: waiting_one(session, exchange))
    wrong = errors_of(refusal) if refusal is not None else {"errors": {}, "sentence": ""}
    status = refusal.status if refusal is not None else 200
    given = form.text("reference")
    return page(request, "register_confirm.html", status, one=one, names=names, given=given, **wrong)


@get(f"{WAITING}/{{exchange:str}}", name="register_confirmation")
async def read_one(request: Call, exchange: FromPath[str]) -> Response[str]:
    """What is to be read before one confirmation."""
    return await _one(request, uuid_of(exchange), Form({}))


@post(f"{WAITING}/{{exchange:str}}", name="confirm_register_entry", status_code=303)
async def confirm_one(request: Call, exchange: FromPath[str]) -> Response[str]:
    """Confirm the drafted entry as it was read, or another of the register that serves the exchange too."""
    form, identifier = await posted(request), uuid_of(exchange)
    reference, version = form.text("reference"), form.text("version")
    try:
        if reference:
            await gate_of(request).write(
                caller_of(request), lambda session: confirm_existing(session, identifier, reference)
            )
        elif version.isascii() and version.isdecimal() and len(version) < 10:
            await gate_of(request).write(
                caller_of(request),
                lambda session: confirm_drafted(session, identifier, uuid_of(form.text("entry")), int(version)),
            )
        else:  # nothing says what was read
            return await _one(request, identifier, form)
    except Unauthenticated:
        raise
    except Refusal as refusal:
        return await _one(request, identifier, form, refusal)
    return redirect(request, f"/echanges/{identifier}#registres")


HANDLERS = [waiting, confirm_several, read_one, confirm_one]
