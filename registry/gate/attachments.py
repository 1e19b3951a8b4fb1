"""The pieces of an exchange, given back to those who may read it."""

import hashlib

from registry.exchange.file import Attachment
from registry.gate.exchanges import load_request
from registry.gate.reading import require_reader
from registry.gate.session import Session
from registry.refusals import Erased, NotFound
from registry.storage.attachments import sealed_piece
from registry.storage.vault import Unreadable, unseal


async def piece_of(session: Session, request_id: str, digest: str) -> tuple[Attachment, bytes]:
    """A piece and its content, whose digest is the recorded one. Raises NotFound, Erased, or Unreadable when what is
    kept is not what was attached."""
    require_reader(session)
    file = (await load_request(session, request_id)).file
    piece = next((one for one in file.attachments if one.sha256 == digest), None)
    if piece is None:
        raise NotFound("Cette pièce n'est pas au dossier.")
    sealed = await sealed_piece(session.tx, request_id, digest)
    if sealed is None:
        raise Erased("Cette pièce a été effacée.")
    content = unseal(await session.key_of(request_id), sealed, f"{request_id}/{digest}")
    if hashlib.sha256(content).hexdigest() != digest:
        raise Unreadable("the piece kept is not the one that was attached")
    return piece, content
