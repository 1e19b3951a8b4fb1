"""Where the files of a log are read: a folder, an address, an archive. Nothing read is believed."""

import time
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, ClassVar, Protocol
from urllib.parse import quote

TIMEOUT = 30.0
"""Seconds without an answer, or without a byte of it, after which an attempt is given up."""
ATTEMPTS = 3
_PASSING = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}


class MissingFileError(Exception):
    """The file is not there: a finding."""


class FileTooLongError(Exception):
    """The file is longer than its format allows: a finding."""


class UnreachableError(Exception):
    """Nothing can be said of the file: the verification stops. The message is a French sentence."""


class Source(Protocol):
    """The files of one log, by their paths under its prefix."""

    live: ClassVar[bool]
    """Whether the head may be another one a moment later."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def ending(self) -> str:
        """How the origin of the log read there must end; empty when the place says nothing of it."""

    def read(self, path: str, limit: int) -> bytes:
        """The whole file, of at most `limit` bytes. Raises one of this module's errors."""


@dataclass(frozen=True)
class FolderSource:
    """A log exported into a folder; in an export of several, `ending` is « /owner/year »."""

    folder: Path
    ending: str = ""
    live: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """The folder's path."""
        return str(self.folder)

    def read(self, path: str, limit: int) -> bytes:
        """Read a file of the folder."""
        try:
            with (self.folder / path).open("rb") as file:
                return _whole(file, limit)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise MissingFileError(path) from error
        except OSError as error:
            raise UnreachableError(f"« {self.folder / path} » ne peut pas être lu ({error.strerror}).") from error


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
        request = urllib.request.Request(f"{self.url.rstrip('/')}/{quote(path)}", headers=headers)  # noqa: S310 - scheme checked by `source_of`
        response: HTTPResponse
        with _opener().open(request, timeout=TIMEOUT) as response:
            if response.status != HTTPStatus.OK or response.headers.get("Content-Encoding", "identity") != "identity":
                raise UnreachableError(f"« {self.url}/{path} » ne répond pas par le fichier tel quel.")
            raw = _whole(response, limit)
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


@dataclass(frozen=True)
class ArchiveSource:
    """A folder of an opened zip archive; `prefix` ends with a slash, or is empty."""

    archive: zipfile.ZipFile
    prefix: str = ""
    ending: ClassVar[str] = ""
    live: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """The folder's name in the archive."""
        return self.prefix

    def read(self, path: str, limit: int) -> bytes:
        """Read a member. Raises zipfile.BadZipFile or zlib.error on a damaged one."""
        try:
            with self.archive.open(self.prefix + path) as file:
                return _whole(file, limit)
        except KeyError as error:
            raise MissingFileError(path) from error


def _whole(file: IO[bytes] | HTTPResponse, limit: int) -> bytes:
    raw = file.read(limit + 1)
    if len(raw) > limit:
        raise FileTooLongError
    return raw


def _refused(path: str, url: str, code: int) -> Exception:
    if code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return MissingFileError(path)
    if code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return UnreachableError(f"« {url} » refuse l'accès ({code}) : donnez un jeton d'accès dans ECLUSE_TOKEN.")
    return UnreachableError(f"« {url}/{path} » répond {code}.")


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", "") or error or type(error).__name__)
