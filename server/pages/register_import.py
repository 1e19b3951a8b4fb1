"""Importing a file into the party's registers: what it would do, cell by cell, then all of it or nothing."""

import asyncio
import hashlib
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.gate.held_imports import carry_out, held_import, hold_import, preview_held, require_importer
from registry.imports import Reading
from registry.imports.items import Unreadable
from registry.imports.reading import SIZE
from registry.refusals import Invalid, NotFound, Refusal
from registry.storage.jobs import HELD, Job
from server.api.http import gate_of, uuid_of
from server.api.imports import read_content
from server.auth.browser import caller_of
from server.jobs import Jobs
from server.pages.forms import errors_of, posted, posted_file
from server.pages.rendering import Call, page, redirect
from server.problems import TooLarge

IMPORT = "/registre/import"
_SHOWN = 200
"""Lines of each part of the preview."""


def _jobs(request: Call) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    return jobs


def _screen(request: Call, refusal: Refusal | None = None) -> Response[str]:
    wrong = errors_of(refusal) if refusal is not None else {"errors": {}, "sentence": ""}
    if refusal is not None and not wrong["errors"]:
        wrong["errors"] = {"file": refusal.sentence}
    status = refusal.status if refusal is not None else 200
    return page(request, "register_import.html", status, megabytes=SIZE >> 20, manages=True, **wrong)


@get(IMPORT, name="register_import")
async def ask(request: Call) -> Response[str]:
    """The form that takes a file, and what it may be."""
    await gate_of(request).read(caller_of(request), require_importer)
    return _screen(request)


@post(IMPORT, name="upload_register", status_code=303, request_max_body_size=SIZE + 100_000)
async def upload(request: Call) -> Response[str]:
    """Read a file, and keep it an hour for its preview to be confirmed."""
    gate, caller = gate_of(request), caller_of(request)
    await gate.read(caller, require_importer)  # before a stranger's file is opened
    try:
        _, name, content = await posted_file(request)
        await asyncio.to_thread(read_content, content)
    except (Invalid, Unreadable, TooLarge) as refusal:
        return _screen(request, refusal)
    sha256 = hashlib.sha256(content).hexdigest()
    done = await gate.write(caller, lambda session: hold_import(session, sha256, name or "registre"))
    job = done.value
    assert job is not None  # noqa: S101 - a form has no idempotency key
    await asyncio.to_thread(_jobs(request).keep, job.id, content)
    return redirect(request, f"{IMPORT}/{job.id}")


async def _reading(request: Call, job: Job) -> Reading | None:
    """The file read again, None once it was imported. Raises NotFound when it is no longer there, or not the same."""
    if job.state != HELD:
        return None
    content = await asyncio.to_thread(_jobs(request).kept, job.id)
    if content is None or hashlib.sha256(content).hexdigest() != job.asked["sha256"]:
        raise NotFound("Ce fichier n'attend plus : déposez-le de nouveau.")
    return await asyncio.to_thread(read_content, content)


async def _preview(request: Call, identifier: str, *, changed: bool = False, status: int = 200) -> Response[str]:
    gate, caller = gate_of(request), caller_of(request)
    job = await gate.read(caller, lambda session: held_import(session, identifier))
    reading = await _reading(request, job)
    found = await gate.read(caller, lambda session: preview_held(session, identifier, reading))
    shown: dict[str, Any] = {
        "job": found.job,
        "plan": found.plan.document(done=False) if found.plan is not None else None,
        "digest": found.digest,
        "changed": changed,
        "most": _SHOWN,
    }
    return page(request, "register_import_preview.html", status, **shown)


@get(f"{IMPORT}/{{job:str}}", name="preview_register_import")
async def preview(request: Call, job: FromPath[str]) -> Response[str]:
    """What the file would do, or what it did."""
    return await _preview(request, uuid_of(job))


@post(f"{IMPORT}/{{job:str}}", name="confirm_register_import", status_code=303)
async def confirm(request: Call, job: FromPath[str]) -> Response[str]:
    """Import the file, if it would still do what was read."""
    form, identifier = await posted(request), uuid_of(job)
    gate, caller = gate_of(request), caller_of(request)
    held = await gate.read(caller, lambda session: held_import(session, identifier))
    reading = await _reading(request, held)
    if reading is None:
        return redirect(request, f"{IMPORT}/{identifier}")
    digest = form.text("digest")
    try:
        done = await gate.write(caller, lambda session: carry_out(session, identifier, reading, digest))
    except Invalid as refusal:
        return await _preview(request, identifier, status=refusal.status)
    if not done.value:
        return await _preview(request, identifier, changed=True, status=409)
    _jobs(request).stop(identifier)
    return redirect(request, f"{IMPORT}/{identifier}")


HANDLERS = [ask, upload, preview, confirm]
