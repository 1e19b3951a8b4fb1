"""The style sheet, the scripts and the mark: the only files that pages load."""

from pathlib import Path

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from registry.refusals import NotFound

_HERE = Path(__file__).parent / "static"
_TYPES = {
    "style.css": "text/css",
    "passkeys.js": "text/javascript",
    "fields.js": "text/javascript",
    "filing.js": "text/javascript",
    "drop.js": "text/javascript",
    "drafts.js": "text/javascript",
    "device.js": "text/javascript",
    "mark.svg": "image/svg+xml",
}


@get("/static/{name:str}", name="static")
async def static(name: FromPath[str]) -> Response[bytes]:
    """One of the files, by its name."""
    if name not in _TYPES:
        raise NotFound("Ce fichier n'existe pas.")
    headers = {"Cache-Control": "public, max-age=300"}
    return Response((_HERE / name).read_bytes(), media_type=_TYPES[name], headers=headers)


HANDLERS = [static]
