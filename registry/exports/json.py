"""The register as one JSON document, records as their schema describes them."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from registry.exports.heading import Heading


async def json_export(heading: Heading, lines: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    """`{"register": heading, "records": [line, …]}`, UTF-8, a line at a time."""
    yield b'{"register":' + msgspec.json.encode(heading) + b',"records":[\n'
    first = True
    async for line in lines:
        yield (b"" if first else b",\n") + msgspec.json.encode(line)
        first = False
    yield b"\n]}\n"
