"""What a piece holds, by its first bytes: archives are opened, office documents (.xlsx, .docx, .pptx, .ods, .odt) read
by their XML, every other member like a piece of its own."""

import io
import zipfile
import zlib
from collections.abc import Iterator

from registry.exchanged_data.pieces.bounds import MEMBERS, Budget, TooLargeToRead
from registry.exchanged_data.pieces.pdf import pdf_text
from registry.exchanged_data.pieces.plain import plain_texts
from registry.exchanged_data.pieces.xml import shared_strings, xml_text

_PDF, _ZIP, _GZIP = b"%PDF-", b"PK\x03\x04", b"\x1f\x8b\x08"
_HEAD = 1024
_PICTURES = (
    ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".emf", ".wmf", ".ico", ".ttf", ".otf", ".odttf",
    ".woff", ".woff2", ".mp3", ".mp4",
)  # fmt: skip
_SHARED = "xl/sharedStrings.xml"
_DEPTH = 3
_CHUNK = 1 << 16
_AS_GZIP = 31


def held_texts(content: bytes, budget: Budget | None = None, depth: int = 1) -> Iterator[str]:
    """The texts of a piece or of a member of one. Raises TooLargeToRead when what it holds unpacks beyond the bounds;
    what cannot be unpacked is read as it stands."""
    budget = budget or Budget()
    if content.startswith(_ZIP) or zipfile.is_zipfile(io.BytesIO(content)):
        yield from _archived_texts(content, budget, depth)
    elif content.startswith(_GZIP):
        yield from held_texts(_inflated(content, budget), budget, _deeper(depth))
    elif _PDF in content[:_HEAD]:
        yield pdf_text(content, budget)
    else:
        yield from plain_texts(content)


def _deeper(depth: int) -> int:
    if depth >= _DEPTH:
        raise TooLargeToRead
    return depth + 1


def _inflated(content: bytes, budget: Budget) -> bytes:
    try:
        found = zlib.decompressobj(_AS_GZIP).decompress(content, budget.left + 1)
    except zlib.error:
        return b""
    budget.spend(len(found))
    return found


def _archived_texts(content: bytes, budget: Budget, depth: int) -> Iterator[str]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        yield from plain_texts(content)
        return
    with archive:
        names = archive.namelist()
        if len(names) > MEMBERS:
            raise TooLargeToRead
        yield "\n".join(names)
        shared = shared_strings(_unpacked(archive, _SHARED, budget)) if _SHARED in names else []
        for name in names:
            yield from _member(archive, name, shared, budget, depth)


def _member(archive: zipfile.ZipFile, name: str, shared: list[str], budget: Budget, depth: int) -> Iterator[str]:
    lower = name.lower()
    if name == _SHARED or lower.endswith(_PICTURES):
        return
    content = _unpacked(archive, name, budget)
    if lower.endswith(".xml"):
        yield xml_text(content, shared)
    elif content.startswith(_ZIP):
        yield from held_texts(content, budget, _deeper(depth))
    else:
        yield from held_texts(content, budget, depth)


def _unpacked(archive: zipfile.ZipFile, name: str, budget: Budget) -> bytes:
    """A member's bytes, read in chunks so that the bound holds whatever the archive claims."""
    pieces = []
    try:
        with archive.open(name) as member:
            while chunk := member.read(_CHUNK):
                budget.spend(len(chunk))
                pieces.append(chunk)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, NotImplementedError):
        return b"".join(pieces)  # damaged, encrypted, or packed in a way nobody uses in offices
    return b"".join(pieces)
