"""A timestamping authority on loopback: openssl's own, behind a small HTTP server."""

from __future__ import annotations

import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[tsa]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[authority]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


class Authority:
    """Its files, its address, and what it answered; `broken` replaces the answer."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.url = ""
        self.asked = 0
        self.broken: bytes | None = None
        self._certificate("ca", "Autorité racine", self_signed=True)
        self._certificate("tsa", "Horodatage")
        (folder / "serial").write_text("01\n")

    @property
    def root(self) -> Path:
        return self.folder / "ca.pem"

    def answer(self, query: bytes) -> bytes:
        self.asked += 1
        if self.broken is not None:
            return self.broken
        (self.folder / "query").write_bytes(query)
        self._openssl(
            "ts", "-reply", "-config", "tsa.cnf", "-section", "authority", "-queryfile", "query", "-out", "reply"
        )
        return (self.folder / "reply").read_bytes()

    def accepts(self, token: bytes, note: bytes) -> bool:
        """openssl's own verdict."""
        (self.folder / "token").write_bytes(token)
        (self.folder / "note").write_bytes(note)
        command = ("ts", "-verify", "-data", "note", "-in", "token", "-CAfile", "ca.pem")
        return self._openssl(*command, check=False).returncode == 0

    def _certificate(self, name: str, common_name: str, *, self_signed: bool = False) -> None:
        config = self.folder / f"{name}.cnf"
        config.write_text(_CONFIG.format(name=common_name, folder=self.folder))
        common = ("-config", config.name, "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-utf8")
        if self_signed:
            self._openssl("req", "-x509", "-days", "30", "-extensions", "ca", "-out", f"{name}.pem", *common)
            return
        self._openssl("req", "-new", "-out", f"{name}.csr", *common)
        self._openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-extfile", config.name, "-extensions", "tsa", "-out", f"{name}.pem",
        )  # fmt: skip

    def _openssl(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["openssl", *arguments], cwd=self.folder, check=check, capture_output=True)


@contextmanager
def running(folder: Path) -> Iterator[Authority]:
    authority = Authority(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            content = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    authority.url = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
