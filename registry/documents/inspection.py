"""What an inspector asks of a controller: every approved exchange, with what supports it; holes are shown as holes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from registry.convention import Convention
from registry.exchange.file import APPROVALS, File
from registry.processing.differences import french_day
from schemas import label

COLUMNS: dict[str, str] = {
    "reference": "Échange",
    "flow": "Flux",
    "purpose": "Finalité",
    "basis": "Fondement",
    "opinion": "Avis du délégué",
    "decision": "Décision",
    "holder_record": "Fiche du détenteur",
    "requester_record": "Fiche du demandeur",
    "notice": "Mention d'information",
    "dpia": "Analyse d'impact",
    "contracts": "Contrats",
    "authorised_users": "Personnes habilitées",
    "last_review": "Dernière revue",
    "last_purge": "Dernière purge",
    "state": "État",
}
HOLE = "— manque —"
_NO_DPIA = {"not_required", "not_applicable"}


def inspected(file: File) -> bool:
    """Whether the exchange was approved: nothing passes before."""
    return file.decision is not None and file.decision.value in APPROVALS


def line(file: File, convention: Convention, records: Mapping[str, str], day: date) -> dict[str, Any]:
    """One exchange on a day: a text for each column, None where what should be there is not. `records` are the
    references of the records that the parties confirmed, by party."""
    request = file.request
    texts = {
        "reference": file.reference,
        "flow": _flow(file, convention),
        "purpose": (request.get("purposes") or {}).get("main"),
        "basis": _basis(request.get("legal_basis") or {}),
        "opinion": _judged("opinion_value", file.opinion.value, file.opinion.signed_on) if file.opinion else None,
        "decision": _judged("decision_value", file.decision.value, file.decision.decided_on) if file.decision else None,
        "holder_record": records.get(file.holder),
        "requester_record": records.get(file.requester),
        "notice": _attached(file, "article_14_notice"),
        "dpia": _dpia(file),
        "contracts": _contracts(file),
        "authorised_users": " ; ".join(file.authorised_users) or None,
        "last_review": _review(file, day),
        "last_purge": _purge(file),
        "state": label("state", file.state),
    }
    return {**texts, "holes": [COLUMNS[key] for key in COLUMNS if not texts[key]]}


def _flow(file: File, convention: Convention) -> str:
    holder, requester = (str((convention.party(p) or {}).get("name") or p) for p in (file.holder, file.requester))
    return f"{holder} → {requester} : {file.request.get('title') or 'sans intitulé'}"


def _basis(basis: Mapping[str, Any]) -> str | None:
    article = [label("article_6", basis["article_6"])] if basis.get("article_6") else []
    return " ; ".join([*article, *(basis.get("texts") or []), *filter(None, [basis.get("disclosure_basis")])]) or None


def _judged(enumeration: str, value: str, on: date) -> str:
    return f"{label(enumeration, value)}, {french_day(on)}"


def _attached(file: File, *kinds: str) -> str | None:
    found = [item for item in file.attachments if item.kind in kinds]
    return " ; ".join(f"{item.file_name} ({french_day(item.dated_on)})" for item in found) or None


_NOT_YET = "Sans objet : pas encore en œuvre"


def _review(file: File, day: date) -> str | None:
    """The last review, and whether the next one is late; a first one that is late is a hole."""
    if file.activated_on is None or file.next_review_on is None:
        return _NOT_YET
    due = french_day(file.next_review_on)
    late = file.next_review_on < day and file.state in {"active", "suspended"}
    if not file.reviews:
        return None if late else f"Première revue prévue le {due}"
    last = file.reviews[-1]
    text = _judged("review_outcome", last.outcome, last.reviewed_on)
    return f"{text} ; la suivante est attendue depuis le {due}" if late else text


def _purge(file: File) -> str | None:
    """The last erasure of data that had reached their term; an access leaves no copy to erase."""
    if file.activated_on is None:
        return _NOT_YET
    if file.request.get("exchange_mode") == "access":
        return "Sans objet : accès sans copie"
    days = [review.purged_on for review in file.reviews if review.purged_on is not None]
    if file.closure_certificate is not None and file.closure_certificate.outcome in {"destroyed", "returned"}:
        days.append(file.closure_certificate.done_on)
    return french_day(max(days)) if days else None


def _dpia(file: File) -> str | None:
    if file.dpia_record is not None:
        return f"Réalisée, {french_day(file.dpia_record.completed_on)}"
    status = (file.request.get("dpia") or {}).get("status")
    return label("dpia_status", status) if status in _NO_DPIA else _attached(file, "dpia", "dpia_derogation")


def _contracts(file: File) -> str | None:
    """Contracts are due with processors (article 28) and joint controllers (article 26)."""
    due = bool(file.request.get("processors")) or file.request.get("controllership") == "joint"
    found = _attached(file, "article_28_contract", "article_26_arrangement")
    return found if due else found or "Sans objet"
