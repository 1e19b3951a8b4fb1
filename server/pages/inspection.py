"""The inspector's screen: what supports each approved exchange of the party as of a day; and the pack of its pieces."""

import re
from datetime import date
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.documents.inspection import COLUMNS
from registry.gate.inspection import inspection_of
from registry.gate.jobs import INSPECTION, TooMany, ask_export, cancel_job, job_of
from registry.gate.session import Session
from registry.processing.selection import folded
from registry.refusals import Invalid, NotFound, Refusal
from registry.storage.jobs import Job
from server.api.exports import EXPORTS
from server.api.http import limited, uuid_of
from server.auth.browser import caller_of
from server.auth.context import auth_of
from server.jobs import Jobs
from server.pages.forms import Form, errors_of, posted
from server.pages.rendering import Call, page, redirect

SCREEN, PACKS = "/inspection", "/inspection/pieces"
_FRENCH_DAY = re.compile(r"(\d\d)/(\d\d)/(\d{4})")


async def _screen(request: Call, day: date | None, refusal: Refusal | None = None) -> Response[str]:
    """The screen as of a day, today by default; with what is wrong, if anything is."""

    async def work(session: Session) -> dict[str, Any]:
        chosen = day or session.today
        return {
            "party": session.actor.party,
            "day": chosen.isoformat(),
            "lines": await inspection_of(session, session.actor.party, chosen),
        }

    found = await auth_of(request).gate.read(caller_of(request), work)
    sort = str(request.query_params.get("sort", ""))
    found["lines"] = _sorted(found["lines"], sort)
    wrong = errors_of(refusal) if refusal is not None else {"sentence": ""}
    status = refusal.status if refusal is not None else 200
    return page(request, "inspection.html", status, columns=COLUMNS, sort=sort, **found, **wrong)


def _sorted(lines: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """By a column, from its end when `sort` starts with `-`; holes begin it. Another `sort` changes nothing."""
    key = sort.removeprefix("-")
    if key not in COLUMNS:
        return lines
    return sorted(lines, key=lambda line: _place(line[key]), reverse=sort.startswith("-"))


def _place(text: str | None) -> str:
    return _FRENCH_DAY.sub(r"\3\2\1", folded(text or ""))


@get(SCREEN, name="inspection")
async def inspection(request: Call) -> Response[str]:
    """Every approved exchange of the party as of the day that the form asks for."""
    try:
        day = Form({"as_of": [request.query_params.get("as_of", "")]}).day("as_of")
    except Invalid as refusal:
        return await _screen(request, None, refusal)
    return await _screen(request, day)


@post(PACKS, name="ask_inspection_pack", status_code=303)
async def ask_pack(request: Call) -> Response[str]:
    """Have the pieces of these exchanges gathered behind; its page tells how far it is."""
    form = await posted(request)
    await limited(request, EXPORTS)
    day = form.required_day("as_of")
    asked = {"format": INSPECTION, "as_of": day.isoformat()}
    try:
        done = await auth_of(request).gate.write(
            caller_of(request), lambda session: ask_export(session, session.actor.party, asked)
        )
    except TooMany as refusal:
        return await _screen(request, day, refusal)
    job = done.value
    assert job is not None  # noqa: S101 - a form has no idempotency key
    _jobs(request).start(job)
    return redirect(request, f"{PACKS}/{job.id}")


def _jobs(request: Call) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    return jobs


async def _pack(session: Session, identifier: str) -> Job:
    """A pack of the party. Raises NotFound, also for another kind of export."""
    job = await job_of(session, session.actor.party, identifier)
    if job.asked["format"] != INSPECTION:
        raise NotFound("Cet export n'existe pas, ou n'est plus gardé.")
    return job


@get(f"{PACKS}/{{pack:str}}", name="inspection_pack")
async def read_pack(request: Call, pack: FromPath[str]) -> Response[str]:
    """How far a pack is; its file once it is made. The page is read again by a link: one that reloads by itself takes
    the reader's place away (WCAG 2.2.1, failure F41)."""
    identifier = uuid_of(pack)
    job = await auth_of(request).gate.read(caller_of(request), lambda session: _pack(session, identifier))
    made = job.state == "done" or (job.state == "cancelled" and 0 < job.total == job.done)
    there = job.state == "done" and _jobs(request).file_of(job.id).is_file()
    state = "given_up" if made and not there else job.state
    return page(request, "inspection_pack.html", job=job, state=state, day=job.asked["as_of"])


@post(f"{PACKS}/{{pack:str}}/abandon", name="give_up_inspection_pack", status_code=303)
async def give_up_pack(request: Call, pack: FromPath[str]) -> Response[str]:
    """Stop a pack, or give up its file."""
    await posted(request)
    identifier = uuid_of(pack)

    async def work(session: Session) -> Any:
        await _pack(session, identifier)
        return await cancel_job(session, session.actor.party, identifier)

    await auth_of(request).gate.write(caller_of(request), work)
    _jobs(request).stop(identifier)
    return redirect(request, f"{PACKS}/{identifier}")


HANDLERS = [inspection, ask_pack, read_pack, give_up_pack]
