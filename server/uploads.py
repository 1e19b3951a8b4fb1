"""What an uploaded file is, by its own bytes: a piece of a file is a document, never a page nor a program."""

import asyncio
import hashlib
from pathlib import PurePosixPath
from typing import Any

from litestar.datastructures import FormMultiDict, UploadFile

from registry.exchange.decide import Command
from registry.exchanged_data import refuse_in_document, refuse_in_piece
from registry.refusals import Detail, Invalid
from schemas import violations

_ZIP = b"PK\x03\x04"
_BEGINNINGS = {
    **dict.fromkeys((".odt", ".ods", ".odp", ".docx", ".xlsx", ".pptx", ".zip"), _ZIP),
    ".pdf": b"%PDF-",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
}
_TEXTS = frozenset({".txt", ".csv", ".md", ".json", ".eml"})
_MARKUP = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script")


def require_document(name: str, content: bytes) -> None:
    """Refuse a file that is not of a known kind of document, or whose bytes are not what its name says. Raises Invalid.

    A text holds no zero byte and is not markup that a browser would run.
    """
    extension = PurePosixPath(name.lower()).suffix
    if extension in _BEGINNINGS:
        right = content.startswith(_BEGINNINGS[extension])
    elif extension in _TEXTS:
        right = b"\x00" not in content and not content.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP)
    else:
        known = ", ".join(sorted(e.removeprefix(".") for e in {*_BEGINNINGS, *_TEXTS}))
        raise _refused(f"Ce genre de fichier n'est pas admis. Genres admis : {known}.")
    if not right:
        raise _refused("Le contenu de ce fichier n'est pas celui que son nom annonce.")


def _refused(sentence: str) -> Invalid:
    return Invalid("La pièce est refusée.", [Detail(pointer="/file", message=sentence)])


async def attachment(form: FormMultiDict, upload: UploadFile, version: int | None) -> tuple[Command, bytes]:
    """The act of attaching a piece, from a multipart form with `kind` and `dated_on`, and the piece's content. Raises
    Invalid or ExchangedData."""
    content = await upload.read()
    described: dict[str, Any] = {
        "kind": form.get("kind"), "dated_on": form.get("dated_on"), "file_name": upload.filename,
    }  # fmt: skip
    found = violations("attachment", described)
    if found:
        raise Invalid("La pièce est mal décrite.", [Detail(pointer=v.pointer, message=v.message) for v in found])
    refuse_in_document(described)
    require_document(upload.filename, content)
    digest = await asyncio.to_thread(_examined, content)
    return Command("attachments", described, version, facts={"sha256": digest, "size": len(content)}), content


def _examined(content: bytes) -> str:
    """The SHA-256 of a piece that holds no exchanged data. Raises ExchangedData."""
    refuse_in_piece(content)
    return hashlib.sha256(content).hexdigest()
