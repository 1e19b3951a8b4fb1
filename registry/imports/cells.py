"""Turns a spreadsheet into JSON rows of texts. Run as a script, isolated; exit code 3 with a sentence beyond bounds."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

SHEETS, ROWS, COLUMNS = 600, 120_000, 200


def main(source: Path, target: Path) -> None:
    """Read `source` whole and write `[{"name", "rows"}, …]`."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(source))
    if len(book.sheet_names) > SHEETS:
        _refuse(f"Le classeur a plus de {SHEETS} feuilles.")
    found, total = [], 0
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        total += sheet.total_height
        if total > ROWS or sheet.total_width > 16_384:
            _refuse(f"Le classeur a plus de {ROWS} lignes.")
        rows = [[_text(cell) for cell in row[:COLUMNS]] for row in sheet.to_python(skip_empty_area=False)]
        found.append({"name": name, "rows": rows})
    target.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8", errors="replace")


def _refuse(sentence: str) -> None:
    sys.stderr.write(sentence)
    raise SystemExit(3)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return f"{value.day:02}/{value.month:02}/{value.year:04}"
    return "" if value is None else str(value)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
