"""Where a finding points: at each matching item of a list, and at nothing else."""

from typing import Any

import pytest

from tests.registry.conformity.cases import item, situation

PLAIN_RECIPIENT = {"label": "Guichet", "kind": "internal_department", "professional_secrecy": True}
PLAIN = {
    "data_items": item(), "recipients": PLAIN_RECIPIENT,
    "retention": {"category": "Liste", "months": 12, "criterion": None, "final_outcome": "destruction"},
    "processors": {"name": "P", "article_28_contract": True, "country": "FR"},
    "transfers": {"recipient": "P", "country": "CA", "safeguard": "adequacy_decision"},
    "data_subjects": {"category": "Parents", "minors": False, "vulnerable": False},
}  # fmt: skip
MARKS: list[tuple[str, str, dict[str, Any]]] = [
    ("MIN-01", "data_items", {"necessity": " "}),
    ("MIN-02", "data_items", {"label": "Dossier complet"}),
    ("MIN-04", "data_items", {"free_text": True}),
    ("SEN-01", "data_items", {"article_9": "health"}),
    ("SEN-02", "data_items", {"article_9_2_exception": "public_health"}),
    ("SEN-03", "data_items", {"label": "Santé"}),
    ("SEN-04", "data_items", {"label": "Nationalité"}),
    ("INF-01", "data_items", {"article_10": True}),
    ("SOC-01", "data_items", {"social_difficulties": True}),
    ("NIR-01", "data_items", {"nir": True}),
    ("NIR-02", "data_items", {"label": "Numéro allocataire", "necessity": ""}),
    ("NIR-03", "data_items", {"label": "NIR"}),
    ("CRPA-04", "data_items", {"article_9": "health"}),
    ("SECRET-05", "data_items", {"label": "Information préoccupante"}),
    ("ENF-02", "data_items", {"label": "Jugement"}),
    ("CONS-01", "retention", {"months": None}),
    ("CONS-02", "retention", {"months": 37}),
    ("CONS-04", "retention", {"final_outcome": None}),
    ("ROL-03", "processors", {"article_28_contract": False}),
    ("ROL-04", "recipients", {"kind": "private_third_party"}),
    ("ROL-05", "recipients", {"kind": "other_public_body"}),
    ("ROL-10", "recipients", {"kind": "public_service_operator"}),
    ("SECRET-03", "recipients", {"kind": "elected_officials"}),
    ("SECRET-06", "recipients", {"kind": "statutory_body"}),
    ("TRF-01", "transfers", {"safeguard": None}),
    ("TRF-02", "transfers", {"safeguard": "data_privacy_framework"}),
    ("TRF-03", "transfers", {"safeguard": "article_49_derogation"}),
    ("ENF-01", "data_subjects", {"minors": True}),
]


@pytest.mark.parametrize(("check", "name", "mark"), MARKS, ids=[mark[0] for mark in MARKS])
def test_a_finding_points_at_each_matching_item(check: str, name: str, mark: dict[str, Any]) -> None:
    plain = PLAIN[name]
    lines = [plain, {**plain, **mark}, plain, {**plain, **mark}]
    (finding,) = [f for f in situation(check, {name: lines}).read(check) if f.id == check]
    assert len(finding.pointers) == 2
    for pointer, index in zip(finding.pointers, (1, 3), strict=True):
        assert pointer == f"/{name}/{index}" or pointer.startswith(f"/{name}/{index}/")


PLACES = [
    ("CONV-01", {"requested_on": "2026-01-01"}, ("/requested_on",)),
    ("CONV-02", {"period": None}, ("/period/end",)),
    ("CONV-05", {"requested_on": "2024-01-02", "holder": "pierre-benite"}, ("/requester", "/holder")),
    ("CONV-07", {"convention_field": None}, ("/convention_field",)),
    ("CONV-07", {"action_sheet": " "}, ("/action_sheet",)),
    ("LIC-02", {"legal_basis.texts": []}, ("/legal_basis/texts",)),
    ("FIN-01", {"purposes": None}, ("/purposes/main",)),
    ("CONS-01", {"retention": []}, ("/retention",)),
    ("MIN-02", {"data_items": [item()] * 16}, ("/data_items",)),
    ("INFO-04", {"information": None}, ("/information/holder_notice_names_recipient",)),
    ("ROL-06", {"@holder.contacts.dpo": None}, ("/holder",)),
    ("SECRET-01", {"legal_basis.secrecy.lifted_by": None}, ("/legal_basis/secrecy/lifted_by",)),
]


@pytest.mark.parametrize(("check", "change", "pointers"), PLACES)
def test_a_finding_points_at_the_key_to_change(check: str, change: dict[str, Any], pointers: tuple[str, ...]) -> None:
    (finding,) = [f for f in situation(check, change).read(check) if f.id == check]
    assert finding.pointers == pointers
