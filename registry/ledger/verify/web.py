"""A log served over HTTP."""

import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import ClassVar
from urllib.parse import quote

from registry.ledger.verify.sources import MissingFileError, UnreachableError, read_whole

TIMEOUT = 30.0
"""Seconds without an answer, or without a byte of it, after which an attempt is given up."""
ATTEMPTS = 3
_PASSING = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}


@dataclass(frozen=True)
class UrlSource:
    """A log served over HTTP; `token` is sent as a bearer token. Redirections are refused, proxies are honoured."""

    url: str
    token: str | None = field(default=None, repr=False)
    pause: float = 1.0
    ending: ClassVar[str] = ""
    live: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """The address."""
        return self.url

    def read(self, path: str, limit: int) -> bytes:
        """Fetch a file; a failure that may pass is tried again, ATTEMPTS times in all."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._fetch(path, limit)
            except urllib.error.HTTPError as error:
                with error:
                    if error.code not in _PASSING or attempt == ATTEMPTS:
                        raise _refused(path, self.url, error.code) from error
            except (OSError, HTTPException) as error:
                if attempt == ATTEMPTS:
                    raise UnreachableError(f"« {self.url}/{path} » ne répond pas ({_reason(error)}).") from error
            time.sleep(self.pause * attempt)
        raise AssertionError

    def _fetch(self, path: str, limit: int) -> bytes:
        headers = {"Accept-Encoding": "identity", "User-Agent": "ecluse"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(f"{self.url.rstrip('/')}/{quote(path)}", headers=headers)  # noqa: S310 - the caller chose the scheme
        response: HTTPResponse
        with _opener().open(request, timeout=TIMEOUT) as response:
            if response.status != HTTPStatus.OK or response.headers.get("Content-Encoding", "identity") != "identity":
                raise UnreachableError(f"« {self.url}/{path} » ne répond pas par le fichier tel quel.")
            raw = read_whole(response, limit)
            if response.length:  # what the header announced and did not come
                raise ConnectionError("réponse interrompue")
            return raw


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirection would send the token elsewhere, and verify another log than the one named."""

    def redirect_request(self, *_: object) -> None:
        return None


@cache
def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect())


def _refused(path: str, url: str, code: int) -> Exception:
    if code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return MissingFileError(path)
    if code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return UnreachableError(f"« {url} » refuse l'accès ({code}) : donnez un jeton d'accès dans ECLUSE_TOKEN.")
    return UnreachableError(f"« {url}/{path} » répond {code}.")


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", "") or error or type(error).__name__)
