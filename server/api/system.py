"""Public references (schemas, checks, OpenAPI) and the probes of the operator."""

from datetime import timedelta
from typing import Any

import msgspec
from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from registry.clock import timestamp
from registry.conformity import catalogue, readable, rules_version
from registry.refusals import NotFound
from schemas import bundled, names
from server.api.http import Call, answer, gate_of, parameters
from server.api.openapi import openapi
from server.readiness import require_current
from server.settings import Settings

_KNOWN_FOR = timedelta(days=180)
"""How long the contact may be relied on: RFC 9116 asks for less than a year."""
_CACHED = {"Cache-Control": "public, max-age=300"}


def _reference(content: Any) -> Response[bytes]:
    return Response(msgspec.json.encode(content), media_type="application/json", headers=_CACHED)


@get("/schemas/{name:str}", name="read_schema")
async def read_schema(request: Call, name: FromPath[str]) -> Response[bytes]:
    """The JSON Schema of a document, self-contained: today's, or that of the version a document was written under."""
    version = parameters(request, ("version",)).get("version")
    if name not in names():
        raise NotFound(f"Schéma inconnu. Schémas publiés : {', '.join(names())}.")
    try:
        return _reference(bundled(f"{name}:{version}" if version is not None else name))
    except KeyError:
        raise NotFound(f"Le schéma « {name} » n'a pas de version « {str(version)[:20]} ».") from None


@get("/checks", name="list_checks")
async def list_checks(request: Call) -> Response[bytes]:
    """The catalogue of conformity checks, with the version of the rules."""
    parameters(request, ())
    return _reference({"rules_version": rules_version(), "items": [readable(check) for check in catalogue()]})


@get("/openapi.json", name="read_openapi")
async def read_openapi(request: Call) -> Response[bytes]:
    """The description of this API, OpenAPI 3.1."""
    parameters(request, ())
    return _reference(openapi())


@get("/healthz", name="healthz")
async def healthz() -> Response[bytes]:
    """The process answers."""
    return answer({"status": "ok"})


@get("/readyz", name="readyz")
async def readyz(request: Call) -> Response[bytes]:
    """The database answers and is at this version's migration."""
    await require_current(gate_of(request).engine)
    return answer({"status": "ok"})


@get("/.well-known/security.txt", name="security_txt")
async def security_txt(request: Call) -> Response[str]:
    """Where to report a flaw to who runs this installation (RFC 9116); absent until they say so."""
    settings: Settings = request.app.state.settings
    if settings.security_contact is None:
        raise NotFound("L'exploitant n'a pas indiqué de contact.")
    expires = timestamp(gate_of(request).now() + _KNOWN_FOR)
    lines = (
        f"Contact: {settings.security_contact}",
        f"Expires: {expires}",
        "Preferred-Languages: fr, en",
        f"Canonical: {settings.public_url}/.well-known/security.txt",
    )
    return Response("\n".join((*lines, "")), media_type="text/plain", headers=_CACHED)


HANDLERS = [read_schema, list_checks, read_openapi]
ROOT_HANDLERS = [healthz, readyz, security_txt]
