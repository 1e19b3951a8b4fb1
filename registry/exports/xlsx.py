"""Office Open XML spreadsheets, through xlsxwriter in its constant-memory mode; texts are always written as texts."""

import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, BinaryIO

from registry.exports.cnil.book import Cell, Choice, Row
from registry.exports.cnil.workbook import WorkbookWriter
from registry.exports.heading import Heading
from registry.processing.differences import french_day
from registry.processing.normal import clean

_BORDER = {"border": 1, "border_color": "#b8c2cc"}
_LOOKS: dict[str, dict[str, Any]] = {
    "text": _BORDER,
    "title": {"bold": True, "font_size": 14},
    "section": _BORDER | {"bold": True, "bg_color": "#d9e2ec"},
    "header": _BORDER | {"bold": True, "bg_color": "#eef2f6"},
    "label": _BORDER | {"bold": True},
    "note": {"italic": True},
}
_OLDEST = date(1900, 3, 1)
"""Before that day Excel's calendar is wrong: older dates are written as texts."""


def open_xlsx(file: BinaryIO, heading: Heading) -> WorkbookWriter:
    """A writer of the register as XLSX."""
    return WorkbookWriter(partial(XlsxBook), file, heading)


class XlsxBook:
    """One XLSX file; see `Book`."""

    def __init__(self, file: BinaryIO, title: str, choices: Sequence[Choice]) -> None:
        import xlsxwriter

        never = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self._folder = tempfile.TemporaryDirectory()  # where xlsxwriter keeps the rows of each sheet
        options = {"constant_memory": True, "tmpdir": self._folder.name, **never}
        self._book = xlsxwriter.Workbook(file, options)
        self._book.set_properties({"title": title, "author": "Écluse", "created": datetime(1980, 1, 1, tzinfo=UTC)})
        base = {"text_wrap": True, "valign": "top", "align": "left"}
        self._plain = {name: self._book.add_format(base | look) for name, look in _LOOKS.items()}
        self._dated = {
            name: self._book.add_format(base | look | {"num_format": "[$-40C]dd/mm/yyyy"})
            for name, look in _LOOKS.items()
        }
        self._choices = {choice.name: choice for choice in choices}
        self._sheet: Any = None
        self._row = 0

    def sheet(self, name: str, widths: Sequence[int]) -> None:
        self._sheet, self._row = self._book.add_worksheet(name), 0
        self._sheet.set_landscape()
        self._sheet.fit_to_pages(1, 0)
        for column, width in enumerate(widths[:-1]):
            self._sheet.set_column(column, column, width)
        self._sheet.set_column(len(widths) - 1, 99, widths[-1])

    def row(self, cells: Row) -> None:
        """Cells that span rows are written last: they are the row's only ones that touch the next."""
        present = [(column, cell) for column, cell in enumerate(cells) if cell is not None]
        for column, cell in sorted(present, key=lambda item: item[1].rows):
            self._write(column, cell)
        self._row += 1

    def _write(self, column: int, cell: Cell) -> None:
        row, value, style = self._row, cell.value, self._plain[cell.style]
        if isinstance(value, date):
            if value >= _OLDEST:
                style = self._dated[cell.style]
            else:
                value = french_day(value)
        if cell.rows > 1:  # writes in the next row too: from there xlsxwriter cannot come back
            last = row + cell.rows - 1, column + cell.columns - 1
            self._sheet.merge_range(row, column, *last, clean(str(value or "")), style)
            return
        if cell.columns > 1:
            self._sheet.merge_range(row, column, row, column + cell.columns - 1, "", style)
        self._put(row, column, value, style)
        if cell.choice:
            choice = self._choices[cell.choice]
            source = f"='{choice.sheet}'!${choice.column}${choice.first}:${choice.column}${choice.last}"
            offered = {"validate": "list", "source": source, "error_type": "information", "show_error": False}
            self._sheet.data_validation(row, column, row, column, offered)

    def _put(self, row: int, column: int, value: Any, style: Any) -> None:
        if value is None:
            self._sheet.write_blank(row, column, None, style)
        elif isinstance(value, date):
            self._sheet.write_datetime(row, column, value, style)
        elif isinstance(value, int):
            self._sheet.write_number(row, column, value, style)
        else:
            self._sheet.write_string(row, column, clean(value), style)

    def finish(self) -> None:
        self._book.close()

    def close(self) -> None:
        for sheet in self._book.worksheets():
            if sheet.row_data_fh is not None:  # left open by a workbook that was not finished
                sheet.row_data_fh.close()
        self._folder.cleanup()
