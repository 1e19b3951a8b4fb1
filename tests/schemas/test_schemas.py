"""The schemas themselves, and how documents are read against them; the reference implementation is the judge."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from registry.conformity import catalogue
from registry.ledger.openings import ERASED, join
from schemas import bundled, enumeration, label, names, schema, split, versioned, violations, vocabulary
from tests.registry.conformity import documents
from tests.world import reference

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


def _properties(described: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property of a schema, at any depth, lines of lists and freely named keys included."""
    for key, item in described.get("properties", {}).items():
        yield from _property(item, f"{path}/{key}")
    for alternative in described.get("oneOf", []):
        yield from _properties(alternative, path)


def _property(item: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, item
    yield from _properties(item, path)
    for below, step in (("items", "[]"), ("additionalProperties", "/*")):
        if isinstance(item.get(below), dict):
            yield from _property(item[below], path + step)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{3,}", text.lower()))


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
        helpful = _words(item["description"]) - _words(item["title"])
        assert len(helpful) >= 3, f"{name}{path}: {item['description']} only repeats its title"
        if item.get("type") in ("object", ["object", "null"]):
            assert "additionalProperties" in item, f"{name}{path}"


def test_enumerations_are_the_vocabulary_s() -> None:
    keys = vocabulary()["keys"]["request"]
    for path, item in _properties(schema("request")):
        if path.endswith("[]"):
            continue
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


@pytest.mark.parametrize(
    ("name", "group"), [("exchange_file", "file"), ("check", "check"), ("convention", "convention")]
)
def test_every_key_of_the_vocabulary_has_its_property(name: str, group: str) -> None:
    described = {path.removeprefix("/").replace("/", ".").replace("[]", "") for path, _ in _properties(bundled(name))}
    for key in vocabulary()["keys"][group]:
        plain = key.replace("[]", "").replace("study.*", "study.compliance")
        assert plain in described, key


def test_the_catalogue_is_valid_by_its_own_schema() -> None:
    for check in catalogue():
        assert violations("check", msgspec.to_builtins(check)) == []


@pytest.mark.parametrize("name", names())
def test_every_version_of_a_schema_can_be_read(name: str) -> None:
    latest = int(schema(name)["$id"].rpartition(":")[2])
    for version in range(1, latest + 1):
        assert schema(f"{name}:{version}")["$id"] == f"urn:ecluse:schema:{name}:{version}"
        Draft202012Validator.check_schema(bundled(f"{name}:{version}"))
    for version in ("0", str(latest + 1), "01", "../x"):
        with pytest.raises(KeyError):
            schema(f"{name}:{version}")
    assert versioned(name) == f"{name}:{latest}"


def test_a_document_of_an_old_version_is_read_by_that_version() -> None:
    document = reference("convention")
    facts, texts = split("convention:1", document)
    assert join(facts, texts) == document
    assert violations("convention:1", document) == violations("convention", document) == []
    newer = document | {"checks": {"settings": {"review_months": 6}}}
    assert violations("convention", newer) == []
    (found,) = violations("convention:1", newer)
    assert found.pointer == "/checks"


def test_every_keyword_of_our_schemas_has_its_own_sentence() -> None:
    from schemas.sentences import _SENTENCES

    told = set(_SENTENCES) | {"required", "additionalProperties", "oneOf"}
    silent = {"$schema", "$id", "$ref", "$defs", "title", "description", "examples", "properties", "items"}
    for name in names():
        for part in [bundled(name), *(item for _, item in _properties(bundled(name)))]:
            assert {key for key in part if not key.startswith("x-")} <= told | silent, name
