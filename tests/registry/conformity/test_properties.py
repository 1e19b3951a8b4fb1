"""What holds of any document: evaluating is total, deterministic, ordered, and each check reads its own keys only."""

import copy
import json
import random
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.conformity import (
    Finding,
    People,
    catalogue,
    check_change,
    check_convention,
    check_life,
    check_request,
    check_transition,
    message,
    pending,
    proposed,
    registered,
)
from registry.conformity.offline import check_document
from schemas import bundled, violations, vocabulary
from tests.registry.conformity import documents
from tests.registry.conformity.cases import MOMENTS, PHASE, put, situation, tables
from tests.registry.conformity.triggers import mentions, mentions_of_file
from tests.world import reference

ALL = [check.id for check in catalogue()]
RANKS = ["blocking", "warning", "information"]
TODAY = date(2023, 6, 1)
EASY = settings(deadline=None, suppress_health_check=list(HealthCheck))
RECORDS = {"oullins": {"purposes": ["x"]}, "caf-rhone": None}


CASES = [(check, change) for check, rows in tables().items() for change, _ in rows]


def everything(
    file: dict[str, Any], convention: dict[str, Any], today: date, roles: dict[str, Any]
) -> list[list[Finding]]:
    """The findings of every phase and every moment."""
    people = People(roles)
    return [
        check_request(file, convention, today),
        check_request(file, convention, today, activation=True),
        *(check_transition(m, file, convention, today, people=people, registers=RECORDS) for m in MOMENTS),
        check_life(file, convention, today),
        check_convention(2, convention, today),
        check_change(file, ["channel.kind", "title"], ["Canal"], convention),
    ]


days = st.sampled_from([date.min, date.max, TODAY]) | st.dates()


@given(documents.files, documents.conventions, days, documents.roles)
@settings(EASY, max_examples=200)
def test_evaluating_is_total_sorted_and_the_same_each_time(
    file: dict[str, Any], convention: dict[str, Any], today: date, roles: dict[str, Any]
) -> None:
    assert not violations("request", file["request"])
    assert not violations("convention", convention)
    before = copy.deepcopy((file, convention))
    found = everything(file, convention, today, roles)
    assert found == everything(file, convention, today, roles)
    assert before == (file, convention)
    for findings in found:
        assert all(message(finding) for finding in findings)
        ranked = [(RANKS.index(finding.severity), finding.id) for finding in findings]
        assert ranked == sorted(ranked)
    assert pending(file) is not None
    assert not violations("request", proposed(file["request"], convention))


def _dated(value: Any, day: str) -> Any:
    """The same document, each of its dates replaced by one."""
    if isinstance(value, dict):
        return {key: _dated(child, day) for key, child in value.items()}
    if isinstance(value, list):
        return [_dated(item, day) for item in value]
    return day if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) else value


@pytest.mark.parametrize("today", [date.min, date.max])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", None])
def test_evaluating_is_total_at_both_ends_of_the_calendar(today: date, day: str | None) -> None:
    for check, change in CASES:
        here = situation(check, change)
        file, convention = (_dated(part, day) if day else part for part in (here.file, here.convention))
        for one in file.get("information_requests") or []:
            one["requested_on"] = "9999-12-31"
        if here.file.get("state"):
            found = everything(file, convention, today, {})
            assert all(message(finding) for findings in found for finding in findings)


@given(documents.files, documents.conventions, days, st.booleans())
@settings(EASY, max_examples=120)
def test_checking_offline_is_total(file: dict[str, Any], convention: dict[str, Any], today: date, bare: bool) -> None:
    report = check_document(file["request"] if bare else file, convention, today)
    shown = report.as_json()["findings"]
    assert [f["id"] for f in shown] == [f.id for f in report.findings]
    assert json.loads(json.dumps(shown)) == shown
    assert report.as_text()
    assert report.blocks or not [f for f in shown if f["severity"] == "blocking" and f["confidence"] != "to_check"]


def _shuffled(value: Any, chance: random.Random) -> Any:
    """The same JSON document, the keys of its objects in another order."""
    if isinstance(value, dict):
        keys = chance.sample(list(value), len(value))
        return {key: _shuffled(value[key], chance) for key in keys}
    return [_shuffled(item, chance) for item in value] if isinstance(value, list) else value


@given(documents.files, documents.conventions, documents.roles, st.randoms(use_true_random=False))
@settings(EASY, max_examples=60)
def test_neither_the_order_of_keys_nor_that_of_checks_changes_the_findings(
    file: dict[str, Any], convention: dict[str, Any], roles: dict[str, Any], chance: random.Random
) -> None:
    before = everything(file, convention, TODAY, roles)
    lists: list[list[Any]] = [registered.ANY, registered.PERSONAL, registered.LIFE, *registered.TRANSITIONS.values()]
    kept = [list(one) for one in lists]
    try:
        for one in lists:
            chance.shuffle(one)
        assert everything(_shuffled(file, chance), _shuffled(convention, chance), TODAY, roles) == before
    finally:
        for one, order in zip(lists, kept, strict=True):
            one[:] = order


@given(documents.requests, st.randoms(use_true_random=False))
@settings(EASY, max_examples=60)
def test_the_order_of_items_does_not_change_what_is_found(request: dict[str, Any], chance: random.Random) -> None:
    mixed = copy.deepcopy(request)
    for value in mixed.values():
        if isinstance(value, list):
            chance.shuffle(value)
    ids = [{f.id for f in check_request({"request": one}, reference("convention"), TODAY)} for one in (request, mixed)]
    assert ids[0] == ids[1]


KEYS = {path: described for path, described in vocabulary()["keys"]["request"].items() if described["type"] != "object"}


def _schema(path: str) -> dict[str, Any]:
    here: dict[str, Any] = bundled("request")
    for step in path.split("."):
        here = here["properties"][step.removesuffix("[]")]
        if step.endswith("[]") and not path.endswith("[]"):
            here = here["items"]
    return here


VALUES = {path: documents.of_schema(_schema(path)) for path in KEYS}


def _change(request: dict[str, Any], path: str, value: Any, index: int) -> None:
    head, inside, leaf = path.partition("[].")
    if not inside:
        put(request, path.removesuffix("[]"), value)
    elif request.get(head):
        put(request[head][index % len(request[head])], leaf, value)


def _answers(found: list[Finding]) -> dict[str, list[tuple[Any, ...]]]:
    answers: dict[str, list[tuple[Any, ...]]] = {check: [] for check in ALL}
    for finding in found:
        answers[finding.id].append((finding.severity, finding.pointers, finding.subject))
    return answers


def _unchanged(before: list[Finding], after: list[Finding], mentioned: set[str], what: str) -> None:
    then, now = _answers(before), _answers(after)
    assert not {c for c in ALL if then[c] != now[c]} - mentioned, what


@given(st.sampled_from(CASES), st.sampled_from(sorted(KEYS)), st.integers(0, 5), st.booleans(), st.data())
@settings(EASY, max_examples=1000)
def test_a_key_that_a_check_does_not_mention_never_changes_its_answer(
    case: tuple[str, dict[str, Any]], path: str, index: int, activation: bool, data: st.DataObject
) -> None:
    here = situation(*case)
    here.activation, here.moment = activation, data.draw(st.sampled_from(MOMENTS))
    phases = (here.at_request, here.at_transition, here.in_life)
    before = [finding for phase in phases for finding in phase()]
    _change(here.request, path, data.draw(VALUES[path]), index)
    after = [finding for phase in phases for finding in phase()]
    _unchanged(before, after, {check for check in ALL if mentions(check, path)}, path)


FILE_KEYS = sorted({path.partition(".")[0].removesuffix("[]") for path in vocabulary()["keys"]["file"]} - {"request"})


@given(st.sampled_from(CASES), documents.around, st.sampled_from(FILE_KEYS), st.booleans(), st.data())
@settings(EASY, max_examples=500)
def test_a_key_of_the_file_that_a_check_does_not_mention_never_changes_its_answer(
    case: tuple[str, dict[str, Any]], around: dict[str, Any], key: str, activation: bool, data: st.DataObject
) -> None:
    here = situation(*case)
    here.activation, here.moment = activation, data.draw(st.sampled_from(MOMENTS))
    phases = (here.at_request, here.at_transition, here.in_life)
    before = [finding for phase in phases for finding in phase()]
    here.file[key] = around.get(key)
    after = [finding for phase in phases for finding in phase()]
    hidden = {check for check in ALL if key == "stages" and PHASE[check] == "request"}
    _unchanged(before, after, hidden | {check for check in ALL if mentions_of_file(check, key)}, key)
