"""The schemas themselves, and how documents are read against them; the reference implementation is the judge."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from registry.ledger.openings import ERASED, join
from schemas import bundled, enumeration, label, names, schema, split, violations, vocabulary
from tests.registry.conformity import documents
from tests.world import reference

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


def _properties(described: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for key, item in described.get("properties", {}).items():
        yield f"{path}/{key}", item
        yield from _properties(item, f"{path}/{key}")
        if isinstance(item.get("items"), dict):
            yield from _properties(item["items"], f"{path}/{key}[]")
    for alternative in described.get("oneOf", []):
        yield from _properties(alternative, path)


@pytest.mark.parametrize("name", names())
def test_a_schema_is_valid_closed_and_described_in_french(name: str) -> None:
    Draft202012Validator.check_schema(bundled(name))
    described = schema(name)
    assert described["$schema"].endswith("2020-12/schema")
    assert described["$id"].startswith(f"urn:ecluse:schema:{name}:")
    assert described["title"]
    assert described["description"].endswith(".")
    for path, item in _properties(described):
        if "$ref" in item and len(item) == 1:
            continue
        assert item.get("title"), f"{name}{path}"
        assert item.get("description", "").endswith((".", "?")), f"{name}{path}: {item.get('description')}"
        if item.get("type") in ("object", ["object", "null"]):
            assert "additionalProperties" in item, f"{name}{path}"


def test_enumerations_are_the_vocabulary_s() -> None:
    keys = vocabulary()["keys"]["request"]
    for path, item in _properties(schema("request")):
        key = path.removeprefix("/").replace("/", ".")
        described = keys.get(key) or keys.get(f"{key}[]")
        assert described, key
        if described["type"] == "enumeration":
            found = item.get("enum") or item["items"]["enum"]
            assert [value for value in found if value is not None] == enumeration(described["enumeration"])
        assert item.get("x-stage") == described["stage"]
    for name in ("opinion", "decision", "study_part"):
        assert violations(name, {"value": "inconnu", "conclusion": "inconnu", "text": "x"})


def test_the_reference_convention_and_requests_are_valid_unchanged() -> None:
    assert violations("convention", reference("convention")) == []
    for case in reference("requests")["requests"]:
        assert violations("request", case["request"]) == []


def test_a_draft_may_be_half_filled() -> None:
    assert violations("request", {}) == []
    assert violations("request", {"title": None, "purposes": {"main": None}, "data_items": [{"label": "QF"}]}) == []


@pytest.mark.parametrize(
    ("name", "document", "pointer", "words"),
    [
        ("request", {"volume": []}, "/volume", "objet"),
        ("request", {"frequency": "parfois"}, "/frequency", "parfois"),
        ("request", {"holdre": "x"}, "/holdre", "holder"),
        ("request", {"period": {"start": "2023-02-30"}}, "/period/start", "date"),
        ("request", {"volume": {"count": -1}}, "/volume/count", "0"),
        ("request", {"title": "x" * 9000}, "/title", "500"),
        ("request", {"data_items": [{}] * 501}, "/data_items", "5"),
        ("opinion", {"value": "favourable"}, "/text", "obligatoire"),
        ("opinion", {"value": "favourable", "text": "  "}, "/text", "vide"),
        ("correction", {"accepted": True}, "/version", "obligatoire"),
        ("request", {"title": "a\x00b"}, "/title", "caractère"),
        ("request", {"volume": {"count": 2**53}}, "/volume/count", "grand"),
    ],
)
def test_a_violation_is_pointed_at_and_said_in_french(name: str, document: Any, pointer: str, words: str) -> None:
    (found,) = violations(name, document)
    assert found.pointer == pointer
    assert words in found.message
    assert found.message.endswith((".", "?"))


@given(st.sampled_from(names()), anything)
@settings(max_examples=300, deadline=None)
def test_reading_any_json_is_total(name: str, document: Any) -> None:
    for found in violations(name, document):
        assert found.message


@given(documents.requests | anything)
@settings(max_examples=200, deadline=None)
def test_the_reference_implementation_agrees(document: Any) -> None:
    if not violations("request", document):
        judge = Draft202012Validator(bundled("request"), format_checker=Draft202012Validator.FORMAT_CHECKER)
        assert judge.is_valid(document)


@given(documents.requests)
@settings(max_examples=200, deadline=None)
def test_a_document_is_its_facts_and_its_texts(document: Any) -> None:
    facts, texts = split("request", document)
    assert join(facts, texts) == document
    erased = join(facts, None)
    assert split("request", erased)[0] == facts
    assert set(split("request", erased)[1]) <= {ERASED}


def test_labels_are_french_and_an_unknown_id_is_its_own() -> None:
    assert label("state", "under_study") == "En étude"
    assert label("state", "inconnu") == "inconnu"
