"""Acts of an exchange's history as its page tells them: what was said, in the words of each act's own schema."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from registry.exchange.acts import ACTS
from registry.exchange.events import Event
from registry.ledger.openings import ERASED
from registry.processing.normal import normal
from schemas import label, schema
from schemas.documents import referred
from server.pages.acts_of_life import TOLD
from server.pages.words import Item, Line, line, place

ENUMERATIONS = {
    ("filing", "received_via"): "received_via",
    ("admission", "outcome"): "state",
    ("referral", "body"): "referral_body",
    ("return", "parts"): "study_part",
    ("study_part", "conclusion"): "study_conclusion",
    ("opinion", "value"): "opinion_value",
    ("decision", "value"): "decision_value",
    ("paper_letter", "signed_as"): "role",
    ("recommendation_status", "status"): "recommendation_status",
    ("dpia", "residual_risk"): "residual_risk",
    ("attachment", "kind"): "attachment_kind",
    ("register_confirmation", "action"): "record_action",
    ("erasure", "scope"): "erasure_scope",
    ("erasure", "legal_basis"): "erasure_basis",
    ("erasure", "reason"): "erasure_reason",
}
"""The vocabulary's list that names the ids of a schema's key."""
_PATHS = frozenset({"nir_authorised", "excluded_paths"})
_UNREADABLE = frozenset({"sha256", "proof", "entry", "request", "delegation"})
"""Digests and ids say nothing to people; a corrected request is shown as what is asked."""


def said(event: Event, people: Mapping[str, str], request: Mapping[str, Any]) -> list[Line]:
    """What the author of an act wrote or chose. `request` names the places that paths lead to."""
    if event.act in {"creation", "document"}:
        return _document(event)
    if event.act in TOLD:
        return TOLD[event.act](event)
    found = _answers(ACTS[event.act].schema, normal(event.input), people, request)
    derived = event.derived
    if event.act == "override" and "check" in derived:
        found.insert(0, Line("Contrôle", str(derived["check"])))
    if "device" in derived:
        found.append(Line("Signature", "faite sur l'appareil de son auteur, avec sa clé d'accès"))
    return found


def _answers(name: str, given: Mapping[str, Any], people: Mapping[str, str], request: Mapping[str, Any]) -> list[Line]:
    """What was answered to each question of a schema, those of the schemas it refers to in their place."""
    found: list[Line] = []
    for key, described in _properties(name).items():
        if key not in given or key in _UNREADABLE:
            continue
        if "$ref" in described:
            found += _answers(referred(described["$ref"]).partition(":")[0], given[key], people, request)
        else:
            found.append(_line(name, key, described, given[key], people, request))
    return found


def _document(event: Event) -> list[Line]:
    found = [Line("Version", str(event.derived["version"]))] if "version" in event.derived else []
    stage = event.derived.get("stage")
    return [*found, Line("Questions déclarées complètes", label("stage", stage))] if stage else found


@cache
def _properties(name: str) -> dict[str, Any]:
    found = schema(name)
    every: dict[str, Any] = dict(found.get("properties", {}))
    for alternative in found.get("oneOf", []):
        every |= alternative["properties"]
    return every


def _line(
    name: str, key: str, described: Mapping[str, Any], value: Any, people: Mapping[str, str], request: Mapping[str, Any]
) -> Line:
    titled = str(described["title"])
    if key == "person":
        return Line(titled, people.get(value, ERASED))
    if key in _PATHS:
        return Line(titled, items=tuple(Item(place(path, request) or path) for path in value))
    if key == "lines":
        return Line(titled, items=tuple(_opined(one, request) for one in value))
    if key == "recommendations":
        return Line(titled, items=tuple(Item(f"n° {one['number']} : {one['text']}") for one in value))
    enumeration = ENUMERATIONS.get((name, key))
    if enumeration is not None and isinstance(value, list):
        return Line(titled, items=tuple(Item(label(enumeration, one)) for one in value))
    return Line(titled, label(enumeration, value)) if enumeration is not None else line(key, described, value)


def _opined(one: Mapping[str, Any], request: Mapping[str, Any]) -> Item:
    opined = f"{place(one['path'], request) or one['path']} : {label('opinion_value', one['value'])}"
    return Item(opined, (Line("Motif", one["text"]),) if one.get("text") else ())
