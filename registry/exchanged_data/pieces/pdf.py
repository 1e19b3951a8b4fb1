"""The text of a PDF file: what its content streams show (ISO 32000-1, 7.3.4, 9.4.3), where fonts keep characters.

Fonts that renumber their glyphs give no text here; neither do scans.
"""

import re
import zlib
from collections.abc import Iterator

from registry.exchanged_data.pieces.bounds import Budget

_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_SHOWN = re.compile(
    rb"\((?:[^()\\]|\\.){0,4000}\)"  # a literal string, without nested parentheses
    rb"|<[0-9A-Fa-f\s]{2,4000}>"
    rb"|(?<=[\s\])>])(?:Tj|TJ|T\*|TD|Td|Tm|ET|'|\")(?=[\s\[(<]|$)",
    re.DOTALL,
)
_LINE_ENDS = frozenset({b"T*", b"TD", b"Td", b"Tm", b"ET", b"'", b'"'})
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_MOVED = re.compile(r"\n{2,}")


def pdf_text(content: bytes, budget: Budget | None = None) -> str:
    """The text of the file's streams, a line for each move of the pen. Raises TooLargeToRead beyond the bounds."""
    budget = budget or Budget()
    pages = []
    for packed in _streams(content):
        stream = _inflated(packed, budget)
        if b"BT" in stream:
            pages.append(_shown(stream))
    return _MOVED.sub("\n", "\n".join(pages))


def _streams(content: bytes) -> Iterator[bytes]:
    place = 0
    while start := _STREAM.search(content, place):
        end = content.find(b"endstream", start.end())
        place = end if end >= 0 else len(content)
        yield content[start.end() : place]


def _inflated(packed: bytes, budget: Budget) -> bytes:
    """The stream's bytes: inflated, or as they stand when they are no deflated data."""
    try:
        found = zlib.decompressobj().decompress(packed, budget.left + 1)
    except zlib.error:
        found = packed
    budget.spend(len(found))
    return found


def _shown(stream: bytes) -> str:
    written: list[str] = []
    for match in _SHOWN.finditer(stream):
        token = match.group()
        if token[:1] == b"(":
            written.append(_ESCAPED.sub(_unescaped, token[1:-1]).decode("cp1252", "replace"))
        elif token[:1] == b"<":
            written.append(_hexadecimal(token[1:-1]))
        elif token in _LINE_ENDS:
            written.append("\n")
    return "".join(written)


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match.group(1)
    return bytes([int(code, 8) & 255]) if code.isdigit() else _NAMED.get(code, code)


def _hexadecimal(digits: bytes) -> str:
    plain = re.sub(rb"\s", b"", digits)
    raw = bytes.fromhex((plain + b"0" * (len(plain) % 2)).decode())
    return raw.decode("utf-16-be", "replace") if raw[:1] == b"\x00" else raw.decode("cp1252", "replace")
