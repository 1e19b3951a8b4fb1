"""Errors as RFC 9457 problem details: a stable `type`, a French sentence, and pointers into what was sent."""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from registry.refusals import Detail, Refusal
from registry.storage.engines import Busy

TYPE_PREFIX = "urn:ecluse:problem:"
MEDIA_TYPE = "application/problem+json"

_HTTP = {
    400: ("bad-request", "Requête incorrecte", "La requête ne peut pas être lue."),
    404: ("not-found", "Introuvable", "Cette adresse n'existe pas."),
    405: ("method-not-allowed", "Méthode non admise", "Cette méthode n'est pas admise à cette adresse."),
    413: ("too-large", "Corps trop volumineux", "Le corps de la requête dépasse la taille admise."),
}
_INTERNAL = ("internal", "Erreur interne", "Une erreur est survenue ; rien n'a été changé. Réessayez plus tard.")

_log = structlog.get_logger("ecluse")


class BadParameter(Refusal):
    """A query parameter or header cannot be read."""

    slug, status, title = "invalid-parameter", 400, "Paramètre incorrect"


class UnreadableBody(Refusal):
    """The body is not what its media type says."""

    slug, status, title = "unreadable-body", 400, "Corps illisible"


class UnsupportedMediaType(Refusal):
    """The body is not of the media type that the address expects."""

    slug, status, title = "unsupported-media-type", 415, "Format non pris en charge"


class TooLarge(Refusal):
    """The body is larger than the address accepts."""

    slug, status, title = "too-large", 413, "Corps trop volumineux"


def problem(
    slug: str,
    status: int,
    title: str,
    sentence: str,
    *,
    path: str,
    details: list[Detail] | None = None,
    headers: dict[str, str] | None = None,
) -> Response[bytes]:
    """A problem response; `instance` is the request's path."""
    content: dict[str, Any] = {
        "type": TYPE_PREFIX + slug,
        "title": title,
        "status": status,
        "detail": sentence,
        "instance": path,
    }
    if details:
        content["errors"] = details
    return Response(msgspec.json.encode(content), status_code=status, media_type=MEDIA_TYPE, headers=headers or {})


def on_refusal(request: Request[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    """A refusal of the domain, as it says itself."""
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
    return problem(
        refusal.slug,
        refusal.status,
        refusal.title,
        refusal.sentence,
        path=request.url.path,
        details=refusal.details,
        headers=headers,
    )


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """An error of the framework: unknown address, method not allowed, body too large."""
    slug, title, sentence = _HTTP.get(error.status_code, _HTTP[400])
    headers = {key: value for key, value in (error.headers or {}).items() if key.lower() == "allow"}
    return problem(slug, error.status_code, title, sentence, path=request.url.path, headers=headers)


def on_busy(request: Request[Any, Any, Any], _error: Busy) -> Response[bytes]:
    """Every connection to the database is taken."""
    sentence = "Le service est très sollicité : réessayez dans quelques secondes."
    return problem("busy", 503, "Service saturé", sentence, path=request.url.path, headers={"Retry-After": "2"})


def on_any(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Anything unforeseen: logged with its trace, answered without any detail."""
    _log.error("unhandled error", path=request.url.path, exc_info=error)
    slug, title, sentence = _INTERNAL
    return problem(slug, 500, title, sentence, path=request.url.path)
