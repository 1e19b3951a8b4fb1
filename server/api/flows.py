"""The log of flows of an exchange: read page by page, imported from a table (CSV)."""

import asyncio
import hashlib

import msgspec
from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.exchange.decide import Command
from registry.gate.exchanges import act, load_request, require_act
from registry.gate.flows import flows_of
from registry.imports.flows import SIZE, read_flows
from server.api.http import (
    Call,
    answer,
    caller,
    cursor,
    cursor_of,
    gate_of,
    if_match,
    limit_of,
    page,
    parameters,
    proof,
    uploaded,
    uuid_of,
)
from server.api.requests import standing


@get("/requests/{request_id:str}/flows", name="list_flows")
async def flows(request: Call, request_id: FromPath[str]) -> Response[bytes]:
    """What passed, the latest logged first: days, volumes, channels and digests, never data."""
    given = parameters(request, ("cursor", "limit"))
    limit, place = limit_of(given), cursor_of(given, 1)
    identifier, before = uuid_of(request_id), place[0] if place else None
    found = await gate_of(request).read(
        caller(request), lambda session: flows_of(session, identifier, before, limit + 1)
    )
    shown = found[:limit]
    following = cursor(shown[-1].number) if len(found) > limit else None
    return page(request, b",".join(map(msgspec.json.encode, shown)), given, following)


@post(
    "/requests/{request_id:str}/flows/imports",
    name="import_flows",
    status_code=200,
    request_max_body_size=SIZE + 100_000,
)
async def import_flows(request: Call, request_id: FromPath[str]) -> Response[bytes]:
    """Log every flow of a CSV file, or none: a multipart form with `file`."""
    identifier, version = uuid_of(request_id), if_match(request)
    gate = gate_of(request)
    await gate.read(caller(request), lambda session: require_act(session, identifier, "flows"))
    _, upload = await uploaded(request)
    content = await upload.read()
    command = Command("flows", {"flows": await asyncio.to_thread(read_flows, content)}, version)
    who = caller(request, hashlib.sha256(content).hexdigest().encode())
    done = await gate.write(who, lambda session: act(session, identifier, command))
    file = done.value
    if file is None:
        file = (await gate.read(who, lambda session: load_request(session, identifier))).file
    return answer({**standing(file), **proof(done, file.id)}, done.status, version=file.version)


HANDLERS = [flows, import_flows]
