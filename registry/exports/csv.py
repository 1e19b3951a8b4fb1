"""The register as CSV for a French spreadsheet: UTF-8 with BOM, `;`, one line per record (see `table`)."""

import csv
import io
from datetime import date
from typing import Any, BinaryIO

from registry.exports import table
from registry.exports.export import Document, Plain
from registry.exports.heading import Heading
from registry.processing.differences import french_day

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_INVISIBLE = " \u00a0\u200b\ufeff"


class CsvWriter(Plain):
    """The header, then a line per record, in the register's order."""

    def __init__(self, file: BinaryIO, heading: Heading) -> None:
        self._file = file
        file.write("\ufeff".encode() + row(table.titles(heading.kind)))

    def add(self, line: Document, record: Document) -> None:
        self._file.write(row(table.cells(line, record)))


def row(cells: list[Any]) -> bytes:
    """One line of CSV; dates as JJ/MM/AAAA."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerow([_text(cell) for cell in cells])
    return buffer.getvalue().encode()


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, date):
        return french_day(cell)
    return harmless(str(cell))


def harmless(text: str) -> str:
    """The text as a spreadsheet may open it: a beginning that would run as a formula, even behind spaces that do not
    show, is preceded by an apostrophe."""
    return f"'{text}" if text.lstrip(_INVISIBLE).startswith(_FORMULA) else text
