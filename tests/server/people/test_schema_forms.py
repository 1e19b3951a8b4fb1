"""Forms made from schemas: what is shown is what was answered, what is sent is read back, nothing typed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.processing.normal import normal
from schemas import violations
from server.pages.rendering import environment
from server.pages.schema_form import document_of, fields_of, last_row, noted, placed, rearranged
from server.pages.schema_walk import Walk
from tests.server.people.controls import controls
from tests.world import request_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHOWN = ("request", "opinion", "decision", "study_part", "admission", "dpia", "information_request", "filing",
         "recommendation_status", "return", "referral", "acceptance")  # fmt: skip
_PAGE = '{% from "fields.html" import schema_fields, said_above %}{{ said_above(said) }}{{ schema_fields(fields) }}'


def shown(fields: Sequence[Any], said: Sequence[Any] = ()) -> str:
    return environment("fr").from_string(_PAGE).render(fields=fields, said=said)


def posted(fields: Sequence[Any]) -> dict[str, list[str]]:
    return controls(shown(fields)).sent


_TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), include_characters="\n'\"<>&"), max_size=40
)


_DERIVED_NO = {("nir", False), ("article_10", False)}


def documents(walk: Walk, part: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Documents that a schema admits."""
    kind, admits = walk.kind(part), []
    if kind == "section":
        required = part.get("required", [])
        below = {key: documents(walk, one) for key, one in walk.properties(part).items()}
        admits.append(st.fixed_dictionaries(
            {key: one for key, one in below.items() if key in required},
            optional={key: one for key, one in below.items() if key not in required},
        ))  # fmt: skip
    elif kind in {"group", "lines"}:
        admits.append(st.lists(documents(walk, walk.items(part)), min_size=part.get("minItems", 0), max_size=3))
    elif kind == "select":
        return st.sampled_from(part["enum"])
    elif kind == "date":
        admits.append(st.dates().map(str))
    elif kind == "yes_no":
        admits.append(st.booleans())
    elif kind == "integer":
        admits.append(st.integers(part["minimum"], part["maximum"]))
    elif "pattern" in part and part["pattern"] != "\\S":
        admits.append(st.from_regex(part["pattern"].replace("$", r"\Z"), fullmatch=True).filter(lambda t: len(t) < 20))
    else:
        admits.append(_TEXTS.filter(lambda text: not part.get("minLength") or text.strip()))
    return st.one_of(*admits, st.none()) if "null" in part.get("type", []) else st.one_of(*admits)


def said(value: Any) -> Any:
    """What a document says: its normal form, without order in what has none, nor rows left with a derived « no »."""
    return _unordered(normal(value))


def _says(row: dict[str, Any]) -> bool:
    return any((key, one) not in _DERIVED_NO for key, one in row.items() if not isinstance(one, (list, dict))) or any(
        isinstance(one, (list, dict)) for one in row.values()
    )


def _unordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: found for key, one in value.items() if (found := _unordered(one)) not in ([], {})}
    if isinstance(value, list):
        below = [one for one in map(_unordered, value) if not isinstance(one, dict) or _says(one)]
        return sorted(set(below)) if all(isinstance(one, str) for one in below) else below
    return value


@pytest.mark.parametrize("name", SHOWN)
def test_a_document_that_is_shown_and_sent_is_the_same_document(name: str) -> None:
    walk = Walk(name)

    @settings(max_examples=15, deadline=None)
    @given(documents(walk, walk.root))
    def holds(document: dict[str, Any]) -> None:
        if violations(name, document):
            return
        read = document_of(name, posted(fields_of(name, document=document)), before=document)
        assert read == document
        alone = document_of(name, posted(fields_of(name, document=document)))
        assert violations(name, alone) == []
        assert said(alone) == said(document)

    holds()


def test_what_was_typed_is_kept_even_when_it_is_wrong_and_said_beside_its_field() -> None:
    form = posted(fields_of("request", document=request_document()))
    form |= {"volume/count": ["beaucoup"], "period/start": ["demain"], "data_nature": ["<b>"], "title": ["x" * 9000]}
    read = document_of("request", form)
    found = {one.pointer.lstrip("/"): one.message for one in violations("request", read)}
    assert set(found) == {"volume/count", "period/start", "data_nature", "title"}
    fields = fields_of("request", document=read, errors=found)
    page = shown(fields, noted(fields, found))
    again = controls(page)
    assert {name: again.sent[name] for name in found} == {name: form[name] for name in found}
    for name in found:
        assert f'href="#{name}"' in page
        assert name in again.ids
        assert f'id="{name}-error"' in page
    assert "<b>" not in page


def test_numbers_and_days_are_read_as_french_people_write_them() -> None:
    read = document_of("request", {"volume/count": ["1\u202f900"], "period/start": ["1/9/2026"], "title": [" a\r\nb "]})
    assert read == {"volume": {"count": 1900}, "period": {"start": "2026-09-01"}, "title": "a\nb"}


def test_rows_are_added_and_removed_by_the_buttons_alone() -> None:
    document = {"data_items": [{"label": "Un", "nir": False}, {"label": "Deux", "article_9_2_text": "Texte"}]}
    asked = {"keys": ("data_items",), "stages": frozenset({"filing"})}
    first = controls(shown(fields_of("request", document=document, **asked)))
    assert ("_remove", "data_items/0") in first.buttons
    form = {**first.sent, "_remove": ["data_items/0"]}
    assert rearranged(form) == "data_items"
    kept = document_of("request", form, **asked)
    assert kept == {"data_items": [{"label": "Deux", "article_9_2_text": "Texte"}]}, "a row takes along what is unseen"
    form = {**posted(fields_of("request", document=kept, **asked)), "_add": ["data_items"]}
    more = document_of("request", form, before=kept, **asked)
    assert more["data_items"][1:] == [{}]
    assert last_row(more, "data_items") == "data_items/1"
    page = shown(fields_of("request", document=more, focus=last_row(more, "data_items"), **asked))
    assert page.count("autofocus") == 1
    assert rearranged(controls(page).sent) == ""
    assert document_of("request", controls(page).sent, **asked) == kept, "an empty row is no row"


def test_a_form_changes_only_what_it_asks() -> None:
    before = request_document()
    read = document_of("request", {"title": ["Autre"]}, ("title",), before=before)
    assert read == {**before, "title": "Autre"}
    stages = frozenset({"requester_dpo"})
    form = posted(fields_of("request", document=before, stages=stages))
    assert "title" not in form
    assert document_of("request", form, before=before, stages=stages) == before
    form["legal_basis/article_6"] = ["legal_obligation"]
    changed = document_of("request", form, before=before, stages=stages)
    assert changed["legal_basis"].pop("article_6") == "legal_obligation"
    assert {**before, "legal_basis": {k: v for k, v in before["legal_basis"].items() if k != "article_6"}} == changed


def test_a_finding_is_shown_by_the_nearest_field_around_its_place() -> None:
    finding = {
        "id": "DATA-01", "severity": "blocking", "severity_label": "Bloquant", "message": "<script>alert(1)</script>",
        "source": "RGPD art. 5", "confidence": "sure", "alternatives": [], "pointers": ["/data_items/0/precision"],
    }  # fmt: skip
    document = {"data_items": [{"label": "<img src=x onerror=alert(1)>"}]}
    fields = fields_of("request", ("data_items/*/label",), document, findings=[finding])
    assert fields[0].rows[0].findings == (finding,)
    assert placed(fields, finding)
    assert not placed(fields_of("request", ("title",), document), finding)
    page = shown(fields)
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "<img" not in page
