"""The documents of an exchange, by name: what each is called, and which party it comes from."""

from collections.abc import Callable
from dataclasses import dataclass

from registry.documents.agreement import agreement
from registry.documents.certificate import certificate
from registry.documents.dossier import Dossier
from registry.documents.notice import notice
from registry.documents.papers import decision, opinion, request
from registry.exports.pdf import Pdf


@dataclass(frozen=True)
class Kind:
    """A document: its name in addresses, its French title, how it is written, and the side (`requester` or `holder`)
    whose seal it bears once that party's own people take it out; None for drafts and what both must sign."""

    name: str
    title: str
    write: Callable[[Dossier], Pdf]
    sealed_by: str | None = None


DOCUMENTS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("request", "Demande et étude", request, "requester"),
        Kind("opinion", "Avis du délégué à la protection des données", opinion, "holder"),
        Kind("decision", "Lettre de décision", decision, "holder"),
        Kind("agreement", "Protocole d'échange, à signer", agreement),
        Kind("notice", "Projet de mention d'information (article 14)", notice),
        Kind("certificate", "Attestation de destruction ou de restitution", certificate),
    )
}


def document(name: str, dossier: Dossier) -> Pdf:
    """One document. Raises WrongState when the exchange is not there yet, KeyError on an unknown name."""
    return DOCUMENTS[name].write(dossier)
