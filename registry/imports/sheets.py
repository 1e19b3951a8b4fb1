"""Spreadsheets as rows of texts, read in a process of its own with bounded memory and time."""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from registry.imports.archives import UNPACKED, archive, require_bounded
from registry.imports.items import Unreadable
from registry.isolated import Bounds, run_isolated

_BOUNDS = Bounds(memory=2 << 30, seconds=60, written=2 * UNPACKED)
_SCRIPT = Path(__file__).with_name("cells.py")


@dataclass(frozen=True)
class Sheet:
    """A sheet from its first cell: rows of texts; numbers as people write them, dates as JJ/MM/AAAA."""

    name: str
    rows: list[list[str]]

    def text(self, row: int, column: int) -> str:
        """The text of a cell, by numbers from 0; empty beyond the sheet."""
        cells = self.rows[row] if row < len(self.rows) else []
        return cells[column] if column < len(cells) else ""

    def address(self, row: int, column: int) -> str:
        """A cell's address as people know it."""
        return f"{self.name}!{letters(column)}{row + 1}"


def letters(column: int) -> str:
    """A column's letters: A for 0, AA for 26."""
    text, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def sheets(path: Path) -> list[Sheet]:
    """Every sheet of an ODS or XLSX file, in order. Blocks; raises Unreadable."""
    with archive(path) as opened:
        require_bounded(opened, opened.namelist())
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "cells.json"
        try:
            run_isolated(_SCRIPT, [str(path.resolve()), str(result)], Path(folder), _BOUNDS)
        except subprocess.TimeoutExpired:
            raise Unreadable("Le classeur est trop long à lire.") from None
        except subprocess.CalledProcessError as error:
            if error.returncode == 3:
                raise Unreadable(error.stderr.decode(errors="replace").strip()) from None
            raise Unreadable("Le classeur est illisible : enregistrez-le de nouveau en ODS ou en XLSX.") from None
        return [Sheet(item["name"], item["rows"]) for item in json.loads(result.read_bytes())]
