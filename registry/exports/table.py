r"""A register as a table: one row per record, one column per field, nothing lost.

A list is written one item a line; an object as `Titre : valeur | Titre : valeur`. Inside a value `\`, `|` and line ends
are written `\\`, `\|` and `\n`. Enumerations are their French labels, dates are dates.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any

from registry.processing.differences import french_date
from registry.processing.fields import RECORD_SCHEMAS, title_of
from schemas import label, schema

Cell = str | int | date | None
Document = dict[str, Any]

SEPARATOR = " | "
STATUSES = {"draft": "Projet", "confirmed": "Confirmée", "archived": "Archivée"}
STATUS, VERSION, ENTRY = "Statut de la fiche", "Version de la fiche", "Identifiant de la fiche"
MISSING, REDACTED = "Rubriques de l'article 30 manquantes", "Rubriques non communiquées"
CONTINUED = "(suite)"
CUT = "… [texte coupé : voir l'export JSON]"
CELL_LIMIT = 32_000
"""Characters of a cell (UTF-16 code units; Excel's limit is 32,767)."""
OUTSIDE = (STATUS, VERSION, ENTRY, MISSING, REDACTED)
"""Columns that say something of a record without being part of it."""


@dataclass(frozen=True)
class Column:
    """A field of the record: its dotted key, title and schema."""

    key: str
    title: str
    schema: Mapping[str, Any]

    @cached_property
    def steps(self) -> list[str]:
        """The way to the field."""
        return self.key.split(".")


@cache
def columns(kind: str) -> tuple[Column, ...]:
    """The columns of a register's records, in their schema's order; the supplement's fields each have their own."""
    found = []
    for key, described in schema(RECORD_SCHEMAS[kind])["properties"].items():
        if key == "supplement":
            found += [Column(f"{key}.{k}", d["title"], d) for k, d in described["properties"].items()]
        else:
            found.append(Column(key, described["title"], described))
    return tuple(found)


def titles(kind: str) -> list[str]:
    """The header row."""
    return [*(column.title for column in columns(kind)), *OUTSIDE]


def cells(line: Mapping[str, Any], record: Document) -> list[Cell]:
    """The row of one line of the register; `record` in its normal form."""
    kind = line["kind"]

    def named(key: str) -> list[str]:
        return [title_of(kind, item) for item in line.get(key, [])]

    return [
        *(_cell(column.schema, _at(record, column.steps)) for column in columns(kind)),
        STATUSES[line["status"]],
        line["version"],
        line["entry"],
        "\n".join(named("missing")),
        "\n".join(named("redacted")),
    ]


def split(row: list[Cell]) -> Iterator[list[Cell]]:
    """The row on as many rows as no cell is longer than a spreadsheet's: the lines of a text that do not fit continue
    in a row whose status is `CONTINUED`. A single line beyond the limit is cut, and says so."""
    while True:
        parts = [_divided(value) for value in row]
        yield [first for first, _ in parts]
        rest: list[Cell] = [remaining for _, remaining in parts]
        if not any(rest):
            return
        rest[-len(OUTSIDE)] = CONTINUED
        row = rest


def _divided(value: Cell) -> tuple[Cell, str | None]:
    if not isinstance(value, str) or len(value) * 2 <= CELL_LIMIT or _units(value) <= CELL_LIMIT:
        return value, None
    lines = value.split("\n")
    size = taken = 0
    for line in lines:
        size += _units(line) + 1
        if size > CELL_LIMIT:
            break
        taken += 1
    if taken:
        return "\n".join(lines[:taken]), "\n".join(lines[taken:]) or None
    return lines[0][: CELL_LIMIT // 2] + CUT, "\n".join(lines[1:]) or None


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _at(record: Any, steps: list[str]) -> Any:
    for step in steps:
        record = record.get(step) if record is not None else None
    return record


def _cell(described: Mapping[str, Any], value: Any) -> Cell:
    if value is None:
        return None
    if described.get("format") == "date":
        return date.fromisoformat(value)
    if "properties" in described:
        return _object(described, value)
    if "items" in described:
        return "\n".join(
            _object(described["items"], item) if "properties" in described["items"] else _escaped(_text({}, item))
            for item in value
        )
    return _text(described, value)


def _object(described: Mapping[str, Any], value: Document) -> str:
    parts = []
    for key, item in described["properties"].items():
        found = value.get(key)
        if isinstance(found, list):
            parts += [f"{item['title']} : {_escaped(text)}" for text in found]
        elif found is not None:
            parts.append(f"{item['title']} : {_escaped(_text(item, found))}")
    return SEPARATOR.join(parts)


def _text(described: Mapping[str, Any], value: Any) -> str:
    if "x-enumeration" in described:
        return label(described["x-enumeration"], value)
    if described.get("format") == "date":
        return french_date(value)
    return str(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", "\\n")
