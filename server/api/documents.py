"""The documents of an exchange, and the public list of exchanges."""

import asyncio
import io

import msgspec
from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from registry.documents import DOCUMENTS, Dossier, Kind, document
from registry.documents.pia import pia
from registry.documents.public_list import COLUMNS
from registry.exports.csv import row
from registry.exports.pdf import SealKey, make
from registry.gate.documents import dossier_of, listed_exchanges
from registry.refusals import NotFound
from server.api.http import Call, answer, attached, caller, gate_of, parameters, slug_of, uuid_of
from server.seals import seal_of
from server.settings import Settings


@get("/requests/{request_id:str}/documents/{document:str}", name="read_document")
async def read_document(request: Call, request_id: FromPath[str], document: FromPath[str]) -> Response[bytes]:
    """A document of the exchange as PDF, sealed when its own party takes it out and has a seal."""
    parameters(request, ())
    kind = DOCUMENTS.get(document)
    if kind is None:
        raise NotFound(f"Document inconnu. Documents : {', '.join(DOCUMENTS)}.")
    dossier = await _dossier(request, request_id)
    settings: Settings = request.app.state.settings
    content = await asyncio.to_thread(_made, kind, dossier, _seal(kind, dossier, settings))
    return attached(content, "application/pdf", f"{dossier.file.reference}-{kind.name}.pdf")


async def _dossier(request: Call, request_id: str) -> Dossier:
    identifier = uuid_of(request_id)
    return await gate_of(request).read(caller(request), lambda session: dossier_of(session, identifier))


def _seal(kind: Kind, dossier: Dossier, settings: Settings) -> SealKey | None:
    party = dossier.reader
    issuer = {"requester": dossier.file.requester, "holder": dossier.file.holder}.get(kind.sealed_by or "")
    return seal_of(settings, party, dossier.name(party)) if issuer == party else None


def _made(kind: Kind, dossier: Dossier, seal: SealKey | None) -> bytes:
    file = io.BytesIO()
    make(document(kind.name, dossier), file, seal)
    return file.getvalue()


@get("/requests/{request_id:str}/pia", name="read_pia")
async def read_pia(request: Call, request_id: FromPath[str]) -> Response[bytes]:
    """An impact assessment begun with what the request says, for the CNIL's PIA software."""
    parameters(request, ())
    dossier = await _dossier(request, request_id)
    content = msgspec.json.format(msgspec.json.encode(pia(dossier)), indent=1)
    return attached(content, "application/json", f"{dossier.file.reference}-pia.json")


@get("/conventions/{convention:str}/exchanges", name="list_exchanges")
async def list_exchanges(request: Call, convention: FromPath[str]) -> Response[bytes]:
    """The exchanges in operation, for anybody (CRPA art. L. 114-8 III)."""
    parameters(request, ())
    slug = slug_of(convention)
    _, lines = await gate_of(request).engine.read(lambda tx: listed_exchanges(tx, slug))
    return answer({"items": lines, "next": None})


@get("/conventions/{convention:str}/exchanges.csv", name="list_exchanges_csv")
async def list_exchanges_csv(request: Call, convention: FromPath[str]) -> Response[bytes]:
    """The same list for a spreadsheet."""
    parameters(request, ())
    slug = slug_of(convention)
    _, lines = await gate_of(request).engine.read(lambda tx: listed_exchanges(tx, slug))
    table = [list(COLUMNS.values()), *([line[key] for key in COLUMNS] for line in lines)]
    content = "\ufeff".encode() + b"".join(map(row, table))
    return attached(content, "text/csv; charset=utf-8", f"{slug}-echanges.csv")


HANDLERS = [read_document, read_pia]
PUBLIC_HANDLERS = [list_exchanges, list_exchanges_csv]
