"""Background exports of a party: asked for, followed, fetched, given up."""

from datetime import date
from typing import Any

from litestar import delete, get, post
from litestar.params import FromPath
from litestar.response import File, Response

from registry.gate.inspection import inspection_csv, inspection_of
from registry.gate.jobs import ask_export, cancel_job, job_of
from registry.gate.session import Session
from registry.refusals import WrongState
from registry.storage.jobs import Job
from registry.storage.rates import Limit
from server.api.http import (
    Call,
    answer,
    attached,
    caller,
    document,
    gate_of,
    limited,
    parameters,
    raw_body,
    slug_of,
    uuid_of,
)
from server.api.registers import day_of
from server.jobs import Jobs

EXPORTS = Limit("exports", 60, 2)


def _jobs(request: Call) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    return jobs


def _shown(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "party": job.party,
        "asked": job.asked,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "created_at": job.created_at,
        "expires_at": job.expires_at,
        "name": job.name,
        "reason": job.reason,
    }


@post("/parties/{party:str}/register/exports", name="ask_export", status_code=202)
async def ask(request: Call, party: FromPath[str]) -> Response[bytes]:
    """Ask for an export; its address tells how far it is."""
    await limited(request, EXPORTS)
    body = await raw_body(request)
    asked, slug = document(request, body, "register_export"), slug_of(party)
    who, gate = caller(request, body), gate_of(request)
    done = await gate.write(who, lambda session: ask_export(session, slug, asked))
    job = done.value
    if job is None:
        identifier = (done.location or "").rsplit("/", 1)[-1]
        job = await gate.read(who, lambda session: job_of(session, slug, identifier))
    else:
        _jobs(request).start(job)
    return answer(_shown(job), done.status, location=done.location)


@get("/parties/{party:str}/register/exports/{export:str}", name="read_export")
async def read(request: Call, party: FromPath[str], export: FromPath[str]) -> Response[bytes]:
    """How far an export is."""
    slug, identifier = slug_of(party), uuid_of(export)
    job = await gate_of(request).read(caller(request), lambda session: job_of(session, slug, identifier))
    return answer(_shown(job))


@get("/parties/{party:str}/register/exports/{export:str}/file", name="read_export_file")
async def read_file(request: Call, party: FromPath[str], export: FromPath[str]) -> File:
    """The file of an export that is done."""
    slug, identifier = slug_of(party), uuid_of(export)
    job = await gate_of(request).read(caller(request), lambda session: job_of(session, slug, identifier))
    path = _jobs(request).file_of(job.id)
    if job.state != "done" or job.name is None or not path.is_file():
        raise WrongState("Le fichier de cet export n'est pas prêt.")
    headers = {"Cache-Control": "no-store"}
    return File(
        path, filename=job.name, media_type=job.media_type, headers=headers, content_disposition_type="attachment"
    )


@delete("/parties/{party:str}/register/exports/{export:str}", name="cancel_export", status_code=200)
async def cancel(request: Call, party: FromPath[str], export: FromPath[str]) -> Response[bytes]:
    """Stop an export, or give up its file."""
    slug, identifier = slug_of(party), uuid_of(export)
    done = await gate_of(request).write(caller(request), lambda session: cancel_job(session, slug, identifier))
    _jobs(request).stop(identifier)
    assert done.value is not None  # noqa: S101 - DELETE has no idempotency key
    return answer(_shown(done.value))


@get("/parties/{party:str}/inspection", name="inspect")
async def inspect(request: Call, party: FromPath[str]) -> Response[bytes]:
    """Every approved exchange of a party as of a day, with what supports it, and the holes."""
    _, lines = await _inspected(request, slug_of(party))
    return answer({"items": lines, "next": None})


@get("/parties/{party:str}/inspection.csv", name="inspect_csv")
async def inspect_csv(request: Call, party: FromPath[str]) -> Response[bytes]:
    """The same view for a spreadsheet."""
    slug = slug_of(party)
    day, lines = await _inspected(request, slug)
    return attached(inspection_csv(lines), "text/csv; charset=utf-8", f"inspection-{slug}-{day.isoformat()}.csv")


async def _inspected(request: Call, party: str) -> tuple[date, list[dict[str, Any]]]:
    given = parameters(request, ("as_of",))
    asked = day_of(given, "as_of")

    async def work(session: Session) -> tuple[date, list[dict[str, Any]]]:
        day = asked or session.today
        return day, await inspection_of(session, party, day)

    return await gate_of(request).read(caller(request), work)


HANDLERS = [ask, read, read_file, cancel, inspect, inspect_csv]
