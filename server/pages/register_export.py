"""Exports of the party's registers: asked for by a form, followed, fetched, given up."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.exports import FORMATS
from registry.gate.jobs import TooMany, ask_export, cancel_job, register_job, register_jobs
from registry.gate.session import Session
from registry.processing.fields import KINDS
from registry.processing.lines import AUDIENCES
from registry.processing.selection import STATUSES
from registry.refusals import Detail, Invalid, Refusal
from registry.storage.jobs import Job
from server.api.exports import EXPORTS
from server.api.http import gate_of, limited, uuid_of
from server.auth.browser import caller_of
from server.jobs import Jobs
from server.pages.forms import Form, errors_of, posted
from server.pages.register import manages
from server.pages.rendering import Call, page, redirect

EXPORTS_PATH = "/registre/exports"
TITLES = {
    "ods": "Tableur OpenDocument (ODS), modèle simplifié de la CNIL",
    "xlsx": "Tableur Excel (XLSX), modèle simplifié de la CNIL",
    "pdf": "PDF à lire ou à imprimer",
    "csv": "Tableau à plat (CSV)",
    "json": "JSON, pour un programme ou pour réimporter",
    "jsonld": "JSON-LD, vocabulaire DPV du W3C",
    "ciso-xlsx": "Classeur d'import de CISO Assistant",
    "madis-csv": "Aide à la recopie dans Madis (CSV)",
}
"""What each format is for, in order of use."""


def _jobs(request: Call) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    return jobs


async def _screen(request: Call, form: Form, refusal: Refusal | None = None) -> Response[str]:
    jobs = await gate_of(request).read(caller_of(request), register_jobs)
    wrong = errors_of(refusal) if refusal is not None else {"errors": {}, "sentence": ""}
    chosen = {name: form.text(name) for name in ("format", "kind", "audience", "as_of", "status")}
    shown: dict[str, Any] = {
        "jobs": [(job, state_of(request, job)) for job in jobs],
        "chosen": chosen,
        "titles": TITLES,
        "kinds": KINDS,
        "statuses": STATUSES,
        "manages": manages(request),
    }
    return page(request, "register_exports.html", refusal.status if refusal else 200, **shown, **wrong)


def state_of(request: Call, job: Job) -> str:
    """A job's state; `given_up` when its file was made and is no longer there."""
    made = job.state == "done" or (job.state == "cancelled" and 0 < job.total == job.done)
    there = job.state == "done" and _jobs(request).file_of(job.id).is_file()
    return "given_up" if made and not there else job.state


@get(EXPORTS_PATH, name="register_exports")
async def exports(request: Call) -> Response[str]:
    """The form that asks for an export, and the exports that are still kept."""
    return await _screen(request, Form({name: [value] for name, value in request.query_params.items()}))


def _asked(form: Form) -> dict[str, Any]:
    """What the form asks for, as a body `register_export`. Raises Invalid."""
    choices = {"format": tuple(FORMATS), "kind": KINDS, "audience": AUDIENCES}
    asked: dict[str, Any] = {name: form.text(name) for name in choices}
    for name, known in choices.items():
        if asked[name] not in known:
            raise Invalid(
                "Choisissez dans la liste.", [Detail(pointer=f"/{name}", message="Choisissez dans la liste.")]
            )
    day = form.day("as_of")
    if day is not None:
        asked["as_of"] = day.isoformat()
    if form.text("status") in STATUSES:
        asked["filter"] = {"status": form.text("status")}
    return asked


@post(EXPORTS_PATH, name="ask_register_export", status_code=303)
async def ask(request: Call) -> Response[str]:
    """Have an export made behind; its page tells how far it is."""
    form = await posted(request)
    await limited(request, EXPORTS)
    try:
        asked = _asked(form)
        done = await gate_of(request).write(
            caller_of(request), lambda session: ask_export(session, session.actor.party, asked)
        )
    except (Invalid, TooMany) as refusal:
        return await _screen(request, form, refusal)
    job = done.value
    assert job is not None  # noqa: S101 - a form has no idempotency key
    _jobs(request).start(job)
    return redirect(request, f"{EXPORTS_PATH}/{job.id}")


@get(f"{EXPORTS_PATH}/{{export:str}}", name="register_export_page")
async def read(request: Call, export: FromPath[str]) -> Response[str]:
    """How far an export is; its file and its proof once it is made. Read again by a link: one that reloads by itself
    takes the reader's place away (WCAG 2.2.1, failure F41)."""
    identifier = uuid_of(export)
    job = await gate_of(request).read(caller_of(request), lambda session: register_job(session, identifier))
    return page(request, "register_export.html", job=job, state=state_of(request, job), titles=TITLES)


@post(f"{EXPORTS_PATH}/{{export:str}}/abandon", name="give_up_register_export", status_code=303)
async def give_up(request: Call, export: FromPath[str]) -> Response[str]:
    """Stop an export, or give up its file."""
    await posted(request)
    identifier = uuid_of(export)

    async def work(session: Session) -> Any:
        await register_job(session, identifier)
        return await cancel_job(session, session.actor.party, identifier)

    await gate_of(request).write(caller_of(request), work)
    _jobs(request).stop(identifier)
    return redirect(request, f"{EXPORTS_PATH}/{identifier}")


HANDLERS = [exports, ask, read, give_up]
