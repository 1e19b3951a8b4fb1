"""Requests that this program sends: to witnesses, to a log's host, to a timestamping authority, to webhooks."""

import asyncio
import ipaddress
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

_PIECE = 65_536
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
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


async def deliver(url: str, body: bytes, headers: Mapping[str, str], seconds: float, *, private: bool) -> int:
    """POST to an address that a party chose; the status that answered. Raises Unanswered.

    No redirection is followed and no proxy used: the connection goes to the very address that was checked. Unless
    `private`, addresses of this machine and of private networks are refused, whatever name leads there.
    """
    return await asyncio.to_thread(_deliver, url, body, headers, seconds, private)


def _deliver(url: str, body: bytes, headers: Mapping[str, str], seconds: float, private: bool) -> int:
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    if not is_private(url):
        raise Unanswered("Seules les adresses https sont admises.")
    try:
        port = parts.port or (443 if secure else 80)
        address = _checked_address(host, port, private=private)
        connection = (_PinnedTls if secure else _Pinned)(host, port, address, seconds)
        end = threading.Timer(seconds, connection.abort)  # a timeout alone lets a byte come now and then, for hours
        end.start()
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body=body, headers={"User-Agent": "ecluse", **headers})
            status = connection.getresponse().status
            if connection.late:  # cut short, an answer may look whole
                raise Unanswered("Pas de réponse à temps.")
            return status
        finally:
            end.cancel()
            connection.close()
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, Unanswered):
            raise
        raise Unanswered(f"Pas de réponse ({error}).") from error


def _checked_address(host: str, port: int, *, private: bool) -> str:
    """One address of a host, every one of which may be spoken to. Raises Unanswered or OSError."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not private and not all(map(_is_public, found)):
        raise Unanswered("Cette adresse est celle d'un réseau privé : l'exploitant ne l'admet pas.")
    return found[0]


def _is_public(address: str) -> bool:
    """Whether an address is somebody's on the Internet. Of IPv6, global unicast alone, and none that carries an IPv4
    address (6to4; the prefix of NAT64 is outside): a gateway could lead it back inside."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        return ip.is_global and ip in _GLOBAL_UNICAST and ip.sixtofour is None
    return ip.is_global and not ip.is_multicast


class _Pinned(HTTPConnection):
    """A connection to an address already chosen; `host` is still what is asked for."""

    def __init__(self, host: str, port: int, address: str, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        self._address = address
        self.late = False

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)

    def abort(self) -> None:
        """End the connection, whoever waits for it; from another thread."""
        self.late = True
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


class _PinnedTls(_Pinned):
    """The same over TLS, with a certificate for the name."""

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """Every status is an answer, redirections included: none is followed."""

    def http_response(self, request: urllib.request.Request, response: Any) -> Any:
        return response

    def https_response(self, request: urllib.request.Request, response: Any) -> Any:
        return response


@cache
def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_AsItIs())
