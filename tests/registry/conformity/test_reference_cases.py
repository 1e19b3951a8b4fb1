"""The shared cases and mutations, and what must hold of every check."""

import copy
from datetime import date
from typing import Any

import pytest

from registry.conformity import catalogue, check_request, pending, proposed
from registry.conformity.registered import ANY, LIFE, PERSONAL, TRANSITIONS
from tests.world import reference

TODAY = date(2026, 11, 24)
CASES = {case["request"]["reference"]: case for case in reference("requests")["requests"]}


def _found(file: dict[str, Any], convention: dict[str, Any]) -> set[tuple[str, str]]:
    return {(finding.id, finding.severity) for finding in check_request(file, convention, TODAY)}


@pytest.mark.parametrize("name", CASES)
def test_a_reference_request_has_its_expected_findings(name: str) -> None:
    case = CASES[name]
    expected = {(finding["id"], finding["severity"]) for finding in case["expected_findings"]}
    assert _found({"request": case["request"]}, reference("convention")) == expected


@pytest.mark.parametrize("mutation", reference("requests")["mutations"], ids=lambda m: m["check"])
def test_a_mutation_makes_findings_appear_and_disappear(mutation: dict[str, Any]) -> None:
    base = CASES[mutation["base"]]["request"]
    before = {i for i, _ in _found({"request": base}, reference("convention"))}
    file: dict[str, Any] = {"request": copy.deepcopy(base)}
    convention = reference("convention")
    for path, value in mutation["change"].items():
        root, _, rest = path.removeprefix("@").partition(".")
        if path.startswith("@file."):
            file[rest] = value
        elif path.startswith("@convention."):
            _set(convention, rest, value)
        elif path.startswith("@"):
            _set(next(p for p in convention["parties"] if p["id"] == base[root]), rest, value)
        else:
            _set(file["request"], path, value)
    after = {i for i, _ in _found(file, convention)}
    assert (after - before, before - after) == (set(mutation["appeared"]), set(mutation["disappeared"]))


def _set(here: Any, path: str, value: Any) -> None:
    *steps, last = path.split(".")
    for step in steps:
        here = here[int(step)] if isinstance(here, list) else here[step]
    here[int(last) if isinstance(here, list) else last] = value


def test_every_check_of_the_catalogue_has_its_function() -> None:
    functions = {entry[0] for entry in (*ANY, *PERSONAL)} | {entry[0] for entry in LIFE}
    functions |= {entry[0] for entries in TRANSITIONS.values() for entry in entries}
    # Read once per change and once per convention, by functions of their own.
    assert functions | {"CONV-13", "CYC-06"} == {check.id for check in catalogue()}


def test_a_check_speaks_only_once_its_stage_is_answered() -> None:
    request = CASES["EX-2023-009"]["request"]
    stages = {check.id: check.stage for check in catalogue()}
    filing = {"request": request, "stages": [{"stage": "filing"}]}
    shown = {finding.id for finding in check_request(filing, reference("convention"), TODAY)}
    assert shown
    assert {stages[i] for i in shown} == {"filing"}
    assert {stages[i] for i in pending(filing)} == {"requester_dpo", "holder"}
    assert pending({"request": request}) == []


def test_derived_keys_are_proposed_and_never_replace_an_answer() -> None:
    request: dict[str, Any] = {
        "holder": "caf-rhone",
        "data_items": [
            {"label": "NIR", "cnil_category": "nir"},
            {"label": "x", "cnil_category": "health", "nir": True},
        ],
        "processors": [{"name": "A", "country": "US"}, {"name": "B", "country": "fr"}],
        "legal_basis": {"secrecy": {"lifted_by": None}},
        "origin": {"reuse": False},
        "dpia": {"criteria": None},
    }
    done = proposed(request, reference("convention"))
    assert [(i["nir"], i["article_9"], i["article_10"]) for i in done["data_items"]] == [
        (True, None, False), (True, "health", False),
    ]  # fmt: skip
    assert done["transfers"] == [{"recipient": "A", "country": "US", "safeguard": None}]
    assert done["legal_basis"]["secrecy"]["covered"] is True
    assert done["origin"]["reuse"] is False
    assert done["controllership"] == "separate"
    assert done["dpia"]["criteria"] == ["sensitive_or_highly_personal_data"]
