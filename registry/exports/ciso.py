"""Workbooks for CISO Assistant's own import (August 2026): one per record, in a zip when there are several.
Choices are written as raw keys, which every language of the tool accepts."""

import io
import zipfile
from collections.abc import Mapping
from contextlib import closing
from typing import Any, BinaryIO

from registry.exports.cnil.book import Cell
from registry.exports.cnil.workbook import sheet_name
from registry.exports.export import Document, Plain, Step
from registry.exports.heading import Heading
from registry.exports.xlsx import XlsxBook
from schemas import label, vocabulary

Record = Mapping[str, Any]
Value = str | int | None

SHEETS: dict[str, tuple[str, ...]] = {
    "Processing": (
        "ref_id", "name", "description", "domain", "status", "processing_nature", "information_channel",
        "usage_channel", "dpia_required", "dpia_reference", "assigned_to", "labels",
    ),
    "Purposes": ("name", "description", "legal_basis", "article_9_condition"),
    "Personal data": ("name", "description", "category", "retention", "deletion_policy", "is_sensitive", "assets"),
    "Data subjects": ("name", "description", "category"),
    "Data recipients": ("name", "description", "category"),
    "Contractors": ("name", "description", "entity", "relationship_type", "country", "documentation_link"),
    "Transfers": (
        "name", "description", "entity", "country", "transfer_mechanism", "guarantees", "documentation_link",
    ),
}  # fmt: skip
STATUSES = {"draft": "privacy_draft", "confirmed": "privacy_approved", "archived": "privacy_deprecated"}
CATEGORIES = {
    "identity": "privacy_basic_identity",
    "personal_life": "privacy_family_details",
    "economic_financial": "privacy_financial_data",
    "connection": "privacy_online_identifiers",
    "location": "privacy_location_data",
    "nir": "privacy_social_security",
    "racial_or_ethnic_origin": "privacy_racial_ethnic_origin",
    "political_opinions": "privacy_political_opinions",
    "religious_or_philosophical_beliefs": "privacy_religious_beliefs",
    "trade_union_membership": "privacy_trade_union_membership",
    "genetic_data": "privacy_genetic_data",
    "biometric_data": "privacy_biometric_data",
    "health": "privacy_health_data",
    "sex_life_or_sexual_orientation": "privacy_sex_life_data",
    "criminal_convictions_and_offences": "privacy_criminal_records",
}
OTHER = "privacy_other"
JOINT = "privacy_joint_controller"
RECIPIENTS = {
    "internal_department": "privacy_internal_team",
    "processor": "privacy_data_processor",
    **dict.fromkeys(
        ("municipality", "family_allowance_fund", "municipal_social_action_centre", "other_public_body"),
        "privacy_government_entity",
    ),
}
_NO_DPIA = {"not_required", "not_applicable"}
_EPOCH = (1980, 1, 1, 0, 0, 0)


class CisoWriter(Plain):
    """A workbook when one record was asked for, else a zip of workbooks."""

    def __init__(self, file: BinaryIO, heading: Heading) -> None:
        self._file = file
        self._zip = None if "entry" in heading.filters else zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._taken: set[str] = set()

    def add(self, line: Document, record: Document) -> None:
        if self._zip is None:
            _workbook(self._file, line, record)
            return
        content = io.BytesIO()
        _workbook(content, line, record)
        name = sheet_name(line["reference"], self._taken)
        self._zip.writestr(zipfile.ZipInfo(f"{name}.xlsx", _EPOCH), content.getvalue(), zipfile.ZIP_STORED)

    def finish(self, _manifest: Document, _step: Step) -> None:
        if self._zip is not None:
            self._zip.close()


def _workbook(file: BinaryIO, line: Document, record: Document) -> None:
    rows = _rows(line, record)
    with closing(XlsxBook(file, line["reference"], [])) as book:
        for name, columns in SHEETS.items():
            book.sheet(name, (28,))
            book.row([Cell(column, "header") for column in columns])
            for row in rows[name]:
                book.row([Cell(row.get(column)) for column in columns])
        book.finish()


def _rows(line: Mapping[str, Any], record: Record) -> dict[str, list[dict[str, Value]]]:
    more, purposes = record.get("supplement", {}), record.get("purposes", [])
    basis = _key("article_6", more.get("legal_basis", {}).get("article_6"))
    return {
        "Processing": [_processing(line, record, more)],
        "Purposes": [{"name": text[:200], "description": text, "legal_basis": basis} for text in purposes],
        "Personal data": [_data(item) for item in record.get("categories_of_personal_data", [])],
        "Data subjects": [
            {"name": text[:200], "description": text, "category": _subject(text)}
            for text in record.get("categories_of_data_subjects", [])
        ],
        "Data recipients": _recipients(record),
        "Contractors": [_contractor(item) for item in more.get("processors", [])],
        "Transfers": [_transfer(item) for item in record.get("transfers", [])],
    }  # fmt: skip


def _processing(line: Mapping[str, Any], record: Record, more: Record) -> dict[str, Value]:
    dpia = more.get("dpia", {})
    required = None if "status" not in dpia else str(dpia["status"] not in _NO_DPIA)
    return {
        "ref_id": line["reference"],
        "name": record.get("title") or line["reference"],
        "description": (record.get("purposes") or [None])[0],
        "status": STATUSES[line["status"]],
        "dpia_required": required,
        "dpia_reference": dpia.get("reference"),
    }


def _key(name: str, value: str | None) -> str | None:
    found = vocabulary()["enumerations"][name].get(value, {}) if value else {}
    return found.get("ciso_assistant")


def _data(item: Record) -> dict[str, Value]:
    category = item.get("category", "other")
    described = vocabulary()["enumerations"]["cnil_category"][category]
    return {
        "name": (item.get("description") or label("cnil_category", category))[:200],
        "description": item.get("description"),
        "category": CATEGORIES.get(category, OTHER),
        "retention": item.get("retention"),
        "is_sensitive": str(bool(described.get("sensitive"))),
    }


def _subject(text: str) -> str:
    return "privacy_minor" if any(word in text.casefold() for word in ("enfant", "mineur")) else OTHER


def _recipients(record: Record) -> list[dict[str, Value]]:
    named: list[dict[str, Value]] = [
        {
            "name": item.get("name") or label("recipient_kind", item.get("type", "")) or "Destinataire",
            "description": item.get("details"),
            "category": RECIPIENTS.get(item.get("type", ""), OTHER),
        }
        for item in record.get("categories_of_recipients", [])
    ]
    joint = [{"name": item.get("name"), "category": JOINT} for item in record.get("joint_controllers", [])]
    return [*named, *joint]


def _contractor(item: Record) -> dict[str, Value]:
    return {
        "name": item.get("name"),
        "description": item.get("task"),
        "entity": item.get("name"),
        "relationship_type": "privacy_data_processor",
        "country": item.get("country"),
        "documentation_link": item.get("contract"),
    }


def _transfer(item: Record) -> dict[str, Value]:
    return {
        "name": item.get("recipient"),
        "entity": item.get("recipient"),
        "country": item.get("country"),
        "transfer_mechanism": _key("safeguard", item.get("safeguard")),
        "documentation_link": item.get("documentation"),
    }
