"""The Article 30(1) record that an approved exchange brings to each controller's register (convention art. 7, al. 3).

The holder's record is about the disclosure, the requester's about the new processing; they name each other.
"""

from collections.abc import Mapping
from typing import Any

from registry.conformity.terms import add_months
from registry.convention import Convention
from registry.exchange.changes import without_paths
from registry.exchange.file import Document, File
from schemas import label

_SECURITY = {"named_authorisations": "user_access_control", "logging": "traceability"}
_REVIEW_MONTHS = 12
"""A record is read again every year, with its exchange (convention art. 6)."""
_ENCRYPTED = frozenset(
    {"api", "authenticated_portal", "sftp", "https_deposit", "encrypted_file_by_email", "encrypted_medium"}
)


def draft_record(file: File, convention: Convention, party_id: str, reference: str) -> Document:
    """The record as far as the request knows it (keys of the vocabulary's `register_record`); its records manager
    completes it. Lines that the decision excluded are left out."""
    excluded = file.decision.excluded_paths if file.decision else []
    request = without_paths(file.request, excluded)
    holder = party_id == file.holder
    other = convention.party(file.requester if holder else file.holder) or {}
    decided_on = file.decision.decided_on if file.decision else file.created_on
    own = convention.party(party_id) or {}
    return {
        "record_reference": reference,
        "title": _title(request, holder=holder),
        "created_on": decided_on.isoformat(),
        "updated_on": None,
        "controller": {"name": own.get("name"), "contact_details": contact(own, "controller")},
        "joint_controllers": _joint(request, other),
        "representative": None,
        "data_protection_officer": officer(own),
        "data_protection_officer_company": None,
        "purposes": _purposes(request),
        "categories_of_data_subjects": [s["category"] for s in request.get("data_subjects") or [] if s.get("category")],
        "categories_of_personal_data": _categories(request),
        "categories_of_recipients": _recipients(request, other, holder=holder),
        "transfers": _transfers(request),
        "time_limits_for_erasure": [_limit(item) for item in request.get("retention") or []],
        "security_measures": _measures(request.get("channel") or {}),
        "supplement": {
            **_supplement(file, request, other, holder=holder),
            "next_review_on": add_months(decided_on, _REVIEW_MONTHS).isoformat(),
        },
    }


def _title(request: Document, *, holder: bool) -> str:
    title = request.get("title") or "Échange sans intitulé"
    return f"Communication de données : {title}" if holder else title


def contact(party: Mapping[str, Any], function: str) -> str | None:
    """How a function of a party is reached, None when the convention does not say who holds it."""
    contacts = party.get("contacts") or {}
    name = contacts.get(function)
    return f"{name}, {party.get('name')}" if name else None


def officer(party: Mapping[str, Any]) -> Document | None:
    """A party's data protection officer, as the convention tells."""
    contacts = party.get("contacts") or {}
    if not contacts.get("dpo"):
        return None
    return {"name": contacts["dpo"], "contact_details": contacts.get("dpo_email")}


def _joint(request: Document, other: Mapping[str, Any]) -> list[Document]:
    if request.get("controllership") != "joint":
        return []
    return [{"name": other.get("name"), "contact_details": contact(other, "controller")}]


def _purposes(request: Document) -> list[str]:
    purposes = request.get("purposes") or {}
    return [p for p in (purposes.get("main"), *(purposes.get("secondary") or [])) if p]


def _categories(request: Document) -> list[Document]:
    """One line per CNIL category, its data items joined, in the order of the request."""
    labels: dict[str, list[str]] = {}
    for item in request.get("data_items") or []:
        if item.get("cnil_category") not in {None, "none"}:
            labels.setdefault(item["cnil_category"], []).append(item.get("label") or "")
    return [
        {"category": category, "description": " ; ".join(filter(None, items)) or None, "retention": None}
        for category, items in labels.items()
    ]


def _recipients(request: Document, other: Mapping[str, Any], *, holder: bool) -> list[Document]:
    named = [
        {"type": item.get("kind"), "name": item.get("label"), "details": None}
        for item in request.get("recipients") or []
    ]
    if not holder:
        return named
    kind = "family_allowance_fund" if other.get("kind") == "social_security_body" else "municipality"
    return [{"type": kind, "name": other.get("name"), "details": None}, *named]


def _transfers(request: Document) -> list[Document]:
    return [
        {**{key: item.get(key) for key in ("recipient", "country", "safeguard")}, "documentation": None}
        for item in request.get("transfers") or []
    ]


def _limit(item: Mapping[str, Any]) -> Document:
    return {key: item.get(key) for key in ("category", "months", "criterion", "starts_at", "final_outcome")}


def _measures(channel: Mapping[str, Any]) -> list[Document]:
    measures = [{"kind": kind, "details": None} for key, kind in _SECURITY.items() if channel.get(key) is True]
    if channel.get("kind") in _ENCRYPTED:
        measures.append({"kind": "encryption", "details": label("channel_kind", channel["kind"])})
    return measures


def _supplement(file: File, request: Document, other: Mapping[str, Any], *, holder: bool) -> Document:
    basis = request.get("legal_basis") or {}
    dpia = request.get("dpia") or {}
    texts = [basis.get("disclosure_basis")] if holder else basis.get("texts") or []
    opinion = file.opinion
    return {
        "legal_basis": {"article_6": None if holder else basis.get("article_6"), "texts": [t for t in texts if t]},
        "data_source": (request.get("origin") or {}).get("initial_purpose") if holder else other.get("name"),
        "data_subject_rights": None,
        "dpia": {"status": dpia.get("status"), "reference": None},
        "dpo_opinion": {"value": opinion.value, "signed_on": opinion.signed_on.isoformat()} if opinion else None,
        "processors": [] if holder else [_processor(item) for item in request.get("processors") or []],
        "automated_decision": (request.get("uses") or {}).get("automated_decision_text"),
    }


def _processor(item: Mapping[str, Any]) -> Document:
    return {"name": item.get("name"), "country": item.get("country"), "task": None, "contract": None}
