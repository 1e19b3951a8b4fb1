"""Messages, each placeholder as the vocabulary's `message_placeholders` says."""

from typing import Any

import pytest

from registry.conformity import catalogue, message
from schemas import vocabulary
from tests.registry.conformity.cases import item, situation

OPERATOR = {"label": "Association X", "kind": "public_service_operator", "professional_secrecy": True}
PAST = {"@file.state": "awaiting_information", "@today": "2023-06-01"}
ASKED = [{"requested_on": "2023-05-01", "due_on": "2023-05-16", "answered_on": None}]
CONDITION = [{"number": 7, "prior": True, "status": "to_do", "origin": "dpo"}]
US, CA = ({"recipient": f"Éditeur {code}", "country": code, "safeguard": None} for code in ("US", "CA"))
FLOW = {"exchange_mode": "transmission", "frequency": "half_yearly", "@today": "2023-09-01"}
CLAUSES: list[tuple[str, dict[str, Any], str, tuple[str, ...]]] = [
    ("CONV-01", {"requested_on": "2026-02-02"}, "term", ("(terme : 31 décembre 2025,",)),
    ("CONV-02", {"@convention.terminated_on": "2024-06-01"}, "term", ("jusqu'au", "au 1er juin 2024 ;")[1:]),
    ("CONV-03", {"@convention.terminated_on": "2023-03-01"}, "terminated_on", ("depuis le 1er mars 2023 :",)),
    ("CONV-05", {"requested_on": "2024-01-01"}, "former_party", ("La partie Commune d'Oullins n'existe plus",)),
    ("CONV-05", {"requested_on": "2024-01-01"}, "successor", (" : Commune d'Oullins-Pierre-Bénite lui est",)),
    ("CONV-05", {"requested_on": "2024-01-01"}, "succession_date", ("depuis le 1er janvier 2024.",)),
    ("CONV-05", {"requested_on": "2024-01-02", "holder": "pierre-benite"}, "former_party",
     ("Commune d'Oullins, Commune de Pierre-Bénite",)),
    ("CONV-15", {"@file.filed_on": "2022-10-20"}, "requested_on", ("demande (5 septembre 2022)",)),
    ("CONV-15", {"@file.filed_on": "2022-10-20"}, "filed_on", ("dépôt (20 octobre 2022)",)),
    ("ROL-06", {"@holder.contacts.dpo": None}, "holder", ("pour Caisse d'allocations familiales du Rhône :",)),
    ("INFO-01", {"information.article_14_notice": "missing"}, "requester", ("Commune d'Oullins obtiendra",)),
    ("CONV-12", {"@moment": "activation", "@file.register_confirmations.1.version": 9}, "party",
     ("registre : Caisse d'allocations familiales du Rhône doit",)),
    ("REG-02", {"@file.register_confirmations.0.confirmed_on": None}, "party", ("registre de Commune d'Oullins n'a",)),
    ("CONV-13", {"@file.state": "active", "@changed": ["channel"], "@file.version": 3}, "changed_keys", ("(Rubrique)",)),
    ("CONV-13", {"@file.state": "active", "@changed": ["channel"], "@file.version": 3}, "version", ("La version 3 ",)),
    ("LIC-02", {"legal_basis.texts": []}, "article_6",
     ("« Mission d'intérêt public ou relevant de l'exercice de l'autorité publique »",)),
    ("FIN-02", {"purposes.main": "Aider les familles, ETC."}, "vague_term", ("(« ETC »)",)),
    ("FIN-02", {"purposes.main": "De MEILLEURES connaissances"}, "vague_term", ("(« MEILLEURES connaissances »)",)),
    ("FIN-02", {"purposes.main": "Etc., à toute fin utile"}, "vague_term", ("« toute fin utile »",)),
    ("FIN-02", {"purposes.main": "À toutes ﬁns utiles"}, "vague_term", ("toutes fins utiles",)),
    ("FIN-03", {"origin.compatibility_test": None}, "initial_purpose", ("pour « Service des prestations familiales »",)),
    ("NIR-01", {"data_items.0.nir": True}, "main_purpose", ("Commune d'Oullins / Calculer le tarif",)),
    ("MIN-01", {"data_items": [item("A", necessity=""), item("B"), item("C", necessity=None)]}, "data_items",
     ("« A, C »",)),
    ("MIN-02", {"data_items": [item()] * 16}, "data_items_count", ("(16)",)),
    ("MIN-06", {"volume.scope": "exhaustive", "volume.count": 1234567}, "volume_count",
     ("(1\u202f234\u202f567 personnes)",)),
    ("MIN-06", {"volume.scope": "exhaustive", "volume.count": 0}, "volume_count", ("(0 personnes)",)),
    ("SEN-02", {"data_items.0.article_9_2_exception": "substantial_public_interest"}, "article_9_2_exception",
     ("L'exception 9(2)(g) exige",)),
    ("CONS-02", {"retention.0.months": 60}, "months", ("(60 mois demandés",)),
    ("CONS-02", {"retention.0.months": 60}, "retention_category", ("« Quotient familial et composition du foyer »",)),
    ("INFO-03", {"information.article_14_exception": "obtaining_laid_down_by_law"}, "article_14_exception",
     ("L'exception 14(5)(c) à",)),
    ("ROL-03", {"processors": [{"name": n, "article_28_contract": c} for n, c in (("A", False), ("B", True), ("C", None))]},
     "processor_name", ("sous-traitant A, C,",)),
    ("ROL-03", {"processors": [{"name": n, "article_28_contract": True} for n in "AB"], "@activation": True},
     "processor_name", ("sous-traitant A, B,",)),
    ("ROL-10", {"recipients": [OPERATOR, {**OPERATOR, "label": "Y"}]}, "recipient_label", ("Association X, Y gère",)),
    ("ROL-09", {"@moment": "decision", "@file.decision.decided_by": "x"}, "decided_on", ("au 30 septembre 2022 n'est",)),
    ("SEC-01", {"channel.kind": "unencrypted_usb_key"}, "channel_kind", ("« Clé USB non chiffrée »",)),
    ("SEC-06", {"channel.national_service_used": False}, "national_service", ("(API Particulier)",)),
    ("AIPD-01", {"dpia.cnil_exemption": None, "dpia.criteria": ["large_scale", "innovative_use", "large_scale"]},
     "criteria_count", ("2 critères",)),
    ("AIPD-02", {"dpia.cnil_list_type": "social_housing"}, "cnil_list_type",
     ("« Instruction des demandes et gestion des logements sociaux »",)),
    ("AIPD-03", {}, "cnil_exemption", ("« Affaires scolaires, périscolaires et petite enfance (collectivités) »",)),
    ("TRF-01", {"transfers": [US, CA]}, "transfer_country", ("vers États-Unis, Canada est",)),
    ("TRF-02", {"transfers": [US | {"safeguard": "data_privacy_framework"}, CA]}, "transfer_recipient",
     ("que Éditeur US figure",)),
    ("ALT-03", {"open_data_alternatives": ["A", "B"]}, "open_data_alternative", ("(A, B)",)),
    ("REG-01", {"@moment": "activation", "@register.oullins.purposes": [], "@register.caf-rhone.controller.name": ""},
     "missing_record_keys", ("Finalités", "Nom du responsable du traitement")),
    ("CYC-02", {"@moment": "activation", "@file.recommendations": CONDITION}, "recommendation_number", ("n° 7 ",)),
    ("CYC-03", {"@file.next_review_on": "2023-05-20"}, "days_overdue", ("de 12 jours",)),
    ("CYC-05", {**FLOW, "@file.last_flow_on": "2022-11-01"}, "last_flow_on", ("depuis le 1er novembre 2022,",)),
    ("CYC-05", {**FLOW, "@file.last_flow_on": "2022-01-01"}, "frequency", ("3 octobre 2022", "« Semestrielle »")),
    ("CYC-04", {**PAST, "@file.information_requests": ASKED}, "information_requested_on", ("le 1er mai 2023 pour",)),
    ("CYC-04", {**PAST, "@file.information_requests": ASKED}, "dropped_on", ("à partir du 31 mai 2023.",)),
    ("CYC-06", {"@active": 4, "@today": "2025-12-01"}, "active_count", ("31 décembre 2025 : 4 échanges",)),
]  # fmt: skip


@pytest.mark.parametrize(("check", "change", "name", "clauses"), CLAUSES, ids=[f"{c[0]}-{c[2]}" for c in CLAUSES])
def test_a_message_says_what_its_placeholder_means(
    check: str, change: dict[str, Any], name: str, clauses: tuple[str, ...]
) -> None:
    (sentence, *_) = [message(f) for f in situation(check, change).read(check) if f.id == check]
    for clause in clauses:
        assert clause in sentence


def test_every_placeholder_has_its_case() -> None:
    used = {name for name in vocabulary()["message_placeholders"]
            if any(f"{{{name}}}" in check.message for check in catalogue())}  # fmt: skip
    assert {clause[2] for clause in CLAUSES} == used


BLANKS: list[tuple[str, dict[str, Any]]] = [
    ("FIN-03", {"origin": {"reuse": True}}),
    ("ROL-06", {"holder": None}),
    ("ROL-06", {"holder": "nulle-part"}),
    ("INFO-01", {"requester": None, "information": None}),
    ("MIN-01", {"data_items": [{}]}),
    ("MIN-06", {"volume": {"scope": "exhaustive"}}),
    ("CONS-02", {"retention": [{"months": 60}]}),
    ("ROL-03", {"processors": [{}]}),
    ("TRF-01", {"transfers": [{}]}),
    ("ROL-10", {"recipients": [{"kind": "public_service_operator"}]}),
    ("NIR-01", {"data_items": [{"nir": True}], "purposes": None}),
    ("CONV-05", {"requested_on": "2024-01-01", "@requester.successor": None}),
]


@pytest.mark.parametrize(("check", "change"), BLANKS, ids=[blank[0] for blank in BLANKS])
def test_a_message_about_a_half_filled_document_says_what_is_missing(check: str, change: dict[str, Any]) -> None:
    (sentence,) = [message(f) for f in situation(check, change).read(check) if f.id == check]
    for stray in ("…", "{", "}", "None", "«  »"):
        assert stray not in sentence
