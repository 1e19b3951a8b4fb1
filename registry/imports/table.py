"""The register as a table (`registry.exports.table`), read back."""

import re
from collections.abc import Mapping
from typing import Any

from registry.exports.table import CONTINUED, OUTSIDE, SEPARATOR, STATUS, Column, columns, titles
from registry.imports.draft import Draft
from registry.imports.items import Problem, Reading
from registry.imports.sheets import Sheet
from registry.imports.values import by_schema, plain

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def kind_of(sheet: Sheet) -> str | None:
    """Whose register the table is, by its header; None when it is none."""
    header = {plain(text) for text in sheet.rows[0]} if sheet.rows else set()
    for kind in ("controller", "processor"):
        wanted = {plain(title) for title in titles(kind) if title not in OUTSIDE}
        if wanted <= header:
            return kind
    return None


def read_table(sheet: Sheet, kind: str, reading: Reading) -> None:
    """Every row of the table, as an item of the reading."""
    header = {plain(text): column for column, text in enumerate(sheet.rows[0]) if text.strip()}
    status = header.get(plain(STATUS))
    for numbers in _records(sheet, status):
        draft = Draft(sheet, sheet.address(numbers[0], 0), kind)
        for column in columns(kind):
            place = header[plain(column.title)]
            parts = [text for number in numbers if (text := sheet.text(number, place))]
            _read(draft, column, numbers[0], place, "\n".join(parts))
        reading.refused += draft.refused
        if draft.item.record:
            reading.items.append(draft.item)


def _records(sheet: Sheet, status: int | None) -> list[list[int]]:
    """The rows of each record: one, and those that continue it."""
    found: list[list[int]] = []
    for number in range(1, len(sheet.rows)):
        if status is not None and sheet.text(number, status) == CONTINUED and found:
            found[-1].append(number)
        elif any(text.strip() for text in sheet.rows[number]):
            found.append([number])
    return found


def _read(draft: Draft, column: Column, row: int, place: int, text: str) -> None:
    pointer, described = "/" + column.key.replace(".", "/"), column.schema
    if "properties" in described:
        _object(draft, pointer, described, row, place, text)
    elif "items" in described:
        for line in filter(str.strip, text.split("\n")):
            item = f"{pointer}/{draft.count(column.key)}"
            if "properties" in described["items"]:
                _object(draft, item, described["items"], row, place, line)
            else:
                draft.put(item, row, place, text=_unescaped(line))
    else:
        draft.put(pointer, row, place, by_schema(described), text)


def _object(draft: Draft, pointer: str, described: Mapping[str, Any], row: int, place: int, text: str) -> None:
    by_title = {plain(item["title"]): (key, item) for key, item in described["properties"].items()}
    for part in _parts(text):
        title, _, value = part.partition(" : ")
        found = by_title.get(plain(title))
        if found is None:
            address = draft.sheet.address(row, place)
            draft.refused.append(Problem(address, f"« {part[:80]} » : attendu « Titre : valeur »."))
            continue
        key, item = found
        if "items" in item:
            number = draft.count(f"{pointer}/{key}".strip("/").replace("/", "."))
            draft.put(f"{pointer}/{key}/{number}", row, place, text=_unescaped(value))
        else:
            draft.put(f"{pointer}/{key}", row, place, by_schema(item), _unescaped(value))


def _parts(text: str) -> list[str]:
    return [part for part in text.split(SEPARATOR) if part.strip()]


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: "\n" if match.group(1) == "n" else match.group(1), text)
