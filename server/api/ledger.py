"""The published logs and what proves a record: C2SP tlog-tiles under /ledger, receipts and evidence under /api/v1."""

import gzip
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.gate import Answer
from registry.gate.ledger import cosign, evidence_of, receipt_of, served_log
from registry.gate.session import Session
from registry.ledger.errors import LedgerError
from registry.ledger.tiles import ENTRIES, parse_tile_path
from registry.publishing import serving
from registry.refusals import NotFound
from registry.storage.rates import Limit
from server.api.http import Call, answer, caller, gate_of, limited, parameters, raw_body, uuid_of
from server.problems import BadParameter

_NOTE, _TILE = "text/plain", "application/octet-stream"
_SHORT = {"Cache-Control": "private, max-age=1"}
_IMMUTABLE = {"Cache-Control": "private, max-age=31536000, immutable"}
_LINES_LIMIT = 100_000
EVIDENCE = Limit("evidence", 60, 2)


def _file(content: bytes | None, media_type: str, headers: dict[str, str], status: int = 200) -> Response[bytes]:
    if content is None:
        raise NotFound("Ce fichier n'est pas (ou pas encore) dans le journal.")
    return Response(content, status_code=status, media_type=media_type, headers=headers)


@get("/ledger/{owner:str}/{year:str}/checkpoint", name="ledger_checkpoint")
async def checkpoint(request: Call, owner: FromPath[str], year: FromPath[str]) -> Response[bytes]:
    """The newest signed head, with the cosignatures known (C2SP tlog-checkpoint)."""
    parameters(request, ())

    async def work(session: Session) -> bytes | None:
        log = await served_log(session, owner, year)
        head = await serving.shown_head(session.tx, log)
        return await serving.checkpoint(session.tx, log, head) if head else None

    return _file(await gate_of(request).read(caller(request), work), _NOTE, _SHORT)


@get("/ledger/{owner:str}/{year:str}/keys", name="ledger_keys")
async def keys(request: Call, owner: FromPath[str], year: FromPath[str]) -> Response[bytes]:
    """The keys that the log names, with the public openings that say so."""
    parameters(request, ())

    async def work(session: Session) -> bytes | None:
        log = await served_log(session, owner, year)
        head = await serving.shown_head(session.tx, log)
        return await serving.keys(session.tx, log, head.size) if head else None

    return _file(await gate_of(request).read(caller(request), work), "application/json", _SHORT)


@get("/ledger/{owner:str}/{year:str}/tile/{place:path}", name="ledger_tile")
async def tile(request: Call, owner: FromPath[str], year: FromPath[str], place: FromPath[str]) -> Response[bytes]:
    """A tile of hashes or a bundle of entries (C2SP tlog-tiles); it never changes. Bundles are compressed if asked."""
    parameters(request, ())
    try:
        wanted = parse_tile_path(f"tile/{place.lstrip('/')}")
    except LedgerError:
        raise NotFound("Ce fichier n'est pas dans le journal.") from None

    async def work(session: Session) -> bytes | None:
        log = await served_log(session, owner, year)
        head = await serving.shown_head(session.tx, log)
        return await serving.tile_bytes(session.tx, log, wanted, head.size) if head else None

    content = await gate_of(request).read(caller(request), work)
    headers = dict(_IMMUTABLE)
    if wanted.level == ENTRIES:
        headers["Vary"] = "Accept-Encoding"
        if content is not None and _accepts_gzip(request):
            content, headers["Content-Encoding"] = gzip.compress(content, mtime=0), "gzip"
    return _file(content, _TILE, headers)


def _accepts_gzip(request: Call) -> bool:
    asked = request.headers.get("accept-encoding", "").lower().replace(" ", "").split(",")
    return "gzip" in asked


@post("/ledger/{owner:str}/{year:str}/cosignatures", name="ledger_cosign", status_code=200)
async def cosignatures(request: Call, owner: FromPath[str], year: FromPath[str]) -> Response[bytes]:
    """The line of a witness that cannot be reached from outside, over the newest head or the one of `size`."""
    given = parameters(request, ("size",))
    size = given.get("size")
    if size is not None and not (size.isascii() and size.isdecimal() and len(size) <= 18):
        raise BadParameter("size : la taille de la tête cosignée, en chiffres.")
    body = await raw_body(request, _LINES_LIMIT)

    async def work(session: Session) -> Answer[dict[str, Any]]:
        log = await served_log(session, owner, year)
        return Answer(await cosign(session, log, body, int(size) if size is not None else None))

    return answer((await gate_of(request).write(caller(request), work)).value)


@get("/receipts/{object_id:str}/{revision:str}", name="read_receipt")
async def receipt(request: Call, object_id: FromPath[str], revision: FromPath[str]) -> Response[bytes]:
    """The receipt of a record: a `.tlog-proof`; 202 and the signed record alone while it waits for its place."""
    parameters(request, ())
    identifier = uuid_of(object_id)
    if not (revision.isascii() and revision.isdecimal() and 0 < len(revision) <= 9):
        raise NotFound("Ce reçu n'existe pas.")
    found = await gate_of(request).read(caller(request), lambda session: receipt_of(session, identifier, int(revision)))
    name = f"{found.name}.tlog-proof" if found.proved else f"{found.name}.note"
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    if not found.proved:
        headers["Retry-After"] = "1"
    return _file(found.content, _NOTE, headers, 200 if found.proved else 202)


@get("/requests/{request_id:str}/evidence", name="read_evidence")
async def evidence(request: Call, request_id: FromPath[str]) -> Response[bytes]:
    """Everything that proves an exchange's history, in one zip that is checked offline."""
    parameters(request, ())
    identifier = uuid_of(request_id)
    await limited(request, EVIDENCE)
    pack = await gate_of(request).read(caller(request), lambda session: evidence_of(session, identifier))
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{pack.name}"'}
    return _file(pack.content, "application/zip", headers)


HANDLERS = [receipt, evidence]
ROOT_HANDLERS = [checkpoint, keys, tile, cosignatures]
