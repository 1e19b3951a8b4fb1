"""Derived keys, proposed by their rules where nobody has answered (vocabulary, `rule`); they can be corrected."""

from collections.abc import Mapping
from typing import Any

from registry.conformity.countries import EEA
from registry.conformity.reading import lines, part
from registry.conformity.terms import party_of
from schemas import enumeration

Document = Mapping[str, Any]
_HIGHLY_PERSONAL = frozenset({"economic_financial", "connection", "location"})


def proposed(request: Document, convention: Document) -> dict[str, Any]:
    """The request with each derived key filled where it is null or absent, in objects that exist already."""
    completed = dict(request)
    if lines(request, "data_items"):
        completed["data_items"] = [_item(item) for item in lines(request, "data_items")]
    _fill(completed, "controllership", "separate")
    if isinstance(request.get("origin"), Mapping):
        completed["origin"] = _filled(request["origin"], "reuse", value=True)
    if isinstance(request.get("legal_basis"), Mapping):
        completed["legal_basis"] = _basis(request, convention)
    if request.get("transfers") is None and request.get("processors") is not None:
        completed["transfers"] = _transfers(request)
    if isinstance(request.get("dpia"), Mapping):
        completed["dpia"] = _filled(request["dpia"], "criteria", value=_criteria(completed))
    return completed


def _fill(document: dict[str, Any], key: str, value: Any) -> None:
    if document.get(key) is None:
        document[key] = value


def _filled(document: Document, key: str, *, value: Any) -> dict[str, Any]:
    return {**document, key: value if document.get(key) is None else document[key]}


def _item(item: Document) -> dict[str, Any]:
    category = item.get("cnil_category")
    completed = dict(item)
    _fill(completed, "nir", category == "nir")
    _fill(completed, "article_9", category if category in enumeration("article_9") else None)
    _fill(completed, "article_10", category == "criminal_convictions_and_offences")
    return completed


def _basis(request: Document, convention: Document) -> dict[str, Any]:
    basis = dict(request["legal_basis"])
    if isinstance(basis.get("secrecy"), Mapping):
        holder = party_of(convention, request.get("holder")) or {}
        basis["secrecy"] = _filled(basis["secrecy"], "covered", value=holder.get("kind") == "social_security_body")
    return basis


def _transfers(request: Document) -> list[dict[str, Any]]:
    return [
        {"recipient": processor.get("name"), "country": processor["country"], "safeguard": None}
        for processor in lines(request, "processors")
        if processor.get("country") and str(processor["country"]).upper() not in EEA
    ]


def _criteria(request: Document) -> list[str]:
    items, uses = lines(request, "data_items"), part(request, "uses")
    subjects = lines(request, "data_subjects")
    sensitive = any(
        i.get("article_9") is not None
        or any(i.get(key) is True for key in ("article_10", "nir", "social_difficulties"))
        or i.get("cnil_category") in _HIGHLY_PERSONAL
        for i in items
    )
    found = {
        "large_scale": part(request, "volume").get("scope") == "exhaustive",
        "sensitive_or_highly_personal_data": sensitive,
        "vulnerable_data_subjects": any(s.get("minors") is True or s.get("vulnerable") is True for s in subjects),
        "evaluation_or_scoring": uses.get("profiling") is True,
        "automated_decision_making": uses.get("automated_decision") is True,
    }
    return [criterion for criterion, fires in found.items() if fires]
