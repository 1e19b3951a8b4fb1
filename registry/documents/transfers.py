"""Who transfers what to whom, since when, why, and who approved it: one line per approved exchange, for an auditor."""

from collections.abc import Mapping
from datetime import date

from registry.exchange.file import File
from registry.processing.differences import french_day
from schemas import label

COLUMNS: dict[str, str] = {
    "reference": "Échange",
    "title": "Objet",
    "holder": "Qui communique",
    "requester": "Qui reçoit",
    "purpose": "Pourquoi",
    "basis": "Fondement",
    "opinion": "Avis du délégué",
    "approved": "Qui a approuvé",
    "approved_on": "Approuvé le",
    "activated_on": "En vigueur depuis le",
    "state": "État",
}


def transfer(file: File, names: Mapping[str, str], people: Mapping[str, str]) -> dict[str, str]:
    """One approved exchange, a text for each column; `names` are parties by id, `people` addresses by account."""
    request, basis = file.request, file.request.get("legal_basis") or {}
    article = [label("article_6", basis["article_6"])] if basis.get("article_6") else []
    texts = [*article, *(basis.get("texts") or []), *filter(None, [basis.get("disclosure_basis")])]
    decision, opinion = file.decision, file.opinion
    return {
        "reference": file.reference,
        "title": request.get("title") or "",
        "holder": names.get(file.holder, file.holder),
        "requester": names.get(file.requester, file.requester),
        "purpose": (request.get("purposes") or {}).get("main") or "",
        "basis": " ; ".join(texts),
        "opinion": _judged("opinion_value", opinion.value, opinion.signed_on, opinion.author, people)
        if opinion is not None
        else "",
        "approved": _judged("decision_value", decision.value, decision.decided_on, decision.decided_by, people)
        if decision is not None
        else "",
        "approved_on": french_day(decision.decided_on) if decision is not None else "",
        "activated_on": french_day(file.activated_on) if file.activated_on is not None else "",
        "state": label("state", file.state),
    }


def _judged(enumeration: str, value: str, on: date, author: str | None, people: Mapping[str, str]) -> str:
    return f"{label(enumeration, value)}, {french_day(on)}, {people.get(author or '', 'signée sur papier')}"
