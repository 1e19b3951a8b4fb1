"""The text of office XML, read tag by tag without building a tree: no entity is ever expanded.

A table's row becomes one line with `;` between its cells; elsewhere a paragraph is a line.
"""

import html
import re
from collections.abc import Sequence

_TOKEN = re.compile(r"<(/?)([\w:.-]+)([^<>]*?)(/?)>|([^<]+)")
_ROWS = frozenset({"row", "w:tr", "table:table-row", "a:tr", "tr"})
_CELLS = frozenset({"c", "w:tc", "table:table-cell", "table:covered-table-cell", "a:tc", "td", "th"})
_LINES = frozenset({"w:p", "text:p", "text:h", "a:p", "w:br", "text:line-break", "p", "br", "li", "div"})
_ITEM = re.compile(r"<si\b[^>]*/>|<si\b.*?</si>", re.DOTALL)
_PART = re.compile(r"<t(?: [^>]*)?>([^<]*)</t>")
_VALUE = re.compile(r"office:value=[\"']([0-9.E+]{13,21})[\"']")
_EXPONENT = re.compile(r"\b[1-9]\.[0-9]{8,14}E\+0?1[2-4]\b")
_SHARED = re.compile(r"\bt=[\"']s[\"']")


def xml_text(content: bytes, shared: list[str]) -> str:
    """The text of a member; `shared` are the strings that cells of a spreadsheet point to."""
    return marked_up(content.decode("utf-8", "replace"), shared)


def marked_up(document: str, shared: Sequence[str] = ()) -> str:
    """The text of XML, or of a web page."""
    written: list[str] = []
    in_row, points = 0, False
    for token in _TOKEN.finditer(document):  # one at a time: a list of all fills the memory
        closing, name, attributes, empty, text = token.groups("")
        if text:
            written.append(_pointed(text, shared) if points else html.unescape(_whole(text)))
        elif name in _ROWS:
            in_row += 0 if empty else -1 if closing else 1
            if closing:
                written.append("\n")
        elif name in _CELLS:
            points = not closing and not empty and _SHARED.search(attributes) is not None
            written.extend(f"{_whole(value)} " for value in _VALUE.findall(attributes))
            if closing or empty:
                written.append(";")
        elif name in _LINES and (closing or empty):
            written.append(" " if in_row else "\n")
    return "".join(written)


def _whole(text: str) -> str:
    """The text with its large whole numbers written out: a spreadsheet may keep them with an exponent."""
    return _EXPONENT.sub(lambda match: str(round(float(match.group()))), text) if "E+" in text else text


def _pointed(text: str, shared: Sequence[str]) -> str:
    index = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else -1
    return shared[index] if 0 <= index < len(shared) else html.unescape(text)


def shared_strings(content: bytes) -> list[str]:
    """The shared strings of a spreadsheet, in order."""
    items = _ITEM.finditer(content.decode("utf-8", "replace"))
    return [html.unescape("".join(_PART.findall(item.group()))) for item in items]
