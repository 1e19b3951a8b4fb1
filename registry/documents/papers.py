"""The papers that accompany an exchange's acts: request and study, opinion, decision letter."""

from registry.conformity.terms import is_blank
from registry.documents.dossier import Dossier, condition, on
from registry.exchange.file import Paper
from registry.exports.pdf import Pdf, Section
from registry.refusals import WrongState
from schemas import label


def request(dossier: Dossier) -> Pdf:
    """The request as it stands, its study, and what the checks say of it."""
    file = dossier.file
    about = [
        ("Demandeur", dossier.requester),
        ("Détenteur", dossier.holder),
        ("État", label("state", file.state)),
        ("Version", str(file.version)),
        ("Déposée le", on(file.filed_on)),
    ]
    sections = [Section("Dossier", terms=about), Section("Demande", terms=dossier.words())]
    if file.study:
        sections.append(_study(dossier))
    if dossier.findings:
        title = f"Constats de conformité au {on(dossier.today)}"
        sections.append(Section(title, paragraphs=[f"• {text}" for text in dossier.findings]))
    return _paper(dossier, f"Demande d'échange {dossier.subject}", sections)


def _study(dossier: Dossier) -> Section:
    parts = []
    for name, part in dossier.file.study.items():
        said = f"{label('study_conclusion', part.conclusion)} le {on(part.concluded_on)} (version {part.version})."
        text = said if is_blank(part.text) else f"{said}\n{part.text}"
        parts.append((label("study_part", name), text))
    return Section("Étude", terms=parts)


def opinion(dossier: Dossier) -> Pdf:
    """The opinion of the holder's DPO. Raises WrongState while there is none."""
    given = dossier.file.opinion
    if given is None:
        raise WrongState("L'avis du délégué à la protection des données n'est pas encore rendu.")
    about = [
        ("Sens de l'avis", label("opinion_value", given.value)),
        ("Rendu le", on(given.signed_on)),
        ("Par", f"{dossier.contact(dossier.file.holder, 'dpo')}, {dossier.name(given.author_party)}"),
        ("Version jugée", f"{given.version}, enregistrement {given.document_hash}"),
    ]
    sections = [
        Section("Avis", terms=about),
        Section("Motifs", paragraphs=[given.text or "Sans autre observation."]),
    ]
    if given.lines:
        rows = [[line.path, label("opinion_value", line.value), line.text or ""] for line in given.lines]
        sections.append(Section("Avis ligne par ligne", columns=["Rubrique", "Avis", "Motif"], rows=rows))
    if dossier.file.recommendations:
        sections.append(_conditions(dossier))
    return _paper(dossier, f"Avis préalable du délégué à la protection des données : {dossier.subject}", sections)


def _conditions(dossier: Dossier) -> Section:
    found = [f"• {condition(item)}" for item in dossier.file.recommendations]
    return Section("Recommandations et conditions", paragraphs=found)


def decision(dossier: Dossier) -> Pdf:
    """The letter by which the holder's controller tells its decision. Raises WrongState while there is none."""
    file = dossier.file
    made = file.decision
    if made is None:
        raise WrongState("La décision n'est pas encore prise.")
    opening = (
        f"Par une demande déposée le {on(file.filed_on)}, vous avez souhaité que {dossier.holder} vous communique des "
        f"données à caractère personnel : {dossier.subject}."
    )
    said = f"Sens de la décision : {label('decision_value', made.value)}, le {on(made.decided_on)}."
    paragraphs = ["Madame, Monsieur,", opening, _after(dossier), said]
    if made.reasons:
        paragraphs.append(f"Motifs : {made.reasons}")
    if made.alternative:
        paragraphs.append(f"Nous vous proposons à la place : {made.alternative}")
    if made.excluded_paths:
        paragraphs.append(f"Ne sont pas couvertes par cet accord les rubriques : {', '.join(made.excluded_paths)}.")
    sections = [Section("Décision", paragraphs=paragraphs)]
    if file.recommendations:
        sections.append(_conditions(dossier))
    signed = [f"Pour {dossier.holder}", dossier.contact(file.holder, "controller"), f"Le {on(made.decided_on)}"]
    if made.paper is not None:
        signed.append(on_paper(made.paper, dossier.holder))
    sections.append(Section("Signature", paragraphs=signed))
    return _paper(dossier, f"Décision : {dossier.subject}", sections, to=dossier.requester)


def on_paper(paper: Paper, party: str) -> str:
    """That an act was signed on paper, by whom, and that another person recorded it."""
    by = "le responsable de traitement" if paper.signed_as == "controller" else "un délégataire de sa signature"
    return (
        f"Signé sur papier le {on(paper.signed_on)} par {by} ({paper.function}), pour {party} ; lettre enregistrée le "
        f"{on(paper.recorded_on)} par une autre personne de cette partie, empreinte {paper.letter}."
    )


def _after(dossier: Dossier) -> str:
    given = dossier.file.opinion
    if given is None:
        return "Cette décision est prise au terme de l'étude prévue par la convention."
    value = label("opinion_value", given.value).lower()
    return (
        f"Cette décision est prise au terme de l'étude prévue par la convention et après l'avis « {value} » de notre "
        f"délégué à la protection des données, rendu le {on(given.signed_on)}."
    )


def _paper(dossier: Dossier, title: str, sections: list[Section], to: str | None = None) -> Pdf:
    lines = [dossier.under, *([f"À l'attention de : {to}"] if to else [])]
    return Pdf(title=title, made_at=dossier.made_at, author=dossier.holder, lines=lines, sections=sections)
