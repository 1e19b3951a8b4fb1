"""Requests that this program sends: to witnesses, to a log's host, to a timestamping authority."""

import asyncio
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

_PIECE = 65_536
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Unanswered(OSError):
    """No usable answer; the message is a French sentence."""


@dataclass(frozen=True)
class Response:
    """An HTTP answer, whatever its status."""

    status: int
    content_type: str
    body: bytes


def is_private(url: str) -> bool:
    """Whether nobody on the way reads what is sent there: https, or this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def call(
    url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, *, timeout: float, limit: int
) -> Response:
    """GET, or POST when there is a body, within `timeout` seconds and `limit` bytes in all. Redirections are not
    followed (they would take a token elsewhere), proxies are honoured. Raises Unanswered."""
    if not url.startswith(("http://", "https://")):
        raise Unanswered(f"« {url} » n'est pas une adresse http(s).")
    sent = {"Accept-Encoding": "identity", "User-Agent": "ecluse", **(headers or {})}
    end = time.monotonic() + timeout
    try:
        request = urllib.request.Request(url, data=body, headers=sent)  # noqa: S310 - scheme checked above
        with _opener().open(request, timeout=timeout) as answer:
            raw = bytearray()
            while piece := answer.read1(_PIECE):
                raw += piece
                if len(raw) > limit or time.monotonic() > end:
                    raise Unanswered(f"« {url} » : réponse trop longue.")
            return Response(answer.status, answer.headers.get("Content-Type", ""), bytes(raw))
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, Unanswered):
            raise
        raise Unanswered(f"« {url} » ne répond pas ({getattr(error, 'reason', None) or error}).") from error


async def ask(url: str, body: bytes | None, content_type: str, seconds: float) -> tuple[int, bytes]:
    """Status and body of a small exchange, without blocking the loop. Raises Unanswered."""
    headers = {"Content-Type": content_type} if body is not None else {}
    answer = await asyncio.to_thread(call, url, body, headers, timeout=seconds, limit=1_000_000)
    return answer.status, answer.body


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """Every status is an answer, redirections included: none is followed."""

    def http_response(self, request: urllib.request.Request, response: Any) -> Any:
        return response

    def https_response(self, request: urllib.request.Request, response: Any) -> Any:
        return response


@cache
def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_AsItIs())
