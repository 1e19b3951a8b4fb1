"""A spreadsheet as its writers see it: sheets of rows, written once, from the first to the last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

Value = str | int | date | None


@dataclass(frozen=True)
class Cell:
    """A value and how it looks: `style` is one of text, title, section, header, label, note; it spans `columns` to the
    right and `rows` down; `choice` names the list offered for it."""

    value: Value
    style: str = "text"
    columns: int = 1
    rows: int = 1
    choice: str | None = None


@dataclass(frozen=True)
class Choice:
    """A list offered for cells: where its values stand."""

    name: str
    sheet: str
    column: str
    first: int
    last: int


Row = Sequence[Cell | None]
"""Cells from column A; None leaves a cell empty (also where another cell spans)."""


class Book(Protocol):
    """A spreadsheet being written."""

    def sheet(self, name: str, widths: Sequence[int]) -> None:
        """Begin a sheet; `widths` in characters, the last one for every further column."""

    def row(self, cells: Row) -> None:
        """Write the next row."""

    def finish(self) -> None:
        """Finish the file."""

    def close(self) -> None:
        """Let go of what is held beside the file, whether it was finished or not."""
