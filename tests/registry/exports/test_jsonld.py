"""JSON-LD with DPV: no remote context, valid against our shapes, which refuse what article 30 refuses."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest
from pyld import jsonld
from pyshacl import validate
from rdflib import Graph

from registry.exports.jsonld import CONTEXT
from tests.registry.exports.samples import RECORD, exported, hostile_lines, line


def _refusing(url: str, _options: Any) -> Any:
    raise AssertionError(f"a remote context was asked for: {url}")


def _graph(content: bytes) -> Graph:
    """What our own bytes say, expanded by a processor that may not fetch anything."""
    nquads = jsonld.to_rdf(
        json.loads(content),
        {"format": "application/n-quads", "documentLoader": _refusing, "processingMode": "json-ld-1.1"},
    )
    return Graph().parse(data=nquads, format="nt")


def _shapes() -> Graph:
    text = resources.files("registry.exports").joinpath("shapes.ttl").read_text(encoding="utf-8")
    return Graph().parse(data=text, format="turtle")


def _judged(content: bytes) -> tuple[bool, str]:
    conforms, _, text = validate(_graph(content), shacl_graph=_shapes())
    return conforms, text


async def test_a_register_is_valid_against_our_shapes() -> None:
    controller, _ = await exported("jsonld", [line(1), line(2)])
    processor = {
        "title": "Paie", "processor": {"name": "Commune"}, "controllers": [{"name": "Ccas"}],
        "categories_of_processing": ["Calcul"],
    }  # fmt: skip
    other, _ = await exported("jsonld", [line(1, processor, kind="processor")], kind="processor")
    for content in (controller, other):
        conforms, text = _judged(content)
        assert conforms, text


@pytest.mark.parametrize(
    ("key", "article"),
    [
        ("controller", "30(1)(a)"), ("data_protection_officer", "30(1)(a)"), ("purposes", "30(1)(b)"),
        ("categories_of_data_subjects", "30(1)(c)"), ("categories_of_personal_data", "30(1)(c)"),
        ("categories_of_recipients", "30(1)(d)"),
    ],
)  # fmt: skip
async def test_the_shapes_refuse_a_record_that_lacks_what_article_30_requires(key: str, article: str) -> None:
    content, _ = await exported("jsonld", [line(1, RECORD | {key: None})])
    conforms, text = _judged(content)
    assert not conforms
    assert article in text


async def test_nothing_is_lost_to_expansion_and_only_known_vocabularies_are_used() -> None:
    content, _ = await exported("jsonld", hostile_lines())
    expanded = jsonld.expand(json.loads(content), {"documentLoader": _refusing})
    known = tuple(CONTEXT.values())

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                assert key.startswith(("@", *known)), key
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(expanded)
    assert len(expanded) == len(hostile_lines()) + 1
