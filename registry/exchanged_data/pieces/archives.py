"""Zip archives: office documents (.xlsx, .docx, .pptx, .ods, .odt) by their XML, other archives by their text files."""

import io
import zipfile
import zlib
from collections.abc import Iterator

from registry.exchanged_data.pieces.bounds import MEMBERS, Budget, TooLargeToRead
from registry.exchanged_data.pieces.pdf import pdf_text
from registry.exchanged_data.pieces.plain import plain_text
from registry.exchanged_data.pieces.xml import shared_strings, xml_text

_TEXTS = (".csv", ".tsv", ".txt", ".md", ".json", ".html", ".htm")
_SHARED = "xl/sharedStrings.xml"
_DEPTH = 3
_CHUNK = 1 << 16


def archived_texts(content: bytes, budget: Budget | None = None, depth: int = 1) -> Iterator[str]:
    """The texts of an archive's members. Raises TooLargeToRead beyond the bounds; what cannot be unpacked is passed."""
    budget = budget or Budget()
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        yield plain_text(content)
        return
    with archive:
        names = archive.namelist()
        if len(names) > MEMBERS:
            raise TooLargeToRead
        shared = shared_strings(_unpacked(archive, _SHARED, budget)) if _SHARED in names else []
        for name in names:
            yield from _member(archive, name, shared, budget, depth)


def _member(archive: zipfile.ZipFile, name: str, shared: list[str], budget: Budget, depth: int) -> Iterator[str]:
    lower = name.lower()
    if lower.endswith(".xml") and name != _SHARED:
        yield xml_text(_unpacked(archive, name, budget), shared)
    elif lower.endswith(_TEXTS):
        yield plain_text(_unpacked(archive, name, budget))
    elif lower.endswith(".pdf"):
        yield pdf_text(_unpacked(archive, name, budget), budget)
    elif lower.endswith((".zip", ".xlsx", ".docx", ".pptx", ".ods", ".odt")):
        if depth >= _DEPTH:
            raise TooLargeToRead
        yield from archived_texts(_unpacked(archive, name, budget), budget, depth + 1)


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
