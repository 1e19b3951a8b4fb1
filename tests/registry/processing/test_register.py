"""The pure parts of the register: completeness, differences, agreement, audiences, filters, fingerprints."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from registry.processing.agreement import Side, disagreements
from registry.processing.completeness import completeness, missing
from registry.processing.differences import differences
from registry.processing.fields import ARTICLE_30, KINDS, RECORD_SCHEMAS, title_of
from registry.processing.lines import PROTECTED, Line, line_document
from registry.processing.normal import fingerprint, normal
from registry.processing.selection import Selection
from schemas import bundled, schema, violations
from tests.registry.conformity.documents import of_schema

FULL = {
    "record_reference": "T-2023-001",
    "title": "Tarification périscolaire",
    "controller": {"name": "Commune", "email": "mairie@commune.example"},
    "data_protection_officer": {"name": "DPD", "email": "dpd@commune.example"},
    "purposes": ["Calculer le tarif"],
    "categories_of_data_subjects": ["Parents"],
    "categories_of_personal_data": [{"category": "economic_financial", "description": "Quotient familial"}],
    "categories_of_recipients": [{"type": "internal_department", "name": "Régie"}],
    "transfers": [{"recipient": "X", "country": "US", "documentation": "intranet/secret"}],
    "security_measures": [{"kind": "encryption", "details": "AES"}],
    "supplement": {
        "legal_basis": {"article_6": "public_interest_task", "texts": ["CRPA L. 114-8"]},
        "processors": [{"name": "Hébergeur", "contract": "Marché 2022-14"}],
        "next_review_on": "2024-03-01",
    },
}


def _line(record: dict = FULL, **changes: object) -> Line:
    given = {"position": 1, "entry": "e", "party": "p", "kind": "controller", "reference": "T-2023-001", "version": 1,
             "since": "2023-03-01T09:00:00.000Z", "exchange": "x", "confirmed": True, "archived": False,
             "record": record, "field": "childhood", "state": "active"}  # fmt: skip
    return Line(**(given | changes))


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_record_lacks_everything_that_article_30_requires_in_words(kind: str) -> None:
    found = completeness({}, kind)
    due = [d for d in ARTICLE_30[kind] if d.requirement == "due"]
    assert (found.present, found.due) == (0, len(due))
    assert missing({}, kind) == [d.key for d in due]
    for item, sentence in zip(due, found.lacking, strict=True):
        assert title_of(kind, item.key) in sentence
        assert item.article in sentence
    assert all("dans la mesure du possible" in sentence for sentence in found.advised)


def test_a_complete_record_lacks_nothing_and_an_empty_contact_is_no_contact() -> None:
    assert missing(FULL) == []
    assert missing(FULL | {"data_protection_officer": {"name": " ", "email": None}}) == ["data_protection_officer"]
    assert missing(FULL | {"controller": {"name": "Commune"}}) == ["controller.contact_details"]


def test_differences_are_told_in_french_field_by_field() -> None:
    after = json.loads(json.dumps(FULL))
    after["title"] = "Tarification"
    after["purposes"].append("Suivre les paiements")
    after["categories_of_personal_data"][0]["retention"] = "24 mois"
    after["supplement"]["legal_basis"]["article_6"] = "legal_obligation"
    after["supplement"]["next_review_on"] = None
    after["security_measures"] = []
    assert differences(FULL, after) == [
        "Nom du traitement : « Tarification périscolaire » devient « Tarification ».",
        "Finalités : ajout de « Suivre les paiements ».",
        "Catégories de données à caractère personnel, « Informations d'ordre économique et financier (revenus, situation financière, situation fiscale, etc.) », Durée de conservation : ajout de « 24 mois ».",
        "Description générale des mesures de sécurité : retrait de « Chiffrement des données, AES ».",
        "Complément, Base légale (complément), Base de l'article 6 : « Mission d'intérêt public ou relevant de l'exercice de l'autorité publique » devient « Obligation légale ».",
        "Complément, Prochaine revue (complément) : retrait de « 01/03/2024 ».",
    ]


@given(of_schema(schema("register_record")), of_schema(schema("register_record")))
@settings(max_examples=150, deadline=None)
def test_two_versions_differ_in_words_when_their_normal_forms_differ(before: dict, after: dict) -> None:
    said = differences(before, after)
    assert bool(said) == (normal(before) != normal(after))
    assert all(sentence.endswith(".") for sentence in said)
    assert (fingerprint(before) == fingerprint(after)) == (not said)


def test_the_records_of_an_exchange_agree_or_say_on_what_they_do_not() -> None:
    holder = FULL | {"categories_of_recipients": [{"name": "Commune de Saint-Genis-Laval"}]}
    requester = FULL | {"supplement": {"data_source": "Caf du Rhône, fichier des allocataires"}}
    sides = Side("Caf du Rhône", holder), Side("Commune de Saint-Genis-Laval", requester)
    assert disagreements(*sides) == []
    other = requester | {
        "categories_of_personal_data": [{"category": "health"}],
        "joint_controllers": [{"name": "Ccas"}],
        "transfers": [],
        "supplement": {},
    }
    found = disagreements(sides[0], Side(sides[1].name, other))
    assert [d.key for d in found] == [
        "categories_of_personal_data", "categories_of_personal_data", "transfers", "supplement.data_source",
        "joint_controllers",
    ]  # fmt: skip
    assert "« Données concernant la santé » dans la fiche de Commune de Saint-Genis-Laval" in found[1].message
    assert [d.message for d in disagreements(sides[0], Side("Commune", None))] == [
        "Commune : aucune fiche pour cet échange."
    ]


def test_the_public_version_keeps_security_and_secrets_back_and_says_so() -> None:
    public = line_document(_line(), "public")
    text = json.dumps(public)
    for secret in ("AES", "intranet", "Marché 2022-14"):
        assert secret not in text
    assert public["redacted"] == list(PROTECTED["controller"])
    assert "exchange" not in public
    assert public["record"]["supplement"]["processors"] == [{"name": "Hébergeur"}]
    assert line_document(_line(), "full")["record"] == FULL


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ({}, True),
        ({"q": "PERISCOLAIRE quotient"}, True),
        ({"q": "périscolaire absent"}, False),
        ({"q": "aes"}, True),
        ({"q": "aes", "audience": "public"}, False),
        ({"legal_basis": "public_interest_task"}, True),
        ({"legal_basis": "consent"}, False),
        ({"category": "economic_financial"}, True),
        ({"category": "health"}, False),
        ({"field": "youth"}, False),
        ({"state": "active", "field": "childhood"}, True),
        ({"review_before": date(2024, 3, 1)}, False),
        ({"review_before": date(2024, 3, 2)}, True),
        ({"entry": "f"}, False),
        ({"status": "archived"}, False),
    ],
)
def test_filters_keep_what_they_ask_for(filters: dict, kept: bool) -> None:
    assert Selection(**filters).holds(_line()) is kept


def test_drafts_are_never_public_and_archives_are_shown_when_asked_for() -> None:
    draft, archived = _line(confirmed=False), _line(archived=True)
    assert Selection().holds(draft)
    assert not Selection("public").holds(draft)
    assert not Selection("public", "draft").holds(draft)
    assert not Selection().holds(archived)
    assert Selection("public", "archived").holds(archived)
    assert not Selection("public", "archived").holds(_line(confirmed=False, archived=True))


def test_a_fingerprint_ignores_what_says_nothing() -> None:
    assert fingerprint({"title": "a\r\nb", "purposes": []}) == fingerprint({"title": " a\nb ", "transfers": None})
    assert fingerprint({"title": "a"}) != fingerprint({"title": "b"})


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_article_30_and_of_secrecy_is_in_the_schema(kind: str) -> None:
    Draft202012Validator.check_schema(bundled(RECORD_SCHEMAS[kind]))
    for key in (*(d.key for d in ARTICLE_30[kind]), *PROTECTED[kind]):
        assert title_of(kind, key)
    assert violations("register_entry", {"record": FULL}) == []
