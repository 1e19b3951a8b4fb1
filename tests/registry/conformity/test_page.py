"""The documentation's page on checks: complete, up to date, and true by construction."""

from pathlib import Path

import pytest

from registry.conformity import catalogue, message
from registry.conformity.examples import BASE, example_findings
from registry.conformity.explanations import explanations
from registry.conformity.page import page
from tests.world import example

PAGE = Path(__file__).parents[3] / "docs" / "checks.md"


def test_every_check_is_explained_and_nothing_else_is() -> None:
    assert list(explanations()) == [check.id for check in catalogue()]
    for explained in explanations().values():
        assert explained.when.endswith(".")
        assert len(explained.when) > 20


@pytest.mark.parametrize("check", [check.id for check in catalogue()])
def test_the_example_of_a_check_makes_it_speak_with_every_word_filled(check: str) -> None:
    found = example_findings(check)
    assert {finding.id for finding in found} == {check}
    assert all("à préciser" not in message(finding) for finding in found)


def test_the_base_of_the_examples_speaks_of_four_checks_only() -> None:
    unchanged = {check for check, explained in explanations().items() if not explained.change and not explained.moment}
    findings = {finding["id"] for finding in example(BASE)["expected_findings"]}
    assert unchanged - {"CONV-13", "CYC-06"} == findings


def test_the_committed_page_is_the_one_the_catalogue_gives() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/checks.md is out of date: make docs"
