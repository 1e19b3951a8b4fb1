"""A workbook in the form of CISO Assistant's import, read into a controller's record."""

from collections.abc import Iterator, Mapping
from typing import Any

from registry.exports import ciso
from registry.imports.draft import Draft
from registry.imports.items import Problem, Reading
from registry.imports.sheets import Sheet
from registry.imports.values import country
from schemas import vocabulary

_SILENT = (
    "controller", "data_protection_officer", "data_protection_officer_company", "representative", "created_on",
    "updated_on", "time_limits_for_erasure", "security_measures",
)  # fmt: skip
_RECIPIENTS = {"internal_team": "internal_department", "data_processor": "processor"}


def is_ciso(sheets: list[Sheet]) -> bool:
    """Whether the workbook has CISO Assistant's main sheet (names of sheets whatever their case)."""
    return any(sheet.name.strip().casefold() == "processing" for sheet in sheets)


def choice(text: str) -> str:
    """A choice as it is compared: raw key (`privacy_public_interest`) or English label (`Public interest`)."""
    key = "_".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())
    return key.removeprefix("privacy_")


def read_ciso(sheets: list[Sheet], reading: Reading, name: str = "") -> None:
    """The record of a workbook, as an item of the reading; `name` is the workbook's, inside an archive."""
    found = {sheet.name.strip().casefold(): sheet for sheet in sheets}
    main = _Table(found["processing"])
    if not main.rows:
        reading.refused.append(Problem(f"{name}{main.sheet.name}", "La feuille ne contient aucun traitement."))
        return
    draft = Draft(main.sheet, f"{name}{main.sheet.name}")
    draft.item.silent = _SILENT
    row = main.rows[0]
    main.put(draft, "/record_reference", row, "ref_id")
    main.put(draft, "/title", row, "name")
    _dpia(main, draft, row)
    for key, reader in _SHEETS.items():
        if key in found:
            draft.sheet = found[key]
            reader(_Table(found[key]), draft)
    reading.refused += draft.refused
    reading.items.append(draft.item)


class _Table:
    """A sheet whose first row names its columns."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        header = sheet.rows[0] if sheet.rows else []
        self.columns = {text.strip().casefold(): column for column, text in enumerate(header)}
        self.rows = [n for n in range(1, len(sheet.rows)) if any(text.strip() for text in sheet.rows[n])]

    def text(self, row: int, name: str) -> str:
        """The text of a named column."""
        column = self.columns.get(name)
        return self.sheet.text(row, column) if column is not None else ""

    def put(self, draft: Draft, pointer: str, row: int, *names: str, read: Any = str.strip) -> bool:
        """Read the first filled of these columns."""
        for name in names:
            if self.text(row, name).strip():
                return draft.put(pointer, row, self.columns[name], read)
        return False

    def items(self, draft: Draft, key: str) -> Iterator[tuple[int, str]]:
        """Each row, with the pointer of the item that it becomes."""
        for row in self.rows:
            yield row, f"/{key.replace('.', '/')}/{draft.count(key)}"


def _dpia(main: _Table, draft: Draft, row: int) -> None:
    required = choice(main.text(row, "dpia_required"))
    if required:
        status = "not_done" if required in {"true", "oui", "yes", "1"} else "not_required"
        main.put(draft, "/supplement/dpia/status", row, "dpia_required", read=lambda _: status)
    main.put(draft, "/supplement/dpia/reference", row, "dpia_reference")


def _inverse(name: str) -> Mapping[str, str]:
    """Ids by CISO Assistant's key, the first of those that share one."""
    found: dict[str, str] = {}
    for key, described in vocabulary()["enumerations"][name].items():
        if described.get("ciso_assistant"):
            found.setdefault(choice(described["ciso_assistant"]), key)
    return found


def _purposes(table: _Table, draft: Draft) -> None:
    for row, pointer in table.items(draft, "purposes"):
        table.put(draft, pointer, row, "description", "name")
        basis = _inverse("article_6").get(choice(table.text(row, "legal_basis")))
        if basis and not draft.count("supplement.legal_basis"):
            table.put(draft, "/supplement/legal_basis/article_6", row, "legal_basis", read=lambda _, b=basis: b)


def _data(table: _Table, draft: Draft) -> None:
    categories = {choice(value): key for key, value in ciso.CATEGORIES.items()}
    for row, pointer in table.items(draft, "categories_of_personal_data"):
        category = categories.get(choice(table.text(row, "category")), "other")
        table.put(draft, f"{pointer}/category", row, "category", "name", read=lambda _, found=category: found)
        table.put(draft, f"{pointer}/description", row, "description", "name")
        table.put(draft, f"{pointer}/retention", row, "retention")


def _subjects(table: _Table, draft: Draft) -> None:
    for row, pointer in table.items(draft, "categories_of_data_subjects"):
        table.put(draft, pointer, row, "description", "name")


def _recipients(table: _Table, draft: Draft) -> None:
    for row in table.rows:
        category = choice(table.text(row, "category"))
        joint = category == choice(ciso.JOINT)
        key = "joint_controllers" if joint else "categories_of_recipients"
        pointer = f"/{key}/{draft.count(key)}"
        table.put(draft, f"{pointer}/name", row, "name")
        if joint:
            continue
        kind = _RECIPIENTS.get(category, "other_public_body" if category == "government_entity" else None)
        if kind:
            table.put(draft, f"{pointer}/type", row, "category", read=lambda _, found=kind: found)
        table.put(draft, f"{pointer}/details", row, "description")


def _contractors(table: _Table, draft: Draft) -> None:
    for row, pointer in table.items(draft, "supplement.processors"):
        table.put(draft, f"{pointer}/name", row, "entity", "name")
        table.put(draft, f"{pointer}/country", row, "country")
        table.put(draft, f"{pointer}/task", row, "description")
        table.put(draft, f"{pointer}/contract", row, "documentation_link")


def _transfers(table: _Table, draft: Draft) -> None:
    for row, pointer in table.items(draft, "transfers"):
        table.put(draft, f"{pointer}/recipient", row, "entity", "name")
        table.put(draft, f"{pointer}/country", row, "country", read=country)
        safeguard = _inverse("safeguard").get(choice(table.text(row, "transfer_mechanism")))
        if safeguard:
            table.put(draft, f"{pointer}/safeguard", row, "transfer_mechanism", read=lambda _, found=safeguard: found)
        table.put(draft, f"{pointer}/documentation", row, "documentation_link", "guarantees")


_SHEETS = {
    "purposes": _purposes,
    "personal data": _data,
    "data subjects": _subjects,
    "data recipients": _recipients,
    "contractors": _contractors,
    "transfers": _transfers,
}
