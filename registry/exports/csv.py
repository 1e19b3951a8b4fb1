"""The register as CSV for a French spreadsheet: UTF-8 with BOM, `;`, one line per record, several values by « | »."""

import csv
import io
from collections.abc import AsyncIterator, Callable
from typing import Any

from registry.exports.heading import Heading
from registry.processing.fields import title_of
from schemas import label

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_STATUS = {"draft": "Projet", "confirmed": "Confirmée", "archived": "Archivée"}

Record = dict[str, Any]


async def csv_export(_heading: Heading, lines: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    """The header, then a line per record, in the register's order."""
    columns = _columns()
    yield "\ufeff".encode() + _row([title for title, _ in columns])
    async for line in lines:
        yield _row([cell(line) for _, cell in columns])


def _row(cells: list[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return buffer.getvalue().encode()


def harmless(text: str) -> str:
    """The text as a spreadsheet may open it: a beginning that would run as a formula is preceded by an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _columns() -> list[tuple[str, Callable[[Record], str]]]:
    def named(key: str) -> str:
        return title_of("controller", key)

    def of(key: str, render: Callable[[Any], str]) -> tuple[str, Callable[[Record], str]]:
        return named(key), lambda line: render(_at(line["record"], key))

    return [
        ("Fiche", lambda line: line["reference"]),
        ("Statut", lambda line: _STATUS[line["status"]]),
        ("Version", lambda line: str(line["version"])),
        of("title", _text),
        of("created_on", _text),
        of("updated_on", _text),
        of("controller.name", _text),
        of("controller.contact_details", _text),
        of("joint_controllers", _each(_contact)),
        of("representative", _contact),
        of("data_protection_officer", _contact),
        of("purposes", _each(_text)),
        of("categories_of_data_subjects", _each(_text)),
        of("categories_of_personal_data", _each(_category)),
        of("categories_of_recipients", _each(_recipient)),
        of("transfers", _each(_transfer)),
        of("time_limits_for_erasure", _each(_limit)),
        of("security_measures", _each(_measure)),
        of("supplement.legal_basis", _basis),
        of("supplement.data_source", _text),
        of("supplement.data_subject_rights", _text),
        of("supplement.dpia", _dpia),
        of("supplement.dpo_opinion", _opinion),
        of("supplement.automated_decision", _text),
        ("Rubriques de l'article 30 manquantes", lambda line: " | ".join(named(key) for key in line["missing"])),
        ("Rubriques occultées", lambda line: " | ".join(named(key) for key in line.get("redacted", []))),
    ]


def _at(record: Record, key: str) -> Any:
    here: Any = record
    for step in key.split("."):
        here = here.get(step) if isinstance(here, dict) else None
    return here


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _each(render: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda values: " | ".join(filter(None, (render(value) for value in values or [])))


def _joined(*parts: Any) -> str:
    return ", ".join(str(part) for part in parts if part not in {None, ""})


def _named(enumeration: str, value: Any) -> str:
    return label(enumeration, value) if value else ""


def _contact(value: Any) -> str:
    return _joined(value.get("name"), value.get("contact_details")) if value else ""


def _category(value: Record) -> str:
    described = _named("cnil_category", value.get("category"))
    details = _joined(value.get("description"), value.get("retention"))
    return f"{described} : {details}" if details else described


def _recipient(value: Record) -> str:
    return _joined(value.get("name"), _named("recipient_kind", value.get("type")), value.get("details"))


def _transfer(value: Record) -> str:
    safeguard = _named("safeguard", value.get("safeguard"))
    return _joined(value.get("recipient"), value.get("country"), safeguard, value.get("documentation"))


def _limit(value: Record) -> str:
    months = value.get("months")
    duration = f"{months} mois" if months is not None else value.get("criterion")
    return _joined(
        value.get("category"), duration, value.get("starts_at"), _named("final_outcome", value.get("final_outcome"))
    )


def _measure(value: Record) -> str:
    return _joined(_named("security_measure", value.get("kind")), value.get("details"))


def _basis(value: Any) -> str:
    return _joined(_named("article_6", value.get("article_6")), *(value.get("texts") or [])) if value else ""


def _dpia(value: Any) -> str:
    return _joined(_named("dpia_status", value.get("status")), value.get("reference")) if value else ""


def _opinion(value: Any) -> str:
    return _joined(_named("opinion_value", value.get("value")), value.get("signed_on")) if value else ""
