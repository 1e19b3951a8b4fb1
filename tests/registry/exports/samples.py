"""Records and lines for the tests of exports, and how a test runs one."""

from __future__ import annotations

import io
import os
import shutil
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from registry.exports import FORMATS, Heading, write_export
from registry.processing.lines import redacted
from schemas import schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CONTACT = {
    "name": "Commune de Saint-Genis-Laval", "contact_details": "Maire", "address": "106 avenue Clemenceau",
    "postal_code": "69230", "city": "Saint-Genis-Laval", "country": "France", "telephone": "04 00 00 00 00",
    "email": "mairie@sgl.example",
}  # fmt: skip

RECORD: dict[str, Any] = {
    "record_reference": "T-2023-001",
    "title": "Tarification périscolaire",
    "created_on": "2023-03-01",
    "updated_on": "2023-04-02",
    "controller": CONTACT,
    "joint_controllers": [{"name": "Ccas"}, {"name": "Métropole", "email": "dpd@metropole.example"}],
    "representative": None,
    "data_protection_officer": {"name": "DPD mutualisé", "email": "dpd@sgl.example"},
    "data_protection_officer_company": {"name": "Syndicat informatique"},
    "purposes": ["Calculer le tarif", *(f"Sous-finalité n° {n}" for n in range(7))],
    "categories_of_data_subjects": ["Salariés", "Parents", "Enfants de 3 à 11 ans"],
    "categories_of_personal_data": [
        {"category": "health", "description": "Allergies", "retention": "L'année scolaire"},
        {"category": "economic_financial", "description": "Quotient familial", "retention": "24 mois"},
        {"category": "economic_financial", "description": "Impayés"},
        {"category": "professional_life"},
        {"description": "Rubrique oubliée"},
    ],
    "categories_of_recipients": [
        {"type": "internal_department", "name": "Régie scolaire", "details": "Le tarif seul"},
        {"type": "municipality", "name": "Commune voisine"},
        {"type": "processor"},
        {"name": "Sans type"},
        {"type": "private_third_party", "details": "Le reste"},
    ],
    "transfers": [
        {"recipient": "Hébergeur", "country": "US", "safeguard": "data_privacy_framework", "documentation": "DPF-42"},
        {"recipient": "Autre", "country": "MA", "safeguard": "standard_contractual_clauses"},
    ],
    "time_limits_for_erasure": [
        {"category": "Dossiers", "months": 24, "starts_at": "Départ", "final_outcome": "destruction"},
        {"category": "Réclamations", "criterion": "Fin du litige", "final_outcome": "transfer_to_archives"},
    ],
    "security_measures": [
        {"kind": "encryption", "details": "AES-SECRET"},
        {"details": "Sans type"},
        {"kind": "backup"},
    ],
    "supplement": {
        "legal_basis": {"article_6": "public_interest_task", "texts": ["CRPA L. 114-8", "Code de l'éducation"]},
        "data_source": "Caf du Rhône",
        "data_subject_rights": "Au guichet.",
        "dpia": {"status": "not_required", "reference": "Note du 3 mars"},
        "dpo_opinion": {"value": "favourable", "signed_on": "2023-02-20"},
        "automated_decision": "Aucune",
        "processors": [{"name": "Éditeur", "task": "Hébergement", "contract": "Marché 14", "country": "France"}],
        "next_review_on": "2024-03-01",
    },
}

HOSTILE = [
    "=1+1", "+33 4", "-1", "@SUM(A1)", " =cmd|' /C calc'!A0", "\u200b=1", "＝1+1", "\t=1", "\r=1",
    '=HYPERLINK("http://mal.example")', "{=1}", "emoji 😀 👩‍👩‍👧", "שלום عالم \u202eabc", "contrôles \x01\x08\x1f\x7f\ufffe",
    "ligne 1\nligne 2\r\nligne 3\n\nfin", "  deux  espaces  au milieu", "<b>&amp;</b> ]]> <!-- -->", "_x0041_ a\u2028b",
    "é" * 8000, "\ue000 privé", "#let x = 1 #pagebreak() $x^2$", "barre | oblique \\ n \\n", "Titre : valeur | Autre : x",
]  # fmt: skip
"""What people paste, or would like to run."""


def line(number: int = 1, record: dict[str, Any] = RECORD, audience: str = "full", **changes: Any) -> dict[str, Any]:
    reference = f"T-2023-{number:03}"
    found = {
        "entry": f"00000000-0000-4000-8000-{number:012}", "party": "saint-genis-laval", "kind": "controller",
        "reference": reference, "version": 1, "since": "2023-03-01T09:00:00.000Z", "status": "confirmed", "missing": [],
        "record": {**record, "record_reference": reference}, "exchange": None,
    } | changes  # fmt: skip
    if audience == "public":
        del found["exchange"]
        found |= {"record": redacted(found["record"], found["kind"]), "redacted": ["security_measures"]}
    return found


def hostile_lines() -> list[dict[str, Any]]:
    """A line for each hostile text, which stands, as long as its schema allows, in every text field of its record."""

    def filled(value: Any, text: str, described: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(item, text, described["properties"][key]) for key, item in value.items()}
        if isinstance(value, list):
            return [filled(item, text, described["items"]) for item in value]
        fixed = "enum" in described or "format" in described or "x-fact" in described
        return text[: described["maxLength"]] if isinstance(value, str) and not fixed else value

    return [line(n, filled(RECORD, text, schema("register_record"))) for n, text in enumerate(HOSTILE, 1)]


def heading(**changes: Any) -> Heading:
    given: dict[str, Any] = {
        "party": "saint-genis-laval", "party_name": "Commune de Saint-Genis-Laval", "as_of": date(2023, 3, 1),
        "audience": "full", "exported_at": datetime(2023, 3, 2, 8, tzinfo=UTC), "insee": "69204",
        "controller": {"name": "Commune de Saint-Genis-Laval"}, "officer": {"name": "DPD", "email": "dpd@sgl.example"},
    }  # fmt: skip
    return Heading(**(given | changes))


async def exported(form: str, lines: list[dict[str, Any]], **changes: Any) -> tuple[bytes, dict[str, Any]]:
    """The bytes of an export, and its manifest."""

    async def batches() -> AsyncIterator[list[dict[str, Any]]]:
        for start in range(0, len(lines), 50):
            yield lines[start : start + 50]

    file = io.BytesIO()
    manifest = await write_export(FORMATS[form], heading(**changes), batches(), file)
    return file.getvalue(), manifest


def program(name: str) -> str:
    """The path of a program that judges exports; without it CI fails, elsewhere the test is skipped."""
    path = shutil.which(name)
    if path is None:
        message = f"no {name} to judge exports with"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path
