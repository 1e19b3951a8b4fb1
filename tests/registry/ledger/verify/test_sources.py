"""Over HTTP: bounded, patient, no redirection, the token where it belongs; folders that cannot be read are told."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from registry.ledger.verify.log import verify_log
from registry.ledger.verify.sources import FileTooLongError, FolderSource, MissingFileError, UnreachableError
from registry.ledger.verify.web import ATTEMPTS, UrlSource
from tests.registry.ledger.logs import sized
from tests.registry.ledger.samples import WITNESSES
from tests.registry.ledger.verify.memory import KEY, QUORUM, files_of, kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], Answer]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, headers, body = answer(self)
            self.send_response(code)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/ledger/ctg-x/2026"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def read(answer: Callable[[BaseHTTPRequestHandler], Answer], limit: int = 100, token: str | None = None) -> bytes:
    with serving(answer) as url:
        return UrlSource(url, token, pause=0).read("checkpoint", limit)


def test_a_served_log_verifies_with_the_bearers_token(tmp_path: Path) -> None:
    files = files_of(sized(600), tmp_path)

    def answer(request: BaseHTTPRequestHandler) -> Answer:
        if request.headers["Authorization"] != "Bearer jeton" or request.headers["Accept-Encoding"] != "identity":
            return 401, {}, b""
        body = files.get(request.path.removeprefix("/ledger/ctg-x/2026/"))
        return (404, {}, b"") if body is None else (200, {}, body)

    with serving(answer) as url:
        assert verify_log(UrlSource(url, "jeton"), QUORUM, jobs=2).fine
        with pytest.raises(UnreachableError, match="ECLUSE_TOKEN"):
            verify_log(UrlSource(url, "autre"), QUORUM)
        assert "jeton" not in repr(UrlSource(url, "jeton"))
        del files["tile/0/001"]
        assert kinds(verify_log(UrlSource(url, "jeton"), QUORUM)) == {"missing"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((200, {}, b"x" * 101), FileTooLongError),
        ((404, {}, b""), MissingFileError),
        ((410, {}, b""), MissingFileError),
        ((500, {}, b""), UnreachableError),
        ((206, {}, b"x"), UnreachableError),
        ((302, {"Location": "/ailleurs"}, b""), UnreachableError),
        ((200, {"Content-Encoding": "gzip"}, b"x"), UnreachableError),
        ((200, {"Content-Length": "50"}, b"coupe"), UnreachableError),
    ],
)
def test_answers_that_are_not_the_file_are_told(answer: Answer, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(lambda _: answer)
    assert read(lambda _: (200, {}, b"x" * 100)) == b"x" * 100


def test_a_passing_failure_is_tried_again_and_a_lasting_one_told() -> None:
    answers = iter([(503, {}, b""), (429, {}, b""), (200, {}, b"enfin")])
    assert read(lambda _: next(answers)) == b"enfin"
    tries: list[int] = []

    def down(_: BaseHTTPRequestHandler) -> Answer:
        tries.append(1)
        return 503, {}, b""

    with pytest.raises(UnreachableError, match="503"):
        read(down)
    assert len(tries) == ATTEMPTS


def test_nobody_there_is_told() -> None:
    with serving(lambda _: (200, {}, b"")) as url:
        pass
    with pytest.raises(UnreachableError, match="ne répond pas"):
        UrlSource(url, pause=0).read("checkpoint", 100)


def test_a_live_head_is_read_again_until_its_witnesses_have_spoken(tmp_path: Path) -> None:
    log = sized(4)
    files = files_of(log, tmp_path)
    heads = [log.checkpoint(witnesses=()), log.checkpoint(witnesses=WITNESSES[:2]), log.checkpoint()]
    asked: list[int] = []

    def answer(request: BaseHTTPRequestHandler) -> Answer:
        name = request.path.removeprefix("/ledger/ctg-x/2026/")
        if name != "checkpoint":
            return 200, {}, files[name]
        asked.append(1)
        return 200, {}, heads[min(len(asked), len(heads)) - 1]

    with serving(answer) as url:
        assert verify_log(UrlSource(url), QUORUM, pause=0).fine
        assert len(asked) == 3
        del heads[1:]
        asked.clear()
        assert kinds(verify_log(UrlSource(url), QUORUM, pause=0)) == {"quorum"}
        assert len(asked) == 5
        asked.clear()
        assert verify_log(UrlSource(url), KEY, pause=0).fine
        assert len(asked) == 1


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    source = FolderSource(tmp_path)
    with pytest.raises(MissingFileError):
        source.read("checkpoint", 10)
    (tmp_path / "checkpoint").mkdir()
    with pytest.raises(MissingFileError):
        source.read("checkpoint", 10)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UnreachableError):
        source.read("loop", 10)
