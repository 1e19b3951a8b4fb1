"""Erasure of texts and attachments (GDPR art. 17), of an exchange or of a register entry."""

from litestar import post
from litestar.params import FromPath
from litestar.response import Response

from registry.gate.erasure import erase_entry, erase_request
from registry.gate.exchanges import load_request
from registry.gate.reading import entry_view
from server.api.http import Call, answer, caller, document, gate_of, if_match, proof, raw_body, slug_of, uuid_of
from server.api.registers import entry_document
from server.api.requests import standing


@post("/requests/{request_id:str}/erasure", name="erase_request", status_code=200)
async def request(request: Call, request_id: FromPath[str]) -> Response[bytes]:
    """Erase all the texts of an exchange, those of one act, or one attachment; proofs and facts stay."""
    body = await raw_body(request)
    asked, identifier = document(request, body, "erasure"), uuid_of(request_id)
    who, gate = caller(request, body), gate_of(request)
    version = if_match(request)
    done = await gate.write(who, lambda session: erase_request(session, identifier, asked, version))
    request.app.state.cleaner.wake()
    file = done.value
    if file is None:
        file = (await gate.read(who, lambda session: load_request(session, identifier))).file
    return answer({**standing(file), **proof(done, identifier)}, version=file.version)


@post("/parties/{party:str}/register/entries/{entry:str}/erasure", name="erase_entry", status_code=200)
async def entry(request: Call, party: FromPath[str], entry: FromPath[str]) -> Response[bytes]:
    """Erase the versions of a register entry, or the texts of one act on it; its place in the register stays."""
    body = await raw_body(request)
    asked, slug, identifier = document(request, body, "erasure"), slug_of(party), uuid_of(entry)
    who, gate = caller(request, body), gate_of(request)
    done = await gate.write(who, lambda session: erase_entry(session, slug, identifier, asked))
    request.app.state.cleaner.wake()
    stored = done.value
    if stored is None:
        stored = await gate.read(who, lambda session: entry_view(session, slug, identifier))
    return answer({**entry_document(stored), **proof(done, identifier)}, version=stored.entry.version)


HANDLERS = [request, entry]
