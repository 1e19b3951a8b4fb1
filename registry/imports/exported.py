"""The manifest of an export, and the records it speaks of, taken out of any of our formats again."""

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.exports.json import BEFORE_MANIFEST
from registry.exports.manifest import SUFFIX
from registry.exports.pdf.register import NAME
from registry.imports.archives import archive
from registry.imports.items import Item, Unreadable
from registry.imports.reading import read_json, read_workbook
from registry.imports.sheets import Sheet, sheets

Document = dict[str, Any]


@dataclass(frozen=True)
class Exported:
    """An export as it is found: its manifest, its records when they can be read back, with the sheets they were read in
    or the SHA-256 of what precedes the manifest; else the file's own SHA-256."""

    manifest: Document
    items: list[Item] = field(default_factory=list)
    sheets: list[Sheet] | None = None
    content_sha256: str | None = None
    file_sha256: str | None = None


def is_export(path: Path) -> bool:
    """Whether a file looks like an export of ours; a manifest beside a file makes it one."""
    beginning = _beginning(path)
    if path.with_name(path.name + SUFFIX).is_file() or beginning.startswith((b"%PDF", b'{"register"')):
        return True
    if not beginning.startswith(b"PK"):
        return False
    try:
        with archive(path) as opened:
            names = opened.namelist()
    except Unreadable:
        return False
    return any(name in {"mimetype", "[Content_Types].xml"} or name.endswith(SUFFIX) for name in names)


def read_export(path: Path) -> Exported:
    """The export of a file. Blocks; raises Unreadable when there is none."""
    beside = path.with_name(path.name + SUFFIX)
    if beside.is_file():
        return Exported(_document(beside.read_bytes()), file_sha256=_sha256(path))
    if not _beginning(path).startswith(b"PK"):
        return _document_of(_attached(path) if _beginning(path).startswith(b"%PDF") else path.read_bytes())
    inside = _archived(path)
    return _workbook(path) if inside is None else inside


def _document_of(content: bytes) -> Exported:
    """A JSON document ends with its manifest: what would follow it is content like what precedes it."""
    reading = read_json(content)
    manifest = _required(reading.manifest)
    before, _, after = content.rpartition(BEFORE_MANIFEST)
    try:
        last = json.loads(after.rstrip().removesuffix(b"}")) == manifest
    except ValueError:
        last = False
    digest = hashlib.sha256(before if last else content).hexdigest()
    return Exported(manifest, reading.items, content_sha256=digest)


def _workbook(path: Path) -> Exported:
    found = sheets(path)
    reading = read_workbook(found)
    return Exported(_required(reading.manifest), reading.items, sheets=found)


def _required(manifest: Document | None) -> Document:
    if manifest is None:
        raise Unreadable("Ce fichier ne porte pas de manifeste d'export.")
    return manifest


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(64)


def _document(content: bytes) -> Document:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Unreadable("Le manifeste de l'export est illisible.")
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _archived(path: Path) -> Exported | None:
    """An archive of two members: a file, and its manifest."""
    with archive(path) as opened:
        names = opened.namelist()
        manifests = [name for name in names if name.endswith(SUFFIX)]
        if len(manifests) != 1 or manifests[0].removesuffix(SUFFIX) not in names:
            return None
        digest = hashlib.sha256()
        with opened.open(manifests[0].removesuffix(SUFFIX)) as member:
            while piece := member.read(1 << 20):
                digest.update(piece)
        return Exported(_document(opened.read(manifests[0])), file_sha256=digest.hexdigest())


def _attached(path: Path) -> bytes:
    """The register that is attached to a PDF."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        with path.open("rb") as file:
            for name, stream in _embedded(PdfFileReader(file).root["/Names"]["/EmbeddedFiles"]):
                if name == NAME:
                    content: bytes = stream.data
                    return content
    except (PdfError, KeyError, TypeError, ValueError, AttributeError, RecursionError, zlib.error):
        pass
    raise Unreadable("Ce PDF ne porte pas de registre exporté.")


def _embedded(node: Any) -> Iterator[tuple[str, Any]]:
    """Names and streams of a tree of embedded files. Items are taken by number: only so are references followed."""
    kids, pairs = node.get("/Kids", []), node.get("/Names", [])
    for number in range(len(kids)):
        yield from _embedded(kids[number])
    for number in range(0, len(pairs) - 1, 2):
        yield str(pairs[number]), pairs[number + 1]["/EF"]["/F"]
