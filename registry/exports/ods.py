"""OpenDocument spreadsheets (ODF 1.3), written as they go: constant memory whatever the number of rows.

The archive's first member is `mimetype`, stored; `content.xml` is streamed. String cells are inert: nothing in them is
ever a formula. Bytes depend on nothing but the content.
"""

import zipfile
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import IO, BinaryIO
from xml.sax.saxutils import escape

from registry.exports.cnil.book import Cell, Choice, Row
from registry.exports.cnil.workbook import WorkbookWriter
from registry.exports.heading import Heading
from registry.processing.differences import french_day
from registry.processing.normal import clean

_MEDIA = "application/vnd.oasis.opendocument.spreadsheet"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_FLUSHED = 1 << 16
_SPACES = {
    name: f"urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"
    for name, urn in (
        ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("number", "datastyle"),
        ("meta", "meta"),
    )
} | {
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "of": "urn:oasis:names:tc:opendocument:xmlns:of:1.2",
}  # fmt: skip
_NAMESPACES = " ".join(f'xmlns:{name}="{uri}"' for name, uri in _SPACES.items())
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MANIFEST = (
    f'{_HEAD}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" '
    f'manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:version="1.3" '
    f'manifest:media-type="{_MEDIA}"/>'
    + "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>'
        for name in ("content.xml", "styles.xml", "meta.xml")
    )
    + "</manifest:manifest>"
)
_STYLES = (
    f'{_HEAD}<office:document-styles {_NAMESPACES} office:version="1.3"><office:styles>'
    '<style:default-style style:family="table-cell"><style:text-properties fo:language="fr" fo:country="FR" '
    'fo:font-size="10pt"/></style:default-style></office:styles><office:automatic-styles><style:page-layout '
    'style:name="page"><style:page-layout-properties fo:page-width="29.7cm" fo:page-height="21cm" '
    'style:print-orientation="landscape" style:scale-to-X="1" style:scale-to-Y="0"/></style:page-layout>'
    '</office:automatic-styles><office:master-styles><style:master-page style:name="Default" '
    'style:page-layout-name="page"/></office:master-styles></office:document-styles>'
)
_BORDER = 'fo:border="0.5pt solid #b8c2cc"'
_LOOKS = {
    "text": (_BORDER, ""),
    "title": ("", 'fo:font-weight="bold" fo:font-size="14pt"'),
    "section": (f'{_BORDER} fo:background-color="#d9e2ec"', 'fo:font-weight="bold"'),
    "header": (f'{_BORDER} fo:background-color="#eef2f6"', 'fo:font-weight="bold"'),
    "label": (_BORDER, 'fo:font-weight="bold"'),
    "note": ("", 'fo:font-style="italic"'),
}


def open_ods(file: BinaryIO, heading: Heading) -> WorkbookWriter:
    """A writer of the register as ODS."""
    return WorkbookWriter(partial(OdsBook), file, heading)


class OdsBook:
    """One ODS file; see `Book`."""

    def __init__(self, file: BinaryIO, title: str, choices: Sequence[Choice]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._member("mimetype", _MEDIA, zipfile.ZIP_STORED)
        self._member("META-INF/manifest.xml", _MANIFEST)
        self._member("meta.xml", _meta(title))
        self._member("styles.xml", _STYLES)
        info = zipfile.ZipInfo("content.xml", _EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED
        self._content: IO[bytes] = self._zip.open(info, "w", force_zip64=True)
        self._pending: list[str] = [_beginning(choices)]
        self._size = 0
        self._in_sheet = False
        self._covered: set[int] = set()

    def _member(self, name: str, text: str, method: int = zipfile.ZIP_DEFLATED) -> None:
        info = zipfile.ZipInfo(name, _EPOCH)
        info.compress_type = method
        self._zip.writestr(info, text)

    def _write(self, text: str) -> None:
        self._pending.append(text)
        self._size += len(text)
        if self._size > _FLUSHED:
            self._flush()

    def _flush(self) -> None:
        self._content.write("".join(self._pending).encode())
        self._pending, self._size = [], 0

    def sheet(self, name: str, widths: Sequence[int]) -> None:
        self._end_sheet()
        columns = "".join(f'<table:table-column table:style-name="w{width}"/>' for width in widths[:-1])
        last = f'table:style-name="w{widths[-1]}" table:number-columns-repeated="{100 - len(widths)}"'
        named = f'table:name="{_attribute(name)}" table:style-name="sheet"'
        self._write(f"<table:table {named}>{columns}<table:table-column {last}/>")
        self._in_sheet = True

    def _end_sheet(self) -> None:
        if self._in_sheet:
            self._write("</table:table>")

    def row(self, cells: Row) -> None:
        self._write(f"<table:table-row>{_row(cells, self._covered)}</table:table-row>")
        self._covered = {n for n, cell in enumerate(cells) if cell is not None and cell.rows > 1}

    def close(self) -> None:
        """Nothing is held beside the file."""

    def finish(self) -> None:
        self._end_sheet()
        self._write("</office:spreadsheet></office:body></office:document-content>")
        self._flush()
        self._content.close()
        self._zip.close()


WIDTHS = (16, 18, 20, 22, 24, 28, 44, 72, 120)


def _meta(title: str) -> str:
    return (
        f'{_HEAD}<office:document-meta {_NAMESPACES} office:version="1.3"><office:meta>'
        f"<meta:generator>Écluse</meta:generator><dc:title>{_text(title)}</dc:title><dc:language>fr-FR</dc:language>"
        "</office:meta></office:document-meta>"
    )


def _beginning(choices: Sequence[Choice]) -> str:
    columns = "".join(
        f'<style:style style:name="w{width}" style:family="table-column"><style:table-column-properties '
        f'style:column-width="{width * 0.19:.2f}cm"/></style:style>'
        for width in WIDTHS
    )
    looks = "".join(
        f'<style:style style:name="{name}{suffix}" style:family="table-cell"{date_style}><style:table-cell-properties '
        f'fo:wrap-option="wrap" style:vertical-align="top" {cell}/><style:paragraph-properties fo:text-align="start"/>'
        f"<style:text-properties {text}/></style:style>"
        for name, (cell, text) in _LOOKS.items()
        for suffix, date_style in (("", ""), ("-date", ' style:data-style-name="day"'))
    )
    day = (
        '<number:date-style style:name="day" number:language="fr" number:country="FR"><number:day '
        'number:style="long"/><number:text>/</number:text><number:month number:style="long"/><number:text>/'
        '</number:text><number:year number:style="long"/></number:date-style>'
    )
    return (
        f'{_HEAD}<office:document-content {_NAMESPACES} office:version="1.3"><office:automatic-styles>{columns}{day}'
        '<style:style style:name="sheet" style:family="table" style:master-page-name="Default"/>'
        f"{looks}</office:automatic-styles><office:body><office:spreadsheet>{_validations(choices)}"
    )


def _validations(choices: Sequence[Choice]) -> str:
    if not choices:
        return ""
    each = "".join(
        f'<table:content-validation table:name="{choice.name}" table:condition="of:cell-content-is-in-list('
        f"[$'{_attribute(choice.sheet)}'.${choice.column}${choice.first}:.${choice.column}${choice.last}])\" "
        'table:allow-empty-cell="true"><table:error-message table:display="false" '
        'table:message-type="information"/></table:content-validation>'
        for choice in choices
    )
    return f"<table:content-validations>{each}</table:content-validations>"


def _row(cells: Row, below: set[int]) -> str:
    """A row's cells; `below` are the columns covered by a cell of the row above."""
    parts: list[str] = []
    covered = 0
    for column, cell in enumerate(cells):
        if cell is not None:
            parts.append(_cell(cell))
            covered = cell.columns - 1
        elif covered or column in below:
            parts.append("<table:covered-table-cell/>")
            covered = max(covered - 1, 0)
        else:
            parts.append("<table:table-cell/>")
    return "".join(parts) or "<table:table-cell/>"


def _cell(cell: Cell) -> str:
    value, style = cell.value, cell.style
    attributes = f' table:number-columns-spanned="{cell.columns}"' if cell.columns > 1 or cell.rows > 1 else ""
    if attributes:
        attributes += f' table:number-rows-spanned="{cell.rows}"'
    if cell.choice:
        attributes += f' table:content-validation-name="{cell.choice}"'
    if value is None:
        return f'<table:table-cell table:style-name="{style}"{attributes}/>'
    if isinstance(value, date):
        style, attributes = f"{style}-date", f'{attributes} office:value-type="date" office:date-value="{value}"'
        value = french_day(value)
    elif isinstance(value, int):
        attributes += f' office:value-type="float" office:value="{value}"'
    else:
        attributes += ' office:value-type="string"'
    return f'<table:table-cell table:style-name="{style}"{attributes}>{_paragraphs(str(value))}</table:table-cell>'


def _paragraphs(text: str) -> str:
    return "".join(f"<text:p>{_spaced(_text(line))}</text:p>" for line in text.split("\n"))


def _spaced(line: str) -> str:
    """Spaces that XML readers would drop: the first of a line, and all but the first of a run."""
    if not line.startswith(" ") and "  " not in line and not line.endswith(" "):
        return line
    parts = line.split(" ")
    spaced = parts[0]
    for number, part in enumerate(parts[1:], 1):
        alone = part != "" and parts[number - 1] != ""
        spaced += (" " if alone else "<text:s/>") + part
    return spaced


def _text(text: str) -> str:
    return escape(clean(text))


def _attribute(text: str) -> str:
    return escape(clean(text), {'"': "&quot;"})
