"""Text files: UTF-8, UTF-16 or UTF-32 with a mark, else the code page of Windows; anything else as its characters.

Web pages and JSON documents are read once more, as the tables that they write.
"""

import codecs
from collections.abc import Iterator
from typing import Any

import msgspec

from registry.exchanged_data.pieces.xml import marked_up

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_SAMPLE = 4096


def plain_texts(content: bytes) -> Iterator[str]:
    """The text of bytes, and the table it writes; never raises."""
    text = plain_text(content)
    yield text
    begins = text[:_SAMPLE].lstrip()[:1]
    if begins == "<":
        yield marked_up(text)
    elif begins in {"[", "{"}:
        yield "\n".join(_rows(text))


def _rows(text: str) -> Iterator[str]:
    """One line for each object of a JSON document, or of JSON lines, under a heading of its keys."""
    try:
        level = [msgspec.json.decode(text)]
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        try:
            level = msgspec.json.Decoder().decode_lines(text)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return
    heading = None
    while level:
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                if (keys := ";".join(value)) != heading:
                    heading = keys
                    yield keys
                yield ";".join(str(item) for item in value.values() if not isinstance(item, (dict, list)))
            if isinstance(value, (dict, list)):
                below.extend(value.values() if isinstance(value, dict) else value)
        level = below


def plain_text(content: bytes) -> str:
    """The text of bytes; never raises. Binary files give their printable runs, in one-byte and two-byte characters:
    that is how office files older than 2007 keep theirs."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\x00" in content[:_SAMPLE]:
        wide = (content.decode(encoding, "replace") for encoding in ("utf-16-le", "utf-16-be"))
        return "\n".join([content.decode("latin-1"), *wide])
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
