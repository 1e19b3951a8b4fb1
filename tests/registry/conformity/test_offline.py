"""`ecluse check`: a bare request or an exchange file, read without a database, and the code it answers."""

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from registry.conformity import catalogue
from registry.conformity.offline import Report, Unreadable, check_document
from server.cli.main import main
from tests.registry.conformity.cases import EXCHANGE, PHASE, REQUESTS, Change, expected_to_fire, situation, tables
from tests.world import reference

TODAY = date(2023, 6, 1)
CASES = reference("requests")["requests"]
WORST = "EX-2023-009"


def _report(document: Any, today: date = TODAY, convention: dict[str, Any] | None = None) -> Report:
    return check_document(document, convention or reference("convention"), today)


def _ids(report: Report) -> list[str]:
    return [finding.id for finding in report.findings]


def _active(name: str = WORST, **keys: Any) -> dict[str, Any]:
    return {"request": REQUESTS[name], "state": "active", **keys}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["request"]["reference"])
def test_a_reference_request_has_its_findings_bare_and_in_a_file(case: dict[str, Any]) -> None:
    expected = {(finding["id"], finding["severity"]) for finding in case["expected_findings"]}
    for document in (case["request"], {"request": case["request"]}, {"request": case["request"], "stages": None}):
        assert {(f.id, f.severity) for f in _report(document).findings} == expected


ROWS = [
    (check, change, fires)
    for check, rows in tables().items()
    for change, fires in [(row[0], expected_to_fire(check, row)) for row in rows]
    if PHASE[check] == "request" and not {"@settings", "@activation"} & set(change)
]


def test_a_document_offline_has_the_findings_that_the_catalogue_says() -> None:
    for check, change, fires in ROWS:
        here = situation(check, change)
        beside = {key: value for key, value in here.file.items() if key != "request"}
        report = _report(here.file if beside else here.request, here.today, here.convention)
        assert (check in _ids(report)) is fires, (check, change)


LIFE: list[tuple[str, Change]] = [
    (check, row[0])
    for check, rows in tables().items()
    for row in rows
    if PHASE[check] == "life" and check not in {"CYC-06", "CONV-13"} and "@settings" not in row[0]
]


def test_the_life_of_an_exchange_is_read_from_its_file() -> None:
    for check, change in LIFE:
        here = situation(check, change)
        fires = any(f.id == check for f in here.in_life())
        assert (check in _ids(_report(here.file, here.today, here.convention))) is fires, (check, change)


def test_findings_are_sorted_by_severity_then_id_over_all_phases() -> None:
    report = _report(_active(next_review_on="2020-01-01", information_requests=[]), date(2026, 2, 2))
    found = [(f.severity, f.id) for f in report.findings]
    ranks = ["blocking", "warning", "information"]
    assert found == sorted(found, key=lambda one: (ranks.index(one[0]), one[1]))
    assert {"CONV-14", "CYC-03", "CYC-06", "REG-02", "AIPD-01", "SEC-06"} <= {i for _, i in found}


def test_without_a_state_nothing_is_said_of_its_life() -> None:
    file = {**copy.deepcopy(EXCHANGE), "request": REQUESTS[WORST], "next_review_on": "2020-01-01"}
    del file["state"]
    assert {PHASE[i] for i in _ids(_report(file, date(2030, 1, 1)))} == {"request"}


def test_transitions_are_not_read_from_a_file_alone() -> None:
    file = _active(decision={"value": "approved"}, opinion=None, study=None, closure_certificate=None)
    assert "transition" not in {PHASE[i] for i in _ids(_report(file))}


@pytest.mark.parametrize(("today", "state", "fires"), [
    (date(2025, 6, 30), "active", False), (date(2025, 7, 1), "active", True), (date(2025, 7, 1), "suspended", False),
])  # fmt: skip
def test_the_term_of_the_convention_is_announced_on_an_active_file(today: date, state: str, fires: bool) -> None:
    assert ("CYC-06" in _ids(_report({"request": REQUESTS[WORST], "state": state}, today))) is fires


def test_pointers_lead_into_the_document_given() -> None:
    for document, root in ((REQUESTS[WORST], ""), ({"request": REQUESTS[WORST]}, "/request")):
        for finding in _report(document).as_json()["findings"]:
            assert finding["pointer"].startswith(f"{root}/")
            here: Any = document
            for step in finding["pointer"].strip("/").split("/"):
                here = here[int(step)] if isinstance(here, list) else here[step]


def test_each_finding_says_what_the_catalogue_says_of_it() -> None:
    described = {check.id: check for check in catalogue()}
    report = _report(REQUESTS[WORST]).as_json()
    assert report["rules_version"] == "1.1"
    for finding in report["findings"]:
        check = described[finding["id"]]
        assert (finding["severity"], finding["source"]) == (check.severity, check.source)
        assert finding["message"]


def test_a_stage_not_answered_yet_is_silent() -> None:
    stages = [{"stage": "filing"}]
    shown = _ids(_report({"request": REQUESTS[WORST], "stages": stages}))
    assert shown
    assert {check.stage for check in catalogue() if check.id in shown} == {"filing"}
    assert _ids(_report({"request": REQUESTS[WORST], "stages": []})) == []


@pytest.mark.parametrize("document", [
    [], "x", None, 3, {"request": None}, {"request": []}, {"purpose": {}}, {"request": {"purposes": "x"}},
    {"data_items": [None]}, {"requested_on": "2023-02-30"},
])  # fmt: skip
def test_what_is_no_request_is_refused_in_a_sentence(document: Any) -> None:
    with pytest.raises(Unreadable) as refused:
        _report(document)
    assert str(refused.value)


def test_an_empty_document_is_a_request_not_begun() -> None:
    found = _ids(_report({}))
    assert {"CONV-02", "CONV-04", "CONV-07", "FIN-01", "LIC-05", "INFO-01", "CONS-01", "ROL-01", "ROL-06"} <= set(found)


def _run(tmp_path: Path, document: Any, *options: str) -> int:
    path = tmp_path / "X.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["check", str(path), *options])
    return int(ended.value.code or 0)


def _printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [finding["id"] for finding in json.loads(capsys.readouterr().out)["findings"]]


def test_the_command_answers_0_when_nothing_blocks_and_1_when_something_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for case in CASES:
        blocks = any(finding["severity"] == "blocking" for finding in case["expected_findings"])
        assert _run(tmp_path, case["request"], "--json") == int(blocks)
        assert set(_printed(capsys)) == {finding["id"] for finding in case["expected_findings"]}


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"request": 3}', '{"nowhere": 1}', ""])
def test_the_command_answers_2_to_what_it_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert _run(tmp_path, text) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert said.err.strip()


def test_the_command_reads_the_day_and_the_convention_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = _active("EX-2022-007", framework=None, next_review_on="2025-08-01", controllers=["oullins"],
                   register_confirmations=[{"party": "oullins", "version": 1, "confirmed_on": "2024-01-01"}])  # fmt: skip
    calm = ["AIPD-03", "CRPA-01", "CRPA-05", "ENF-01"]
    assert _run(tmp_path, file, "--json", "--today", "2025-06-30") == 0
    assert _printed(capsys) == calm
    assert _run(tmp_path, file, "--json", "--today", "2026-01-01") == 0
    assert _printed(capsys) == ["CONV-14", "CYC-03", "CYC-06", *calm]
    ended = tmp_path / "convention.json"
    ended.write_text(json.dumps({**reference("convention"), "terminated_on": "2025-06-30"}), encoding="utf-8")
    assert _run(tmp_path, file, "--json", "--today", "2025-06-30", "--convention", str(ended)) == 1
    assert _printed(capsys) == ["CONV-03", "CONV-02", "CYC-06", *calm]
    ended.write_text("{}", encoding="utf-8")
    assert _run(tmp_path, file, "--convention", str(ended)) == 2
