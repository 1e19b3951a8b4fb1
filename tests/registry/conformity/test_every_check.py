"""What holds of every check, read over all the cases of all families."""

import re
from typing import Any

import pytest

from registry.conformity import catalogue, check_of, message, pending
from tests.registry.conformity.cases import MOMENTS, Row, expected_to_fire, situation, tables
from tests.registry.conformity.triggers import ANY, REQUEST_CHECKS, TRANSITION_CHECKS, mentions, moments

TABLES = tables()
ALL = [check.id for check in catalogue()]
STAGES = ("filing", "requester_dpo", "holder")


def firing(check: str) -> list[Row]:
    return [row for row in TABLES[check] if expected_to_fire(check, row)]


def found(check: str, change: dict[str, Any], **file: Any) -> list[Any]:
    here = situation(check, change)
    here.file |= file
    return [finding for finding in here.read(check) if finding.id == check]


def test_every_check_of_the_catalogue_has_its_cases() -> None:
    assert set(TABLES) == set(ALL)


def test_the_exchange_that_cases_start_from_is_silent() -> None:
    """Else a case that says « nothing moves » would prove nothing."""
    assert situation("CYC-03", {}).in_life() == []
    for moment in MOMENTS:
        assert situation("CYC-01", {"@moment": moment}).at_transition() == []


@pytest.mark.parametrize("check", ALL)
def test_every_check_has_a_case_that_fires_and_one_that_does_not(check: str) -> None:
    assert firing(check)
    assert len(firing(check)) < len(TABLES[check])


@pytest.mark.parametrize("check", REQUEST_CHECKS)
def test_a_check_speaks_once_its_stage_is_answered_and_is_to_complete_before(check: str) -> None:
    own = check_of(check).stage
    others = [{"stage": stage} for stage in STAGES if stage != own]
    for change, _ in firing(check):
        request = situation(check, change).request
        assert found(check, change, stages=[{"stage": own}])
        assert not found(check, change, stages=[])
        assert not found(check, change, stages=others)
        assert check in pending({"request": request, "stages": others})
        assert check not in pending({"request": request, "stages": [{"stage": own}]})
        assert pending({"request": request}) == []


@pytest.mark.parametrize("check", [c for c in REQUEST_CHECKS if not mentions(c, "data_nature") or c == "ALT-01"])
def test_a_check_of_any_data_nature_fires_whatever_the_nature(check: str) -> None:
    natures = ("non_personal", "aggregated", "anonymous", "pseudonymised", "identifying", None)
    speaks = check_of(check).trigger.startswith(ANY)
    for change, _ in firing(check):
        for nature in natures:
            personal = nature not in {"non_personal", "aggregated", "anonymous"}
            assert bool(found(check, {**change, "data_nature": nature})) is (speaks or personal)


@pytest.mark.parametrize("check", [c for c in REQUEST_CHECKS if not check_of(c).trigger.startswith(ANY)])
@pytest.mark.parametrize("nature", ["non_personal", "aggregated", "anonymous"])
def test_a_check_of_personal_data_is_silent_on_other_data(check: str, nature: str) -> None:
    for change, _ in firing(check):
        assert not found(check, {**change, "data_nature": nature})


@pytest.mark.parametrize("check", TRANSITION_CHECKS)
def test_a_transition_check_is_read_at_its_transitions_and_at_no_other(check: str) -> None:
    spoken = {m for change, _ in firing(check) for m in MOMENTS if found(check, {**change, "@moment": m})}
    assert spoken == moments(check)


@pytest.mark.parametrize("check", ALL)
def test_a_finding_is_the_catalogues_and_its_message_is_complete(check: str) -> None:
    for change, _ in firing(check):
        for finding in found(check, change):
            assert finding.severity == check_of(check).severity
            sentence = message(finding)
            assert not re.search(r"[{}…]|None|« *»", sentence.replace(_typed(change), "")), sentence


def _typed(change: dict[str, Any]) -> str:
    main = change.get("purposes.main")
    return main if isinstance(main, str) and "…" in main else "\x00"


@pytest.mark.parametrize("check", REQUEST_CHECKS)
def test_pointers_lead_to_keys_that_the_trigger_mentions(check: str) -> None:
    for change, _ in firing(check):
        for finding in found(check, change):
            assert finding.pointers
            for pointer in finding.pointers:
                assert _leads_to_a_mentioned_key(check, pointer), pointer


def _leads_to_a_mentioned_key(check: str, pointer: str) -> bool:
    """« /data_items/3/label » is the key data_items[].label; « /data_items/3 » is the item itself."""
    path = re.sub(r"/\d+", "[]", pointer).strip("/").replace("/", ".")
    return mentions(check, path) or (path == "requested_on" and "filing date" in check_of(check).trigger)
