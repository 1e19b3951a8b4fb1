"""The pull side: a log's address over HTTP, and one look after another at every log."""

import os
import time
from collections.abc import Callable, Sequence

from registry.ledger.notes import MAX_BYTES
from registry.witness.errors import Unusable
from registry.witness.following import Pass, follow_year, look, new_year
from registry.witness.witness import Witness
from server.outgoing import Response, Unanswered, call, is_private

_TIMEOUT = 30.0
_EVERY_YEAR = 3600
Tell = Callable[[str], None]


class LogAddress:
    """A log's address, asked with the bearer token of ECLUSE_TOKEN."""

    def __init__(self, url: str) -> None:
        """Raises Unusable when the token would be sent in clear."""
        self._url = url.rstrip("/")
        token = os.environ.get("ECLUSE_TOKEN")
        if token and not is_private(url):
            raise Unusable(f"{url} : le jeton ne part pas en clair ; une adresse https:// est attendue.")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str) -> bytes | None:
        """The file, None when it is not there. Raises Unusable."""
        answer = self._call(path, None)
        if answer.status == 404:
            return None
        return self._required(path, answer)

    def post(self, path: str, body: bytes) -> None:
        """Hand something in. Raises Unusable."""
        answer = self._call(path, body)
        if answer.status == 422:
            raise Unusable(f"{self._url} : cosignature refusée ; le témoin n'est peut-être pas dans la politique.")
        self._required(path, answer)

    def _call(self, path: str, body: bytes | None) -> Response:
        headers = self._headers if body is None else {**self._headers, "Content-Type": "text/plain; charset=utf-8"}
        try:
            return call(f"{self._url}/{path}", body, headers, timeout=_TIMEOUT, limit=MAX_BYTES)
        except Unanswered as error:
            raise Unusable(str(error)) from error

    def _required(self, path: str, answer: Response) -> bytes:
        if answer.status != 200:
            hint = " (jeton ECLUSE_TOKEN absent, faux ou expiré ?)" if answer.status in {401, 403} else ""
            raise Unusable(f"{self._url}/{path} : réponse {answer.status}{hint}.")
        return answer.body


def round_of(witness: Witness, urls: Sequence[str], tell: Tell) -> bool:
    """Look once at every log; whether all could be looked at. Raises Fork or Stopped; `tell` gets what happened."""
    fine = True
    for url in urls:
        try:
            done = look(witness, url, LogAddress(url), int(time.time()))
        except Unusable as error:
            tell(str(error))
            fine = False
        else:
            _report(done, tell)
    return fine


def _report(done: Pass, tell: Tell) -> None:
    if done.handed_in:
        what = "cosignée" if done.new else "cosignée à nouveau"
        tell(f"{done.head.origin} : tête de {done.head.size} enregistrements {what}.")


def years(witness: Witness, tell: Tell) -> list[str]:
    """Addresses of logs of the new year that began where a followed one ended, signed with the keys given for it."""
    found = []
    for log in witness.store.logs():
        awaited = new_year(witness.store, log, time.gmtime().tm_year)
        if awaited is None:
            continue
        url, keys = awaited
        try:
            if follow_year(witness.store, LogAddress(url), keys):
                tell(f"{keys[0].name} : le journal de la nouvelle année est suivi, avec la même clé.")
                found.append(url)
        except Unusable as error:
            tell(str(error))
    return found
