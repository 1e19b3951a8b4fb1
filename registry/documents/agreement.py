"""The exchange agreement, ready to sign by both controllers once the exchange is approved."""

from registry.documents.dossier import TO_FILL, Dossier, condition, on
from registry.documents.papers import on_paper
from registry.exchange.file import APPROVALS
from registry.exports.pdf import Pdf, Section
from registry.processing.differences import french_date
from registry.refusals import WrongState


def agreement(dossier: Dossier) -> Pdf:
    """One article for each thing that the parties must have agreed on. Raises WrongState before an approval."""
    decision = dossier.file.decision
    if decision is None or decision.value not in APPROVALS:
        raise WrongState("Le protocole s'établit une fois l'échange approuvé.")
    parties = [
        f"{_represented(dossier, dossier.file.holder)}, qui détient les données, d'une part,",
        f"{_represented(dossier, dossier.file.requester)}, qui les reçoit ou les consulte, d'autre part,",
        f"vu la {dossier.under} ; vu la décision du {on(decision.decided_on)} ; conviennent de ce qui suit.",
    ]
    articles = [
        ("Objet et finalités", [dossier.text("purposes"), "Tout autre usage suppose une nouvelle demande."]),
        ("Fondement", [dossier.text("legal_basis")]),
        ("Données", [dossier.text("data_items"), _channelled(dossier)]),
        ("Personnes concernées", [dossier.text("data_subjects")]),
        ("Destinataires et personnes habilitées", [dossier.text("recipients"), _authorised(dossier)]),
        ("Sous-traitants et transferts", [_others(dossier)]),
        ("Conservation et sort final", [dossier.text("retention")]),
        ("Information et droits des personnes", [dossier.text("information"), _rights(dossier)]),
        ("Sécurité et violations", [_security()]),
        ("Registres", ["Chaque partie tient à jour sa fiche du registre (RGPD, article 30) pour cet échange."]),
        ("Conditions", [f"• {condition(item)}" for item in dossier.file.recommendations] or ["Aucune."]),
        ("Durée et fin", [_end(dossier)]),
    ]
    sections = [Section("Entre", paragraphs=parties)]
    sections += [
        Section(f"Article {number}. {title}", paragraphs=texts) for number, (title, texts) in enumerate(articles, 1)
    ]
    sections.append(_signatures(dossier))
    if papers := _papers(dossier):
        sections.append(Section("Actes signés sur papier", paragraphs=papers))
    return Pdf(
        title=f"Protocole d'échange de données : {dossier.subject}",
        made_at=dossier.made_at,
        author=dossier.holder,
        lines=[dossier.under],
        sections=sections,
    )


def _represented(dossier: Dossier, party: str) -> str:
    return f"{dossier.name(party)}, représenté par : {dossier.contact(party, 'controller')}"


def _channelled(dossier: Dossier) -> str:
    return f"Voie : {dossier.text('channel')}\nPériodicité : {dossier.text('frequency')}"


def _authorised(dossier: Dossier) -> str:
    users = dossier.file.authorised_users
    listed = " ; ".join(users) if users else TO_FILL
    return f"Fonctions habilitées : {listed}. La liste est revue au moins une fois par an."


def _others(dossier: Dossier) -> str:
    named = [f"{title} :\n{text}" for title, text in dossier.words("processors", "transfers")]
    return "\n".join(named) or "Il n'y a ni sous-traitant, ni transfert hors de l'Union européenne."


def _rights(dossier: Dossier) -> str:
    asked = [
        f"{dossier.name(party)} : {dossier.contact(party, 'dpo')} ({dossier.contact(party, 'dpo_email')})"
        for party in (dossier.file.holder, dossier.file.requester)
    ]
    return (
        "Chaque partie répond aux personnes pour son traitement et transmet à l'autre, sans délai, les rectifications, "
        "effacements et oppositions (RGPD, article 19). Les demandes s'adressent à :\n" + "\n".join(asked)
    )


def _security() -> str:
    return (
        "Chaque partie protège les données à hauteur du risque (RGPD, article 32). Une violation est signalée sans "
        "délai à l'autre partie, et dans les 72 heures à la CNIL par celle chez qui elle survient (article 33)."
    )


def _end(dossier: Dossier) -> str:
    period = dict(dossier.words("period"))
    lasts = (
        " ; ".join(period.values())
        or f"jusqu'au terme de la convention, le {french_date(dossier.convention.document['term'])}"
    )
    return (
        f"{lasts}. À la fin, les accès sont fermés et les données détruites ou restituées ; une attestation est remise "
        "sous trente jours."
    )


def _papers(dossier: Dossier) -> list[str]:
    file, found = dossier.file, []
    if file.decision is not None and file.decision.paper is not None:
        found.append(f"Décision. {on_paper(file.decision.paper, dossier.holder)}")
    if file.acceptance is not None and file.acceptance.paper is not None:
        found.append(f"Acceptation des conditions. {on_paper(file.acceptance.paper, dossier.requester)}")
    return found


def _signatures(dossier: Dossier) -> Section:
    rows = [
        [f"Pour {dossier.name(party)}", dossier.contact(party, "controller"), "Date et signature :"]
        for party in (dossier.file.holder, dossier.file.requester)
    ]
    return Section("Signatures", columns=["Partie", "Qualité", "Signature"], rows=rows)
