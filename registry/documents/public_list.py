"""The public list of exchanges between administrations (CRPA art. L. 114-8 III): those in operation, for anybody."""

from collections.abc import Iterable
from typing import Any

from registry.convention import Convention
from registry.exchange.file import File
from schemas import label

LISTED = ("active", "suspended")
COLUMNS: dict[str, str] = {
    "reference": "Référence",
    "title": "Objet",
    "holder": "Administration qui communique",
    "requester": "Administration qui reçoit",
    "purposes": "Finalité",
    "data": "Données",
    "basis": "Fondement",
    "mode": "Modalité",
    "since": "Depuis le",
    "state": "État",
}


def public_list(convention: Convention, files: Iterable[File]) -> list[dict[str, Any]]:
    """One line per exchange in operation, in order of reference; nothing of its security, no name of a person."""
    return sorted(
        (_line(convention, file) for file in files if file.state in LISTED), key=lambda line: line["reference"]
    )


def _line(convention: Convention, file: File) -> dict[str, Any]:
    request = file.request
    basis = request.get("legal_basis") or {}

    def name(party: str) -> str:
        return str((convention.party(party) or {}).get("name") or party)

    texts = [basis.get("disclosure_basis"), *(basis.get("texts") or [])]
    mode = request.get("exchange_mode")
    return {
        "reference": file.reference,
        "title": request.get("title") or "",
        "holder": name(file.holder),
        "requester": name(file.requester),
        "purposes": (request.get("purposes") or {}).get("main") or "",
        "data": "\n".join(item["label"] for item in request.get("data_items") or [] if item.get("label")),
        "basis": "\n".join(text for text in texts if text),
        "mode": label("exchange_mode", mode) if mode else "",
        "since": file.activated_on.isoformat() if file.activated_on else "",
        "state": label("state", file.state),
    }
