"""Errors as RFC 9457 problem details: a stable `type`, a French sentence, and pointers into what was sent."""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from registry.gate import OutOfScope
from registry.refusals import Detail, Refusal
from registry.storage.engines import Busy
from registry.storage.rates import TooOften
from server.pages.errors import error_page, wants_page

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
    request: Request[Any, Any, Any],
    slug: str,
    status: int,
    title: str,
    sentence: str,
    *,
    details: list[Detail] | None = None,
    headers: dict[str, str] | None = None,
) -> Response[Any]:
    """A page for a browser, else a problem response whose `instance` is the request's path."""
    if wants_page(request):
        return error_page(request, slug, status, title, sentence, details or [], headers or {})
    content: dict[str, Any] = {
        "type": TYPE_PREFIX + slug,
        "title": title,
        "status": status,
        "detail": sentence,
        "instance": request.url.path,
    }
    if details:
        content["errors"] = details
    return Response(msgspec.json.encode(content), status_code=status, media_type=MEDIA_TYPE, headers=headers or {})


def on_refusal(request: Request[Any, Any, Any], refusal: Refusal) -> Response[Any]:
    """A refusal of the domain, as it says itself."""
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
    if isinstance(refusal, OutOfScope):
        headers["WWW-Authenticate"] = 'Bearer error="insufficient_scope"'
    if isinstance(refusal, TooOften):
        headers["Retry-After"] = str(refusal.wait)
    return problem(
        request, refusal.slug, refusal.status, refusal.title, refusal.sentence, details=refusal.details, headers=headers
    )


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """An error of the framework: unknown address, method not allowed, body too large."""
    slug, title, sentence = _HTTP.get(error.status_code, _HTTP[400])
    headers = {key: value for key, value in (error.headers or {}).items() if key.lower() == "allow"}
    return problem(request, slug, error.status_code, title, sentence, headers=headers)


def on_busy(request: Request[Any, Any, Any], _error: Busy) -> Response[Any]:
    """Every connection to the database is taken."""
    sentence = "Le service est très sollicité : réessayez dans quelques secondes."
    return problem(request, "busy", 503, "Service saturé", sentence, headers={"Retry-After": "2"})


def on_any(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Anything unforeseen: logged with its trace, answered without any detail."""
    _log.error("unhandled error", path=request.url.path, exc_info=error)
    slug, title, sentence = _INTERNAL
    return problem(request, slug, 500, title, sentence)
