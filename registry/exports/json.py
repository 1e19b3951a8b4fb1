"""The register as one JSON document, records as their schema describes them."""

from typing import BinaryIO

import msgspec

from registry.exports.export import Document, Plain, Step
from registry.exports.heading import Heading

_ENCODE = msgspec.json.Encoder(order="deterministic").encode


class JsonWriter(Plain):
    """`{"register": heading, "records": [line, …], "manifest": …}`, UTF-8, a line of text per record."""

    def __init__(self, file: BinaryIO, heading: Heading) -> None:
        self._file = file
        self._between = b""
        file.write(b'{"register":' + _ENCODE(heading.document()) + b',"records":[\n')

    def add(self, line: Document, record: Document) -> None:
        self._file.write(self._between + _ENCODE(line))
        self._between = b",\n"

    def finish(self, manifest: Document, _step: Step) -> None:
        self._file.write(b'\n],"manifest":' + _ENCODE(manifest) + b"}\n")
