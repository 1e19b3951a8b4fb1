"""What `ecluse check` answers: bare requests, exchange files, odd documents, and what it refuses to read."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from registry.conformity import rules_version
from registry.conformity.offline import Unreadable, check_document
from schemas import schema, violations
from tests.registry.conformity.test_reference_cases import CASES, _values
from tests.world import reference

TODAY = date(2023, 6, 1)
CONVENTION = reference("convention")


def ids(document: Any, today: date = TODAY) -> set[str]:
    return {f.id for f in check_document(document, CONVENTION, today).findings}


@pytest.mark.parametrize("name", CASES)
def test_a_bare_request_and_an_exchange_file_of_it_alone_say_the_same(name: str) -> None:
    request = CASES[name]["request"]
    expected = {(f["id"], f["severity"]) for f in CASES[name]["expected_findings"]}
    for document in (request, {"request": request}, {"request": request, "stages": None, "opinion": None}):
        report = check_document(document, CONVENTION, TODAY).as_json()
        assert {(f["id"], f["severity"]) for f in report["findings"]} == expected
        assert report["rules_version"] == rules_version()


def test_pointers_lead_into_the_document_given() -> None:
    request = CASES["EX-2023-009"]["request"]
    for document in (request, {"request": request}):
        for finding in check_document(document, CONVENTION, TODAY).as_json()["findings"]:
            for pointer in finding["pointers"]:
                here: Any = document
                for step in pointer.split("/")[1:]:
                    here = here[int(step)] if isinstance(here, list) else here.get(step)


def test_findings_come_by_severity_then_id() -> None:
    ranks = {"blocking": 0, "warning": 1, "information": 2}
    found = check_document(
        {"request": CASES["EX-2023-009"]["request"], "state": "active"}, CONVENTION, date(2026, 3, 1)
    )
    order = [(ranks[f["severity"]], f["id"]) for f in found.as_json()["findings"]]
    assert order == sorted(order)


def test_stages_of_the_file_say_which_checks_speak() -> None:
    request = CASES["EX-2023-009"]["request"]
    assert ids({"request": request, "stages": []}) == set()
    filing = ids({"request": request, "stages": [{"stage": "filing"}]})
    assert "MIN-01" in filing
    assert "LIC-01" not in filing


def test_an_authorised_number_and_the_filing_date_are_read_from_the_file() -> None:
    request = CASES["EX-2023-009"]["request"]
    number = next(i for i, item in enumerate(request["data_items"]) if item["nir"])
    authorised = {"request": request, "opinion": {"nir_authorised": [f"data_items.{number}"]}}
    assert "NIR-01" in ids({"request": request, "opinion": {"nir_authorised": []}})
    assert "NIR-01" not in ids(authorised)
    late = {"request": CASES["EX-2022-007"]["request"], "filed_on": "2026-01-05"}
    assert {"CONV-01", "CONV-15"} <= ids(late)


def test_the_life_of_an_active_exchange_is_read_on_the_day_given() -> None:
    request = CASES["EX-2022-007"]["request"]
    file = {"request": request, "state": "active", "next_review_on": "2023-06-01", "last_changed_on": "2022-10-01"}
    file["register_confirmations"] = [{"party": p, "confirmed_on": "2022-10-02"} for p in ("caf-rhone", "oullins")]
    quiet = ids({"request": request})
    assert ids(file, date(2023, 6, 1)) == quiet
    assert ids(file, date(2023, 6, 2)) - quiet == {"CYC-03"}
    assert ids(file, date(2026, 1, 1)) - quiet == {"CYC-03", "CYC-06", "CONV-14"}
    assert ids(file | {"state": "closed"}, date(2026, 1, 1)) == quiet


def test_a_decision_in_the_file_is_not_a_transition() -> None:
    request = CASES["EX-2022-007"]["request"]
    assert ids({"request": request, "decision": {"value": "approved"}}) == ids(request)


def test_unknown_keys_of_a_file_are_named_and_ignored() -> None:
    report = check_document({"request": CASES["EX-2022-007"]["request"], "opinoin": {}}, CONVENTION, TODAY)
    assert report.ignored == ("opinoin",)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "objet JSON"),
        ("texte", "objet JSON"),
        (None, "objet JSON"),
        ({"request": None}, "/request"),
        ({"request": {"holdre": "x"}}, "/request/holdre"),
        ({"holdre": "x"}, "/holdre"),
        ({"request": {}, "filed_on": "2023-02-30"}, "/filed_on"),
        ({"request": {}, "state": "vivant"}, "/state"),
        ({"request": {}, "opinion": "oui"}, "/opinion"),
        ({"request": {}, "information_requests": [5]}, "/information_requests/0"),
    ],
)
def test_what_is_no_request_is_refused_with_its_place(document: Any, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        check_document(document, CONVENTION, TODAY)


FILES = schema("exchange_file") | {"properties": schema("exchange_file")["properties"] | {"request": schema("request")}}


@given(_values(FILES))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_reading_any_valid_exchange_file_is_total(document: dict[str, Any]) -> None:
    document.setdefault("request", {})
    assert not violations("exchange_file", document)
    report = check_document(document, CONVENTION, TODAY)
    assert report.as_text()
    assert report.as_json()["findings"] is not None
