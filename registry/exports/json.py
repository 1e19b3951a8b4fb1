"""The register as one JSON document, records as their schema describes them."""

import hashlib
from typing import BinaryIO

import msgspec

from registry.exports.export import Document, Plain, Step
from registry.exports.heading import Heading

BEFORE_MANIFEST = b'\n],"manifest":'
"""Stands once in a file: no text of JSON holds the end of a line."""
_ENCODE = msgspec.json.Encoder(order="deterministic").encode


class JsonWriter(Plain):
    """`{"register": heading, "records": [line, …], "manifest": …}`, UTF-8, a line of text per record."""

    def __init__(self, file: BinaryIO, heading: Heading) -> None:
        self._file = file
        self._between = b""
        self._digest = hashlib.sha256()
        self._write(b'{"register":' + _ENCODE(heading.document()) + b',"records":[\n')

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._digest.update(content)

    def add(self, line: Document, record: Document) -> None:
        self._write(self._between + _ENCODE(line))
        self._between = b",\n"

    def content_sha256(self) -> str:
        return self._digest.hexdigest()

    def finish(self, manifest: Document, _step: Step) -> None:
        self._file.write(BEFORE_MANIFEST + _ENCODE(manifest) + b"}\n")
