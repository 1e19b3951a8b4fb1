"""A log of flows kept as a table elsewhere (CSV), read back: every row or none, refused by line and column."""

import csv
import io
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from registry.imports.values import Unknown, by_schema, plain
from registry.refusals import Detail, Invalid
from schemas import schema, violations

SIZE = 1 << 20
"""Bytes of a file that may be imported."""
_TOLD = 100
"""Points of a file that are told."""


def read_flows(content: bytes) -> list[dict[str, Any]]:
    """The flows of a CSV file: a line of titles (those of the form, in any order), then one line each; separated by
    semicolons, commas or tabs, in UTF-8 or as French spreadsheets write it (Windows-1252).

    Raises Invalid, whose details name each line and column, with the pointers of the body that they would make.
    """
    if len(content) > SIZE:
        raise Invalid(f"Le fichier dépasse {SIZE >> 20} Mo.")
    described = schema("flows")["properties"]["flows"]
    rows = _rows(_text(content), described["maxItems"] + 1)
    if not rows:
        raise Invalid("Le fichier ne contient aucun envoi.", [Detail(pointer="/file", message="Fichier vide.")])
    if len(rows) > described["maxItems"]:
        message = f"Le fichier contient plus de {described['maxItems']} envois : partagez-le."
        raise Invalid(message, [Detail(pointer="/file", message=message)])
    flows, details = [], []
    for i, (line, cells) in enumerate(rows):
        flow, wrong = _flow(described["items"], cells, i, line)
        flows.append(flow)
        details += wrong
    if details:
        raise Invalid("Aucun envoi n'est inscrit : le fichier est à corriger.", details[:_TOLD])
    return flows


def _text(content: bytes) -> str:
    if b"\x00" in content:
        raise Invalid("Ce fichier n'est pas un fichier CSV.", [Detail(pointer="/file", message="Octet nul.")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


Cells = Sequence[tuple[str, str]]
"""The keys of the schema with the text of their cells."""


def _rows(text: str, most: int) -> list[tuple[int, Cells]]:
    """The first `most` rows after the titles that hold something, each with the number of its line in the file."""
    first = text.split("\n", 1)[0]
    separator = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        keys = _keys(next(reader, []))
        filled = ((reader.line_num, row) for row in reader if any(cell.strip() for cell in row))
        return [(line, list(zip(keys, row, strict=False))) for line, row in islice(filled, most)]
    except csv.Error:
        message = f"La ligne {reader.line_num} n'est pas celle d'un fichier CSV."
        raise Invalid(message, [Detail(pointer="/file", message=message)]) from None


def _keys(titles: Sequence[str]) -> list[str]:
    """The key of each column. Raises Invalid when one is unknown, missing or repeated."""
    item = schema("flows")["properties"]["flows"]["items"]
    named = {plain(words): key for key, part in item["properties"].items() for words in (key, part["title"])}
    keys = [named.get(plain(title), "") for title in titles]
    wrong = [f"« {title[:40]} »" for title, key in zip(titles, keys, strict=True) if not key]
    missing = [f"« {item['properties'][key]['title']} »" for key in item["required"] if key not in keys]
    sentences = [f"Colonnes inconnues : {', '.join(wrong)}."] if wrong else []
    sentences += [f"Colonnes manquantes : {', '.join(missing)}."] if missing else []
    if not sentences and len(set(keys)) < len(keys):
        sentences = ["Une colonne est répétée."]
    if sentences:
        raise Invalid(sentences[0], [Detail(pointer="/file", message=sentence) for sentence in sentences])
    return keys


def _flow(described: Mapping[str, Any], cells: Cells, index: int, line: int) -> tuple[dict[str, Any], list[Detail]]:
    flow: dict[str, Any] = {}
    details = []

    def wrong(key: str, message: str) -> None:
        title = described["properties"][key]["title"] if key in described["properties"] else key
        place = f"Ligne {line}, colonne « {title} »"
        details.append(Detail(pointer=f"/flows/{index}/{key}", message=f"{place} : {message}"))

    for key, cell in cells:
        if not cell.strip():
            continue
        try:
            flow[key] = by_schema(described["properties"][key])(cell.strip())
        except Unknown as unknown:
            wrong(key, str(unknown))
    if not details:
        for found in violations("flows", {"flows": [flow]}):
            wrong(found.pointer.rpartition("/")[2], found.message)
    return flow, details
