"""Importing a file into a party's registers, or saying what it would do."""

import asyncio
import hashlib
import tempfile
from pathlib import Path
from typing import Any

from litestar import post
from litestar.params import FromPath
from litestar.response import Response

from registry.gate import Answer
from registry.gate.importing import Plan, import_file, preview_import
from registry.gate.reading import own_scope
from registry.gate.session import Session
from registry.imports import Reading, read_file
from registry.imports.reading import SIZE
from server.api.http import Call, answer, caller, gate_of, parameters, slug_of, uploaded
from server.problems import BadParameter

_BOOLEANS = {"true": True, "false": False}


def read_content(content: bytes) -> Reading:
    """A file's content, read. Blocks; raises Unreadable."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return read_file(Path(file.name))


@post(
    "/parties/{party:str}/register/imports",
    name="import_register",
    status_code=200,
    request_max_body_size=SIZE + 100_000,
)
async def import_register(request: Call, party: FromPath[str]) -> Response[bytes]:
    """Import a register: a multipart form with `file`; with `dry_run=true`, only say what it would do."""
    given, slug = parameters(request, ("dry_run",)), slug_of(party)
    dry = given.get("dry_run", "false")
    if dry not in _BOOLEANS:
        raise BadParameter("dry_run : true ou false.")
    _, upload = await uploaded(request)
    content = await upload.read()
    gate = gate_of(request)

    async def preview(session: Session) -> Plan:
        return await preview_import(session, slug, reading, await own_scope(session, slug))

    async def carry_out(session: Session) -> Answer[Plan]:
        return await import_file(session, slug, reading, await own_scope(session, slug))

    await gate.read(  # before the file of somebody who may not import it is opened
        caller(request), lambda session: own_scope(session, slug, "register.keep")
    )
    reading = await asyncio.to_thread(read_content, content)
    if _BOOLEANS[dry]:
        return answer((await gate.read(caller(request), preview)).document(done=False))
    who = caller(request, hashlib.sha256(content).hexdigest().encode())
    done: Any = await gate.write(who, carry_out)
    plan = done.value if done.value is not None else await gate.read(who, preview)
    return answer(plan.document(done=True))


HANDLERS = [import_register]
