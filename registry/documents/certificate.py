"""The certificate of destruction or return that ends an exchange (catalogue, CONS-06), to be filled and signed."""

from registry.documents.dossier import TO_FILL, Dossier
from registry.exchange.file import APPROVALS
from registry.exports.pdf import Pdf, Section
from registry.refusals import WrongState
from schemas import label


def certificate(dossier: Dossier) -> Pdf:
    """What must be destroyed or returned is known; when, how and by whom is for the requester to attest. Raises
    WrongState for an exchange that was never approved: nothing was received."""
    decision = dossier.file.decision
    if decision is None or decision.value not in APPROVALS:
        raise WrongState("Aucune donnée n'a été reçue : l'échange n'a pas été approuvé.")
    rows = [
        [
            item.get("category") or TO_FILL,
            label("final_outcome", item["final_outcome"]) if "final_outcome" in item else TO_FILL,
            TO_FILL,
            TO_FILL,
        ]
        for item in dossier.request.get("retention", []) or [{}]
    ]
    processors = [item.get("name", "") for item in dossier.request.get("processors", [])]
    copies = [("Copies et sauvegardes", TO_FILL), ("Accès fermés le", TO_FILL)]
    copies += [(f"Sous-traitant : {name}", f"Destruction confirmée le {TO_FILL}") for name in processors]
    author = dossier.contact(dossier.file.requester, "controller")
    attested = (
        f"{dossier.requester}, représenté par : {author}, atteste que les données reçues de {dossier.holder} au titre "
        f"de l'échange {dossier.subject} ont reçu la suite indiquée ci-dessous, et qu'aucune copie n'en subsiste."
    )
    columns = ["Données ou documents", "Sort prévu", "Fait le", "Moyen employé"]
    return Pdf(
        title=f"Attestation de destruction ou de restitution : {dossier.subject}",
        made_at=dossier.made_at,
        author=dossier.requester,
        lines=[dossier.under],
        sections=[
            Section("Attestation", paragraphs=[attested]),
            Section("Données", columns=columns, rows=rows),
            Section("Copies, accès, sous-traitants", terms=copies),
            Section("Signature", paragraphs=[f"Pour {dossier.requester}", author, f"Fait le {TO_FILL}, à {TO_FILL}"]),
        ],
    )
