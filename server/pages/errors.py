"""Errors as pages, for browsers."""

from typing import Any
from urllib.parse import quote, urlsplit

from litestar.response import Response

from registry.refusals import Detail
from server.pages.rendering import Call, page, redirect

_MACHINES = ("/api/", "/ledger/", "/healthz", "/readyz", "/metrics")


def wants_page(request: Call) -> bool:
    """Whether a person at a browser asks, rather than a program."""
    return not request.url.path.startswith(_MACHINES) and "text/html" in request.headers.get("accept", "")


def error_page(
    request: Call, slug: str, status: int, title: str, sentence: str, details: list[Detail], headers: dict[str, str]
) -> Response[Any]:
    """The page of a refusal; or the page where what is missing can be given, then back."""
    if slug == "unauthenticated":
        return redirect(request, f"/connexion?next={quote(_back(request), safe='/')}")
    if slug == "confirmation-required":
        return redirect(request, f"/confirmation?next={quote(_back(request), safe='/')}")
    response = page(
        request, "error.html", status, slug=slug, number=status, title=title, sentence=sentence, details=details
    )
    response.headers.update(headers)
    return response


def _back(request: Call) -> str:
    """The page that was asked for, or that held the form."""
    if request.method in {"GET", "HEAD"}:
        return request.url.path
    referer = urlsplit(request.headers.get("referer", ""))
    return referer.path if referer.netloc == request.headers.get("host") and referer.path else "/"
