"""Exchange files read offline: their schema, the keys it does not know, and what only a file can say."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from registry.conformity.offline import Unreadable, check_document
from schemas import violations
from tests.registry.conformity import documents
from tests.registry.conformity.test_reference_cases import CASES
from tests.world import reference

TODAY = date(2023, 6, 1)
CONVENTION = reference("convention")


def ids(document: Any, today: date = TODAY) -> set[str]:
    return {f.id for f in check_document(document, CONVENTION, today).findings}


def test_an_authorised_number_and_the_filing_date_are_read_from_the_file() -> None:
    request = CASES["EX-2023-009"]["request"]
    number = next(i for i, item in enumerate(request["data_items"]) if item["nir"])
    authorised = {"request": request, "opinion": {"nir_authorised": [f"data_items.{number}"]}}
    assert "NIR-01" in ids({"request": request, "opinion": {"nir_authorised": []}})
    assert "NIR-01" not in ids(authorised)
    late = {"request": CASES["EX-2022-007"]["request"], "filed_on": "2026-01-05"}
    assert {"CONV-01", "CONV-15"} <= ids(late)


def test_unknown_keys_of_a_file_are_named_and_ignored() -> None:
    report = check_document({"request": CASES["EX-2022-007"]["request"], "opinoin": {}}, CONVENTION, TODAY)
    assert report.ignored == ("opinoin",)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"request": {"holdre": "x"}}, "/request/holdre"),
        ({"request": {}, "filed_on": "2023-02-30"}, "/filed_on"),
        ({"request": {}, "state": "vivant"}, "/state"),
        ({"request": {}, "opinion": "oui"}, "/opinion"),
        ({"request": {}, "information_requests": [5]}, "/information_requests/0"),
    ],
)
def test_what_is_no_exchange_file_is_refused_with_its_place(document: Any, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        check_document(document, CONVENTION, TODAY)


@pytest.mark.parametrize(
    ("correction", "file", "fires"),
    [
        ({"paths": ["data_items.0.label"]}, {}, True),
        ({"paths": ["retention"], "accepted_by": "dpd@caf.example", "accepted_on": "2023-05-01"}, {}, False),
        ({"paths": ["retention"], "accepted_by": "dpd@oullins.example", "accepted_on": "2023-05-01"}, {}, True),
        ({"paths": ["retention"], "accepted_by": "dpd@caf.example", "accepted_on": "2015-05-01"}, {}, True),
        ({"paths": ["retention"], "accepted_by": "dpd@caf.example", "accepted_on": None}, {}, True),
        ({"paths": ["title", "period.end"]}, {}, False),
        ({"paths": []}, {}, False),
        ({}, {}, False),
        ({"paths": ["channel"], "version": 2}, {"version": 3}, False),
        ({"paths": ["channel"], "version": 3}, {"version": 2}, True),
        ({"paths": ["channel"]}, {"state": "under_study"}, False),
    ],
)
def test_a_change_that_the_holders_dpo_has_not_accepted_asks_for_a_new_study(
    correction: dict[str, Any], file: dict[str, Any], fires: bool
) -> None:
    request = CASES["EX-2022-007"]["request"]
    document = {"request": request, "state": "active", "corrections": [correction], **file}
    assert ("CONV-13" in ids(document)) is fires


@given(documents.files)
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_reading_any_file_that_the_vocabulary_allows_is_total(document: dict[str, Any]) -> None:
    assert not violations("exchange_file", document)
    report = check_document(document, CONVENTION, TODAY)
    assert report.as_text()
    assert report.ignored == ()
