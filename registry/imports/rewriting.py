"""A spreadsheet of ours written again from the records read in it: whatever else the file says was not exported."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from xml.parsers import expat

from registry.exports.cnil import labels as wording
from registry.exports.cnil.book import Row, Value
from registry.exports.cnil.workbook import WorkbookWriter
from registry.exports.heading import Heading
from registry.exports.table import ENTRY, titles
from registry.imports.archives import archive
from registry.imports.items import Unreadable
from registry.imports.sheets import Sheet
from registry.processing.completeness import missing
from registry.processing.differences import french_day
from registry.processing.lines import PROTECTED
from registry.processing.normal import clean, normal

Document = dict[str, Any]


@dataclass
class _Texts:
    """A book (`registry.exports.cnil.book`) that keeps the texts of its cells, as they are read back."""

    sheets: dict[str, list[list[str]]] = field(default_factory=dict)

    def sheet(self, name: str, _widths: Sequence[int]) -> None:
        self._rows = self.sheets.setdefault(name, [])

    def row(self, cells: Row) -> None:
        self._rows.append([_text(cell.value) if cell is not None else "" for cell in cells])

    def finish(self) -> None:
        """Nothing remains to be kept."""

    def close(self) -> None:
        """Nothing is held."""


def _text(value: Value) -> str:
    if isinstance(value, date):
        return french_day(value)
    return "" if value is None else clean(str(value))


def strangers(found: list[Sheet], manifest: Document, records: list[tuple[str, Document]]) -> Iterator[str]:
    """The places where a file does not say what the export wrote: the first cell of each such row, the name of a sheet
    that is one more or one less. `records` are the manifest's lines without fingerprint, with the record of each."""
    rewritten = _rewritten(manifest, records)
    for sheet in found:
        expected = rewritten.pop(sheet.name, None)
        if expected is None:
            yield sheet.name
        else:
            yield from _differing(sheet, Sheet(sheet.name, expected), manifest["kind"])
    yield from rewritten


def _differing(sheet: Sheet, expected: Sheet, kind: str) -> Iterator[str]:
    for row in range(max(len(sheet.rows), len(expected.rows))):
        width = max(len(one.rows[row]) for one in (sheet, expected) if row < len(one.rows))
        for column in range(width):
            if sheet.text(row, column).strip() != expected.text(row, column).strip():
                if row and sheet.name == wording.TABLE and column == titles(kind).index(ENTRY):
                    continue  # the installation's own identifiers
                yield sheet.address(row, column)
                break


def _rewritten(manifest: Document, records: list[tuple[str, Document]]) -> dict[str, list[list[str]]]:
    book = _Texts()
    writer = WorkbookWriter(lambda *_: book, io.BytesIO(), Heading.of(manifest))
    try:
        for entered, record in records:
            line = _line(manifest, entered, record)
            writer.add(line, line["record"])
        writer.finish(manifest, lambda: None)
    finally:
        writer.close()
    return book.sheets


def _line(manifest: Document, entered: str, record: Document) -> Document:
    """The line of the register, as far as a spreadsheet shows it."""
    version, status, reference = entered.split(" ", 2)
    kind = manifest["kind"]
    line = {
        "kind": kind, "reference": reference, "version": int(version), "status": status, "entry": None,
        "missing": missing(record, kind), "record": normal(record),
    }  # fmt: skip
    return line | ({"redacted": PROTECTED[kind]} if manifest["audience"] == "public" else {})


class _Formula(Exception):
    """A formula was met."""


def has_formula(path: Path) -> bool:
    """Whether a spreadsheet computes anything, which an export never does: what it shows may not be what is read.
    Raises Unreadable."""
    with archive(path) as opened:
        for name in opened.namelist():
            if name == "content.xml" or name.startswith("xl/worksheets/"):
                with opened.open(name) as member:
                    if _computes(member):
                        return True
    return False


def _computes(member: Any) -> bool:
    def start(name: str, attributes: dict[str, str]) -> None:
        if name.endswith(" f") or any(key.endswith((" formula", " string-value")) for key in attributes):
            raise _Formula

    def declared(*_: Any) -> None:
        raise Unreadable("Le classeur est illisible : il déclare un type de document.")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = start, declared
    try:
        parser.ParseFile(member)
    except _Formula:
        return True
    except (expat.ExpatError, zipfile.BadZipFile):
        raise Unreadable("Le classeur est illisible.") from None
    return False
