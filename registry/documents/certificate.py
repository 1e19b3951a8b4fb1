"""The certificate of destruction or return that ends an exchange (catalogue, CONS-06).

What was attested in the tool, word for word; before that, the paper to fill and sign.
"""

from registry.documents.dossier import TO_FILL, Dossier, on
from registry.exchange.file import APPROVALS
from registry.exchange.life import Certificate
from registry.exports.pdf import Pdf, Section
from registry.refusals import WrongState
from schemas import label


def certificate(dossier: Dossier) -> Pdf:
    """What must be destroyed or returned is known; when, how and by whom is for the requester to attest. Raises
    WrongState for an exchange that was never approved: nothing was received."""
    decision = dossier.file.decision
    if decision is None or decision.value not in APPROVALS:
        raise WrongState("Aucune donnée n'a été reçue : l'échange n'a pas été approuvé.")
    signed = dossier.file.closure_certificate
    return _signed(dossier, signed) if signed is not None else _to_fill(dossier)


def _signed(dossier: Dossier, signed: Certificate) -> Pdf:
    """What the requester's controller attested, word for word."""
    file = dossier.file
    terms = [
        ("Sort des données", label("certificate_outcome", signed.outcome)),
        ("Fait le", on(signed.done_on)),
        ("Moyen employé", signed.method),
        ("Copies et sauvegardes", signed.copies),
    ]
    told = [
        ("Sous-traitants", signed.processors),
        ("Accès fermés le", on(signed.access_revoked_on) if signed.access_revoked_on else None),
        ("Texte imposant la conservation", file.statutory_retention_text),
    ]
    terms += [(title, text) for title, text in told if text]
    ended = [f"Fin de l'échange décidée le {on(file.closing.ended_on)}."] if file.closing else []
    said = (
        f"{dossier.requester} atteste du sort des données reçues de {dossier.holder} au titre de l'échange "
        f"{dossier.subject}."
    )
    signature = f"Signée dans l'outil le {on(signed.signed_on)}, pour {dossier.name(signed.signed_by_party)}."
    return _paper(
        dossier,
        [
            Section("Attestation", paragraphs=[said, *ended]),
            Section("Ce qui est attesté", terms=terms),
            Section("Signature", paragraphs=[signature, dossier.contact(signed.signed_by_party, "controller")]),
        ],
    )


def _paper(dossier: Dossier, sections: list[Section]) -> Pdf:
    return Pdf(
        title=f"Attestation de destruction ou de restitution : {dossier.subject}",
        made_at=dossier.made_at,
        author=dossier.requester,
        lines=[dossier.under],
        sections=sections,
    )


def _to_fill(dossier: Dossier) -> Pdf:
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
    signature = [f"Pour {dossier.requester}", author, f"Fait le {TO_FILL}, à {TO_FILL}"]
    return _paper(
        dossier,
        [
            Section("Attestation", paragraphs=[attested]),
            Section("Données", columns=columns, rows=rows),
            Section("Copies, accès, sous-traitants", terms=copies),
            Section("Signature", paragraphs=signature),
        ],
    )
