"""Requests this program sends: no redirection followed, nothing endless read, no token in clear."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar

import pytest

from registry.witness.errors import Unusable
from server.outgoing import Unanswered, ask, call, deliver, is_private
from server.witness.looking import LogAddress

if TYPE_CHECKING:
    from collections.abc import Iterator


class Site(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[str, str, str | None]]] = []

    def do_GET(self) -> None:
        self.seen.append((self.command, self.path, self.headers.get("Authorization")))
        if self.path == "/away":
            self._answer(302, b"", Location="/secret")
        elif self.path == "/long":
            self._answer(200, b"x" * 5000)
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):
                for _ in range(20):
                    self.wfile.write(b"x")
                    time.sleep(0.1)
        elif self.path == "/drip":
            with suppress(OSError):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                for _ in range(60):
                    self.wfile.write(b"x")
                    time.sleep(0.1)
        else:
            status = {"/refused": 403, "/invalid": 422, "/absent": 404}.get(self.path, 200)
            self._answer(status, b"here")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def site() -> Iterator[str]:
    Site.seen.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_any_status_is_an_answer_and_a_redirection_is_not_followed(site: str) -> None:
    for path, status in (("/", 200), ("/refused", 403), ("/away", 302)):
        assert call(site + path, timeout=5, limit=100).status == status
    assert [path for _, path, _ in Site.seen] == ["/", "/refused", "/away"]


@pytest.mark.parametrize("path", ["/long", "/slow"])
def test_an_answer_too_long_in_bytes_or_in_time_is_given_up(site: str, path: str) -> None:
    with pytest.raises(Unanswered, match="trop long"):
        call(site + path, timeout=0.3, limit=4000)


async def test_what_cannot_be_reached_is_said_so(site: str) -> None:
    for url in ("http://127.0.0.1:1/", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://[::1"):
        with pytest.raises(Unanswered):
            await ask(url, None, "", 1.0)
    assert await ask(site, b"body", "text/plain", 5.0) == (200, b"here")


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("https://a.fr/x", True),
        ("http://127.0.0.1:8/", True),
        ("http://localhost/", True),
        ("http://a.fr/", False),
        ("http://127.0.0.1.a.fr/", False),
    ],
)
def test_a_token_leaves_only_over_https_or_to_this_machine(
    url: str, private: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_private(url) is private
    monkeypatch.setenv("ECLUSE_TOKEN", "ecl_secret")
    if private:
        LogAddress(url)
    else:
        with pytest.raises(Unusable, match="https"):
            LogAddress(url)


def test_a_log_is_asked_with_the_token_and_its_refusals_are_sentences(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECLUSE_TOKEN", "ecl_secret")
    log = LogAddress(f"{site}/")
    assert log.get("checkpoint") == b"here"
    assert Site.seen == [("GET", "/checkpoint", "Bearer ecl_secret")]
    assert log.get("absent") is None
    with pytest.raises(Unusable, match="ECLUSE_TOKEN"):
        log.get("refused")
    with pytest.raises(Unusable, match="politique"):
        log.post("invalid", b"line")
    with pytest.raises(Unusable, match="302"):
        log.get("away")
    log.post("fine", b"line")


async def test_a_webhook_that_answers_a_byte_now_and_then_is_left_at_its_time(site: str) -> None:
    """Else one party's program could hold up everybody's announcements for hours."""
    with pytest.raises(Unanswered, match="à temps"):
        await asyncio.wait_for(deliver(site + "/drip", b"{}", {}, 0.3, private=True), 5)
