"""The catalogue as one convention applies it: its own messages, severity labels and thresholds over the defaults.

A convention holds what it changed in its key `checks`, and how many times in `checks_revision`. Identity, severity,
source and trigger of a check stay the catalogue's: a convention words a rule and sets its thresholds, it repeals none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import msgspec

from registry.conformity.catalogue import SEVERITIES, Check, catalogue, rules_version
from registry.conformity.wording import misused
from schemas import label, vocabulary

Document = Mapping[str, Any]

PARTS = ("settings", "messages", "severity_labels")


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """What a threshold may be. `bound_by` is the text that makes one of the bounds a legal one; `messages` are the
    sentences of checks whose default names the default threshold, used once it is changed."""

    minimum: int
    maximum: int
    bound_by: str | None = None
    messages: dict[str, str] = {}


@cache
def thresholds() -> dict[str, Threshold]:
    """Every threshold of the vocabulary's `settings`, with its bounds."""
    text = resources.files("registry.conformity").joinpath("thresholds.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, Threshold])


@dataclass(frozen=True)
class Rules:
    """The effective catalogue: `version` names it and is frozen with the findings of a filing."""

    version: str
    checks: Mapping[str, Check]
    settings: Mapping[str, float]
    severity_labels: Mapping[str, str]


def rules_of(convention: Document) -> Rules:
    """The rules of a convention's document."""
    changed = convention.get("checks")
    if not changed:
        return _default()
    return _adjusted(msgspec.json.encode(changed), int(convention.get("checks_revision") or 1))


@cache
def _default() -> Rules:
    settings = {name: described["value"] for name, described in vocabulary()["settings"].items()}
    labels = {severity: label("severity", severity) for severity in SEVERITIES}
    return Rules(rules_version(), {check.id: check for check in catalogue()}, settings, labels)


@lru_cache(maxsize=64)
def _adjusted(changed: bytes, revision: int) -> Rules:
    settings, messages, labels = (_given(msgspec.json.decode(changed), part) for part in PARTS)
    default = _default()
    worded = {check: text for name in settings for check, text in thresholds()[name].messages.items()} | messages
    checks = {
        check.id: msgspec.structs.replace(check, message=worded.get(check.id, check.message)) for check in catalogue()
    }
    numbers = {name: _number(value) for name, value in settings.items()}
    version = f"{rules_version()}+{revision}"
    return Rules(version, checks, {**default.settings, **numbers}, {**default.severity_labels, **labels})


def _given(changed: Document, part: str) -> dict[str, Any]:
    return {name: value for name, value in (changed.get(part) or {}).items() if value is not None}


def _number(value: int | str) -> float:
    """A threshold as a number: JSON documents here hold whole numbers, so a decimal one is written as a text."""
    return value if isinstance(value, int) else float(value)


def adjusted(current: Document | None, change: Document) -> dict[str, dict[str, Any]]:
    """What a convention holds after a change: null takes a text or a threshold back to the catalogue's own."""
    merged = {part: {**((current or {}).get(part) or {}), **(change.get(part) or {})} for part in PARTS}
    return {part: kept for part in PARTS if (kept := _given(merged, part))}


def misadjusted(change: Document) -> Iterator[tuple[str, str]]:
    """What is wrong in a change that its schema admits: (pointer, French sentence)."""
    for name, value in _given(change, "settings").items():
        if sentence := _out_of_bounds(thresholds()[name], _number(value)):
            yield f"/settings/{name}", sentence
    known = _default().checks
    for check_id, text in _given(change, "messages").items():
        if check_id not in known:
            yield f"/messages/{check_id}", f"Contrôle inconnu : « {check_id[:20]} »."
        elif sentence := misused(text, known[check_id].message):
            yield f"/messages/{check_id}", sentence


def _out_of_bounds(threshold: Threshold, value: float) -> str | None:
    if threshold.minimum <= value <= threshold.maximum:
        return None
    because = f" Un texte l'impose ({threshold.bound_by})." if threshold.bound_by else ""
    return f"Ce seuil doit être compris entre {threshold.minimum} et {threshold.maximum}.{because}"
