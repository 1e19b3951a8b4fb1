"""A draft of the notice that article 14 GDPR owes to people whose data come from somebody else."""

from registry.documents.dossier import TO_FILL, Dossier
from registry.exports.pdf import Pdf, Section
from schemas import label

_ABOUT = (
    "Projet à relire avec le délégué à la protection des données. Ce document informe les personnes dont les données "
    "n'ont pas été recueillies auprès d'elles (RGPD, article 14), au plus tard un mois après leur obtention ou à la "
    "première communication."
)


def notice(dossier: Dossier) -> Pdf:
    """Every point of article 14(1) and (2), filled from the request where it answers."""
    file, request = dossier.file, dossier.request
    basis = request.get("legal_basis", {})
    officer = f"{dossier.contact(file.requester, 'dpo')}, {dossier.contact(file.requester, 'dpo_email')}"
    article_6 = label("article_6", basis["article_6"]) if "article_6" in basis else TO_FILL
    points = [
        ("Qui traite vos données", f"{dossier.requester}, {dossier.contact(file.requester, 'controller')}"),
        ("Délégué à la protection des données", officer),
        ("Pourquoi", _listed(_purposes(request))),
        ("Sur quel fondement", "\n".join([article_6, *basis.get("texts", [])])),
        ("Quelles données", _listed([item.get("label", "") for item in request.get("data_items", [])])),
        ("D'où elles viennent", f"De {dossier.holder}, auprès de qui elles ont été recueillies."),
        ("Qui les reçoit", _listed([item.get("label", "") for item in request.get("recipients", [])])),
        ("Hors de l'Union européenne", dossier.text("transfers") if "transfers" in request else "Aucun transfert."),
        ("Combien de temps", dossier.text("retention")),
        ("Vos droits", _rights(basis.get("article_6"))),
        ("Décision automatisée", _automated(request.get("uses", {}))),
    ]
    return Pdf(
        title=f"Projet de mention d'information : {request.get('title') or file.reference}",
        made_at=dossier.made_at,
        author=dossier.requester,
        lines=[_ABOUT],
        sections=[Section("Information des personnes", terms=points)],
    )


def _listed(texts: list[str]) -> str:
    return "\n".join(f"• {text}" for text in texts if text) or TO_FILL


def _purposes(request: dict[str, dict[str, list[str]]]) -> list[str]:
    purposes = request.get("purposes", {})
    main = purposes.get("main")
    return [*([str(main)] if main else []), *purposes.get("secondary", [])]


def _rights(article_6: str | None) -> str:
    """Which rights there are depends on the basis (GDPR art. 17(3), 20(1), 21(1))."""
    rights = ["d'accès", "de rectification", "de limitation"]
    if article_6 != "legal_obligation":
        rights.append("d'opposition" if article_6 != "consent" else "de retirer votre consentement")
    if article_6 in {"consent", "contract"}:
        rights += ["d'effacement", "à la portabilité"]
    return (
        f"Vous avez le droit {', '.join(rights)}. Adressez-vous au délégué à la protection des données. Vous pouvez "
        "aussi introduire une réclamation auprès de la CNIL, 3 place de Fontenoy, 75007 Paris, www.cnil.fr."
    )


def _automated(uses: dict[str, object]) -> str:
    if uses.get("automated_decision"):
        return str(uses.get("automated_decision_text") or TO_FILL)
    return "Aucune décision n'est prise sans intervention humaine."
