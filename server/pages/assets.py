"""The style sheet, the scripts and the mark: the only files that pages load.

Each is read and compressed once. Pages name the version they were written for (`asset`), by a digest of the content: a
browser keeps that for a year, and asks for another as soon as the file changes.
"""

import hashlib
import zlib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Response

from registry.refusals import NotFound
from server.pages.compression import COMPRESSED, GZIP, takes_gzip

_HERE = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_KEPT, _ASKED_AGAIN = "public, max-age=31536000, immutable", "public, max-age=300"


class Asset(NamedTuple):
    """A file: its bytes, those bytes compressed, its media type and the digest that names this version."""

    content: bytes
    compressed: bytes
    media_type: str
    version: str


@cache
def assets() -> dict[str, Asset]:
    """Every file, by name."""
    return {path.name: _read(path) for path in sorted(_HERE.iterdir()) if path.suffix in _TYPES}


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    version = hashlib.sha256(content).hexdigest()[:16]
    return Asset(content, zlib.compress(content, 9, wbits=GZIP), _TYPES[path.suffix], version)


def asset(name: str) -> str:
    """The address of a file's present version."""
    return f"/static/{name}?v={assets()[name].version}"


@get("/static/{name:str}", name="static")
async def static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """One of the files, by its name; kept for long when its version is named."""
    found = assets().get(name)
    if found is None:
        raise NotFound("Ce fichier n'existe pas.")
    named = request.query_params.get("v") == found.version
    headers = {"Cache-Control": _KEPT if named else _ASKED_AGAIN, "Vary": "Accept-Encoding"}
    if takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(found.compressed, media_type=found.media_type, headers={**headers, **COMPRESSED})
    return Response(found.content, media_type=found.media_type, headers=headers)


HANDLERS = [static]
