"""Reading a file that others made: which form it has, then its records."""

import json
import tempfile
import unicodedata
from pathlib import Path
from typing import Any

from registry.exchanged_data import ExchangedData, refuse_in_document
from registry.exports.cnil import labels as wording
from registry.imports.archives import archive, require_bounded
from registry.imports.ciso import is_ciso, read_ciso
from registry.imports.fiche import is_fiche, read_fiche
from registry.imports.items import Item, Problem, Reading, Unreadable
from registry.imports.sheets import Sheet, sheets
from registry.imports.table import kind_of, read_table
from registry.processing.fields import ENTRY_SCHEMAS, KINDS
from schemas import violations

SIZE = 20 << 20
"""Bytes of a file that may be imported."""
RECORDS = 5_000
"""Records of one import: they are recorded in one transaction."""
REFUSED = 500
"""Points of a file that are told."""
_TOO_MANY = f"Le fichier contient plus de {RECORDS} fiches."
_ARCHIVED = 500
_OWN_SHEETS = {wording.TEMPLATE, wording.EXAMPLE}
_JSON = (b"{", b"[")
_UNSHOWN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories of what no cell, and no line of a manifest, shows as it is."""


def read_file(path: Path) -> Reading:
    """The records of a file, judged: those that their schema refuses are so with the place of what is wrong. Blocks;
    raises Unreadable."""
    if path.stat().st_size > SIZE:
        raise Unreadable(f"Le fichier dépasse {SIZE >> 20} Mo.")
    reading = read_records(path)
    if len(reading.items) > RECORDS:
        raise Unreadable(_TOO_MANY)
    _judge(reading)
    if (more := len(reading.refused) - REFUSED) > 0:
        reading.refused[REFUSED:] = [Problem("", f"Et {more} autres points.")]
    return reading


def read_records(path: Path) -> Reading:
    """What a file holds: our JSON, a register in the CNIL's structure or as a table (ODS, XLSX), workbooks of CISO
    Assistant (one, or a zip of them). Blocks; raises Unreadable."""
    with path.open("rb") as file:
        beginning = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    if beginning.startswith(_JSON):
        return read_json(path.read_bytes(), RECORDS)
    if beginning.startswith(b"PK") and (inside := _workbooks(path)):
        return _archive(path, inside)
    if beginning.startswith(b"PK"):
        return read_workbook(sheets(path))
    raise Unreadable("Ce fichier n'est ni un registre JSON, ni un classeur ODS ou XLSX.")


def read_json(content: bytes, most: int | None = None) -> Reading:
    """What a register exported as JSON holds. Raises Unreadable, also when it has more than `most` records."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise Unreadable("Le fichier n'est pas un document JSON lisible.") from None
    lines = document.get("records") if isinstance(document, dict) else None
    if not isinstance(lines, list):
        raise Unreadable("Ce document JSON n'est pas un registre exporté : il n'a pas de liste « records ».")
    if most is not None and len(lines) > most:
        raise Unreadable(_TOO_MANY)
    manifest = document.get("manifest")
    reading = Reading("json", manifest=manifest if isinstance(manifest, dict) else None)
    for number, line in enumerate(lines):
        place = f"records/{number}"
        kind = line.get("kind", "controller") if isinstance(line, dict) else None
        if kind not in KINDS or not isinstance(line.get("record"), dict):
            reading.refused.append(Problem(place, "Cette fiche n'a pas de rubrique « record »."))
            continue
        reading.items.append(Item(line["record"], place, kind))
    return reading


def _workbooks(path: Path) -> list[str]:
    """The workbooks of an archive that is not a workbook itself."""
    with archive(path) as opened:
        names = opened.namelist()
    if "mimetype" in names or "[Content_Types].xml" in names:
        return []
    return [name for name in names if name.casefold().endswith(".xlsx")]


def _archive(path: Path, names: list[str]) -> Reading:
    if len(names) > _ARCHIVED:
        raise Unreadable(f"L'archive contient plus de {_ARCHIVED} classeurs.")
    reading = Reading("ciso-xlsx")
    with archive(path) as opened, tempfile.TemporaryDirectory() as folder:
        require_bounded(opened, names)
        for number, name in enumerate(names):
            inside = Path(folder) / f"{number}.xlsx"
            inside.write_bytes(opened.read(name))
            found = sheets(inside)
            if not is_ciso(found):
                raise Unreadable(f"« {name} » n'a pas la feuille Processing de CISO Assistant.")
            read_ciso(found, reading, f"{name}/")
    return reading


def read_workbook(found: list[Sheet]) -> Reading:
    """What a workbook holds. Raises Unreadable."""
    if is_ciso(found):
        reading = Reading("ciso-xlsx")
        read_ciso(found, reading)
        return reading
    reading = Reading("spreadsheet", manifest=_manifest(found))
    tables = [(sheet, kind) for sheet in found if (kind := kind_of(sheet))]
    for sheet, kind in tables:
        read_table(sheet, kind, reading)
    for sheet in found:
        if is_fiche(sheet) and not (reading.manifest and sheet.name in _OWN_SHEETS) and not _is_example(sheet):
            read_fiche(sheet, reading, by_hand=reading.manifest is None)
    if not tables and not any(is_fiche(sheet) for sheet in found):
        raise Unreadable("Ce classeur n'est ni un registre de la CNIL, ni un tableau exporté par l'outil.")
    return reading


def _is_example(sheet: Sheet) -> bool:
    """The CNIL's own example, which is left in most files."""
    return sheet.name.strip().startswith("4") and "exemple" in sheet.name.casefold()


def _manifest(found: list[Sheet]) -> dict[str, Any] | None:
    """The manifest of an export of ours, from its sheet."""
    sheet = next((item for item in found if item.name == wording.MANIFEST), None)
    if sheet is None:
        return None
    try:
        facts = json.loads(sheet.text(1, 0))
    except ValueError:
        return None
    if not isinstance(facts, dict):
        return None
    return {**facts, "records": [sheet.text(row, 0) for row in range(2, len(sheet.rows)) if sheet.text(row, 0)]}


def _exchanged(item: Item) -> list[Problem]:
    """The cells that hold numbers of persons or lists of persons."""
    try:
        refuse_in_document(item.record)
    except ExchangedData as found:
        return [Problem(item.place_of(detail["pointer"]), detail["message"]) for detail in found.details]
    return []


def _judge(reading: Reading) -> None:
    """Refuse records that their schema refuses or that hold exchanged data, references used twice, and public versions,
    which are not whole. What is refused is no item of the reading any more."""
    if reading.manifest is not None and reading.manifest.get("audience") == "public":
        message = "Ce fichier est une version publique : les mesures de sécurité et des secrets y manquent."
        reading.refused.append(Problem("", message))
    seen: dict[str, str] = {}
    judged = [(item, [*_of_schema(item), *_exchanged(item), *_reference(item, seen)]) for item in reading.items]
    reading.refused += [problem for _, problems in judged for problem in problems]
    reading.items = [item for item, problems in judged if not problems]


def _of_schema(item: Item) -> list[Problem]:
    found = []
    for violation in violations(ENTRY_SCHEMAS[item.kind], {"record": item.record}):
        pointer = violation.pointer.removeprefix("/record")
        where = item.place_of(pointer)
        place = where if pointer in item.places or not pointer else f"{where}{pointer}"
        found.append(Problem(place, violation.message))
    return found


def _reference(item: Item, seen: dict[str, str]) -> list[Problem]:
    """What is wrong with the item's reference; `seen` tells where each was first met."""
    given = item.record.get("record_reference")
    reference = given.strip() if isinstance(given, str) else ""
    if not reference:
        return []
    place = item.place_of("/record_reference")
    if any(unicodedata.category(character) in _UNSHOWN for character in reference):
        return [Problem(place, "La référence contient un caractère qui ne s'écrit pas.")]
    first = seen.setdefault(reference, item.place)
    if first != item.place:
        return [Problem(place, f"La référence « {reference[:60]} » est déjà celle de {first}.")]
    return []
