"""What an uploaded file is, by its own bytes: a piece of a file is a document, never a page nor a program."""

from pathlib import PurePosixPath

from registry.refusals import Detail, Invalid

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
