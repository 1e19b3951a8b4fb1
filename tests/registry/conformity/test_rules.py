"""What a convention may change in the catalogue, and that every check reads it."""

import copy
from datetime import date
from typing import Any

import pytest

from registry.conformity import (
    Finding,
    adjusted,
    catalogue,
    check_life,
    check_of,
    check_request,
    described,
    message,
    misadjusted,
    rules_of,
    rules_version,
)
from registry.conformity.rules import thresholds
from registry.conformity.wording import placeholders
from schemas import violations, vocabulary
from tests.world import example, reference

TODAY = date(2023, 6, 1)


def convention(revision: int | None = None, **checks: Any) -> dict[str, Any]:
    found = reference("convention") | {"checks": checks}
    return found | ({"checks_revision": revision} if revision else {})


def findings(document: dict[str, Any], agreed: dict[str, Any]) -> dict[str, Finding]:
    return {f.id: f for f in check_request({"request": document}, agreed, TODAY)}


def test_a_threshold_of_the_convention_is_the_one_read_and_the_one_said() -> None:
    document = example("EX-2022-007")["request"]
    assert "CONS-02" not in findings(document, reference("convention"))
    found = findings(document, convention(settings={"retention_months": 6}))["CONS-02"]
    assert message(found).startswith("Une durée supérieure à 6 mois doit être justifiée (12 mois demandés")


@pytest.mark.parametrize("name", [n for n, t in thresholds().items() if t.messages])
def test_a_sentence_that_names_a_threshold_names_the_one_that_applies(name: str) -> None:
    threshold = thresholds()[name]
    value = threshold.minimum if threshold.minimum != vocabulary()["settings"][name]["value"] else threshold.maximum
    rules = rules_of(convention(settings={name: value}))
    for check in threshold.messages:
        assert name in placeholders(rules.checks[check].message)
        assert set(placeholders(check_of(check).message)) <= set(placeholders(rules.checks[check].message))


def test_a_threshold_with_decimals_is_written_as_a_text() -> None:
    file = {
        "request": example("EX-2022-007")["request"] | {"exchange_mode": "transmission", "frequency": "monthly"},
        "state": "active",
        "last_flow_on": "2023-04-20",
    }
    quiet = {f.id for f in check_life(file, reference("convention"), TODAY)}
    told = {f.id for f in check_life(file, convention(settings={"inactivity_periods": "1.25"}), TODAY)}
    assert told - quiet == {"CYC-05"}
    assert not violations("check_adjustments", {"settings": {"inactivity_periods": "1.25"}})


def test_a_message_of_the_convention_replaces_the_catalogue_s_in_every_phase() -> None:
    agreed = convention(
        messages={"LIC-05": "{requester} doit dire sa base.", "CYC-03": "Revue en retard ({days_overdue} j)."}
    )
    document = example("EX-2022-007")["request"]
    document["legal_basis"]["article_6"] = None
    assert message(findings(document, agreed)["LIC-05"]) == "Commune d'Oullins doit dire sa base."
    file = {"request": document, "state": "active", "next_review_on": "2023-05-30"}
    (late,) = (f for f in check_life(file, agreed, TODAY) if f.id == "CYC-03")
    assert message(late) == "Revue en retard (2 j)."


def test_a_severity_is_shown_under_the_convention_s_name_and_still_blocks() -> None:
    agreed = convention(severity_labels={"blocking": "À régler d'abord"})
    document = example("EX-2022-007")["request"]
    document["legal_basis"]["article_6"] = None
    found = findings(document, agreed)["LIC-05"]
    assert described(found, rules_of(agreed))["severity_label"] == "À régler d'abord"
    assert (found.severity, found.blocks) == ("blocking", True)


def test_the_version_of_the_rules_names_the_catalogue_and_the_convention_s_revision() -> None:
    assert rules_of(reference("convention")).version == rules_version()
    assert rules_of(convention(settings={"review_months": 6})).version == f"{rules_version()}+1"
    assert rules_of(convention(4, settings={"review_months": 6})).version == f"{rules_version()}+4"


def test_a_change_adds_to_what_was_changed_and_null_takes_it_back() -> None:
    once = adjusted(None, {"settings": {"review_months": 6}, "messages": {"LIC-05": "Dites la base."}})
    twice = adjusted(once, {"settings": {"filing_gap_days": 10}, "messages": {"LIC-05": None}})
    assert twice == {"settings": {"review_months": 6, "filing_gap_days": 10}}
    assert adjusted(twice, {"settings": {"review_months": None, "filing_gap_days": None}}) == {}


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"messages": {"LIC-99": "Bonjour."}}, "/messages/LIC-99", "Contrôle inconnu"),
        ({"messages": {"LIC-05": "Voir {inconnu}."}}, "/messages/LIC-05", "Repère inconnu"),
        ({"messages": {"LIC-05": "Voir {data_items}."}}, "/messages/LIC-05", "Repère inconnu"),
        ({"messages": {"LIC-05": "Voir {holder.__class__}."}}, "/messages/LIC-05", "accolade"),
        ({"messages": {"LIC-05": "Voir {holder!r}."}}, "/messages/LIC-05", "accolade"),
        ({"messages": {"LIC-05": "Voir {holder:>9999}."}}, "/messages/LIC-05", "accolade"),
        ({"messages": {"LIC-05": "Voir {."}}, "/messages/LIC-05", "accolade"),
        ({"messages": {"LIC-05": "Voir {}."}}, "/messages/LIC-05", "accolade"),
        ({"settings": {"article_14_days": 31}}, "/settings/article_14_days", "RGPD art. 14(3)"),
        ({"settings": {"dpia_criteria": 3}}, "/settings/dpia_criteria", "CNIL"),
        ({"settings": {"proactive_retention_months": 13}}, "/settings/proactive_retention_months", "CRPA"),
        ({"settings": {"log_retention_months": 35}}, "/settings/log_retention_months", "CRPA"),
        ({"settings": {"minimum_cell_size": 1}}, "/settings/minimum_cell_size", "entre 2"),
    ],
)
def test_what_a_convention_may_not_change_is_refused_where_it_stands(
    change: dict[str, Any], pointer: str, words: str
) -> None:
    ((found, sentence),) = misadjusted(change)
    assert found == pointer
    assert words in sentence


@pytest.mark.parametrize(
    "change", [{"settings": {"max_data_itmes": 3}}, {"severity": {}}, {"settings": {"review_months": 1.5}}]
)
def test_an_unknown_threshold_is_refused_by_the_schema(change: dict[str, Any]) -> None:
    (found,) = violations("check_adjustments", change)
    assert found.message.endswith((".", "?"))


def test_every_default_stands_within_its_bounds_and_every_default_sentence_is_admitted() -> None:
    defaults = {name: described["value"] for name, described in vocabulary()["settings"].items()}
    assert set(thresholds()) == set(defaults)
    for name, value in defaults.items():
        assert thresholds()[name].minimum <= value <= thresholds()[name].maximum
    assert not list(misadjusted({"messages": {check.id: check.message for check in catalogue()}}))
    sentences = {check: text for t in thresholds().values() for check, text in t.messages.items()}
    assert not list(misadjusted({"messages": sentences}))


def test_a_convention_document_is_not_changed_by_reading_it() -> None:
    agreed = convention(settings={"retention_months": 6})
    before = copy.deepcopy(agreed)
    findings(example("EX-2023-009")["request"], agreed)
    assert agreed == before


def test_what_a_jurist_has_still_to_check_never_blocks() -> None:
    import msgspec

    doubtful = msgspec.structs.replace(check_of("LIC-05"), confidence="to_check")
    assert Finding(check_of("LIC-05")).blocks
    assert not Finding(doubtful).blocks
    assert described(Finding(doubtful), rules_of({}))["confidence_label"] == "À vérifier"


def test_a_finding_proposes_what_could_be_done_instead_where_the_holder_can_do_it() -> None:
    document = example("EX-2023-009")["request"]
    found = findings(document, reference("convention"))
    assert [a.kind for a in found["SEC-06"].alternatives] == ["api_particulier", "cdap"]
    assert [a.kind for a in found["MIN-06"].alternatives] == ["holder_mailing", "aggregated_table"]
    assert found["LIC-01"].alternatives == ()
    document |= {"holder": "oullins", "requester": "caf-rhone"}
    held_by_a_town = findings(document, reference("convention"))
    assert held_by_a_town["SEC-01"].alternatives == ()
    assert held_by_a_town["MIN-06"].alternatives
