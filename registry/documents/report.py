"""The steering committee's report of a year, and the final account of a convention (convention, articles 6 and 9).

Aggregates only: nothing of an exchange, small counts kept back as on the dashboard.
"""

from collections.abc import Iterator
from datetime import date, datetime

from registry.committee import next_meeting_due, parity, sitting
from registry.conformity.terms import in_force_until
from registry.convention import Convention
from registry.convention_alerts import Alert
from registry.documents.dossier import on
from registry.exports.pdf import Pdf, Section
from registry.indicators.board import Board, Table
from registry.indicators.masking import THRESHOLD
from schemas import label

KEPT_BACK = "n. c."
_TO_FILL = "[à compléter]"


def report(convention: Convention, found: Board, alerts: list[Alert], now: datetime, today: date) -> Pdf:
    """The report of the board's year; of every year, the account that article 9 asks for at the convention's end."""
    document = convention.document
    what = "Bilan" if found.year is None else f"Rapport {found.year}"
    return Pdf(
        title=f"{what} des échanges de données",
        made_at=now,
        author="Comité de pilotage",
        lines=[str(document["title"]), f"Établi le {on(today)}. {_kept_back()}"],
        sections=[
            _of_convention(convention, alerts, today),
            _of_committee(convention, found.year, today),
            *(_chart(table) for table in found.tables),
            _delays(found),
            _evaluation(found.year),
        ],
    )


def _kept_back() -> str:
    return (
        f"Ce document ne contient que des totaux : aucun dossier n'y figure. « {KEPT_BACK} » : non communiqué, car le "
        f"nombre est inférieur à {THRESHOLD} ou permettrait d'en retrouver un qui l'est. Les échanges actifs ou "
        "suspendus, dont la liste est publique, sont toujours comptés."
    )


def _of_convention(convention: Convention, alerts: list[Alert], today: date) -> Section:
    document = convention.document
    status = convention.status(today)
    terms = [
        ("État", label("convention_status", status) if status else "Pas encore en vigueur"),
        ("Date d'effet", on(date.fromisoformat(document["effective_from"]))),
        ("Dernier jour", on(in_force_until(document))),
        ("Avenants", str(len(document["amendments"]))),
        ("Parties", ", ".join(str(p["name"]) for p in convention.parties() if convention.exists(p["id"], today))),
    ]
    return Section("La convention", terms=terms, paragraphs=[f"• {one.message}" for one in alerts])


def _of_committee(convention: Convention, year: int | None, today: date) -> Section:
    document = convention.document
    funds, communes = parity(convention, today)
    held = [
        one
        for one in document.get("committee_meetings", [])
        if year is None or date.fromisoformat(one["held_on"]).year == year
    ]
    members = [f"{m['function']} ({label('committee_member_kind', m['kind'])})" for m in sitting(document, today)]
    terms = [
        ("Membres", "\n".join(members) or "Aucun n'est enregistré."),
        ("Titulaires", f"{funds} pour la Caf, {communes} pour les communes"),
        ("Prochaine réunion", f"au plus tard le {on(next_meeting_due(document))}"),
    ]
    terms += [(f"Réunion du {on(date.fromisoformat(one['held_on']))}", str(one["subjects"])) for one in held]
    return Section("Le comité de pilotage", terms=terms)


def _chart(table: Table) -> Section:
    most = max((line.count or 0 for line in table.lines), default=0)
    bars = [(line.label, _share(line.count, most), _number(line.count)) for line in table.lines]
    return Section(table.title, bars=[*bars, ("Total", None, _number(table.total))])


def _delays(found: Board) -> Section:
    longest = max((one.median or 0 for one in found.delays), default=0)
    bars = [(one.label, _share(one.median, longest), _number(one.median)) for one in found.delays]
    text = f"La moitié des dossiers a pris moins, arrêts déduits. Rien n'est dit de moins de {THRESHOLD} dossiers."
    return Section("Délais nets médians, en jours", paragraphs=[text], bars=bars)


def _share(value: float | None, most: float) -> float | None:
    """The length of a bar, between 0 and 1; None without one."""
    return value / most if value is not None and most else None


def _number(value: float | None) -> str:
    if value is None:
        return KEPT_BACK
    return f"{value:.1f}".replace(".", ",") if value != int(value) else str(int(value))


def _evaluation(year: int | None) -> Section:
    """What the figures do not say and the committee does (article 9)."""
    return Section("Évaluation", terms=list(_questions(year)))


def _questions(year: int | None) -> Iterator[tuple[str, str]]:
    yield "Objectifs atteints et écarts", _TO_FILL
    yield "Effets pour les familles et pour les services", _TO_FILL
    if year is None:
        yield "Suites : objectifs à adapter dans la prochaine convention", _TO_FILL
    else:
        yield "Décisions pour l'année suivante", _TO_FILL
