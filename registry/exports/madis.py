"""A copy aid for Madis (Soluris, 2.4.0), which exports treatments but imports none: its own export's columns, in
order. UTF-8 with BOM, `;`, booleans « Oui » / « Non », several values joined by « - »."""

from collections.abc import Mapping
from typing import Any, BinaryIO

from registry.exports.csv import row
from registry.exports.export import Document, Plain
from registry.exports.heading import Heading
from registry.exports.table import STATUSES
from registry.processing.differences import french_date
from schemas import label, vocabulary

_PEOPLE = ("Particuliers", "Internautes", "Salariés", "Élus", "Professionnels", "Partenaires", "Usagers", "Autres")
_SECURITY = {
    "Contrôle d'accès": "user_access_control",
    "Traçabilité": "traceability",
    "Sauvegarde": "backup",
    "Mise à jour": "software_protection",
}
_QUESTIONS = (
    "Finalités : déterminées, explicites et légitime",
    "Fondement : licéité du traitement, interdiction du détournement de finalité",
    "Minimisation des données : adéquates, pertinentes et limitées",
    "Qualité des données : exactes et tenues à jour",
    "Durées de conservation : limitées",
    "Information des personnes concernées (traitement loyal et transparent)",
    "Recueil du consentement",
    "Exercice du droit d'accès",
    "Exercice du droit de rectification",
    "Exercice du droit de limitation",
    "Exercice du droit à la portabilité",
    "Exercice du droit d'effacement",
    "Exercice du droit d'opposition",
    "Sous-traitance : identifiée et contractualisée",
    "Transferts : respect des obligations en matière de transfert des données en dehors de l'Union Européenne",
)
_SPECIFIC = (
    "Surveillance systématique",
    "Collecte à large échelle",
    "Personnes vulnérables",
    "Croisement de données",
    "Évaluation ou notation",
    "Décisions automatisées avec effet",
    "Exclusion automatique d'un service",
    "Usage innovant",
)
_SAFETY = "Mesures de sécurité et confidentialité - "


def _commented(prefix: str, names: tuple[str, ...]) -> list[str]:
    return [f"{prefix}{name}{end}" for name in names for end in ("", " - Commentaire")]


COLUMNS: tuple[str, ...] = (
    "Nom", "Structure - Nom", "Structure - SIREN", "Structure - Code INSEE", "En tant que",
    "Coordonnées du responsable de traitement", "Finalités", "Gestionnaire", "État", "Base légale",
    "Justification de la base légale", "Observations", "Registre public", "Est exempté d'AIPD", "Préconisations",
    "Catégorie de données", "Catégorie des données - Autres catégories", "Destination - Catégorie de destinataires",
    "Destination - Sous-traitants", "Historique - Créé par", "Historique - Date de création",
    "Historique - Date de modification",
    *_commented("Détails - Personnes concernées - ", _PEOPLE),
    "Détails - Nombre de personnes concernées", "Détails - Logiciels et supports", "Détails - Traitement papier",
    "Détails - Délai de conservation - Durée", "Détails - Délai de conservation - Nom",
    "Détails - Délai de conservation - Sort final", "Détails - Origine des données", "Détails - Moyens de la collecte",
    *_commented(_SAFETY, (*_SECURITY, "Autres")),
    f"{_SAFETY}À tout moment il est possible de ressortir les personnes habilitées",
    f"{_SAFETY}La personne ou la procédure qui permet d’ouvrir des comptes est clairement identifiée",
    f"{_SAFETY}Les spécificités de sensibilisation liées à ce traitement sont délivrées",
    *(f"Traitement spécifique - {name}" for name in _SPECIFIC),
    "Nb Preuves", "Conformité du traitement", "Conformité du traitement - Date création",
    "Conformité du traitement - Date modification",
    *(f"Conformité du traitement - Question : {question}" for question in _QUESTIONS),
)  # fmt: skip


class MadisWriter(Plain):
    """The header, then a line per record."""

    def __init__(self, file: BinaryIO, heading: Heading) -> None:
        self._file, self._heading = file, heading
        file.write("\ufeff".encode() + row(list(COLUMNS)))

    def add(self, line: Document, record: Document) -> None:
        filled = _filled(line, record, self._heading)
        self._file.write(row([filled.get(name, "") for name in COLUMNS]))


def _filled(line: Mapping[str, Any], record: Mapping[str, Any], heading: Heading) -> dict[str, str]:
    more = record.get("supplement", {})
    basis = more.get("legal_basis", {})
    own = record.get("controller") or record.get("processor") or {}
    return {
        "Nom": record.get("title", ""),
        "Structure - Nom": heading.party_name,
        "Structure - Code INSEE": heading.insee or "",
        "En tant que": _capacity(line, record),
        "Coordonnées du responsable de traitement": ", ".join(str(value) for value in own.values()),
        "Finalités": _joined(record.get("purposes") or record.get("categories_of_processing")),
        "État": {"draft": "Brouillon", "confirmed": "Terminé"}.get(line["status"], STATUSES[line["status"]]),
        "Base légale": _madis("article_6", basis.get("article_6")),
        "Justification de la base légale": _joined(basis.get("texts")),
        "Catégorie de données": _joined(
            dict.fromkeys(
                label("cnil_category", item["category"])
                for item in record.get("categories_of_personal_data", [])
                if "category" in item
            )
        ),
        "Catégorie des données - Autres catégories": _joined(
            item.get("description") for item in record.get("categories_of_personal_data", [])
        ),
        "Destination - Catégorie de destinataires": _joined(
            item.get("name") or label("recipient_kind", item.get("type", ""))
            for item in record.get("categories_of_recipients", [])
        ),
        "Destination - Sous-traitants": _joined(item.get("name") for item in more.get("processors", [])),
        "Historique - Date de création": french_date(record.get("created_on", "")),
        "Historique - Date de modification": french_date(record.get("updated_on", "")),
        "Détails - Origine des données": more.get("data_source", ""),
        "Détails - Moyens de la collecte": "Liste reçue" if "data_source" in more else "",
        **_people(record.get("categories_of_data_subjects", [])),
        **_retention(record.get("time_limits_for_erasure", [])),
        **_security(record.get("security_measures", [])),
    }


def _capacity(line: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    if line["kind"] == "processor":
        return "Sous-traitant"
    return "Responsabilité conjointe" if record.get("joint_controllers") else "Responsable de traitement"


def _joined(values: Any) -> str:
    return " - ".join(str(value) for value in values or () if value)


def _madis(name: str, value: str | None) -> str:
    found = vocabulary()["enumerations"][name].get(value, {}) if value else {}
    return str(found.get("madis_label") or found.get("label") or "")


def _people(subjects: list[str]) -> dict[str, str]:
    if not subjects:
        return {}
    column = "Détails - Personnes concernées - Usagers"
    return {column: "Oui", f"{column} - Commentaire": _joined(subjects)}


def _retention(limits: list[Mapping[str, Any]]) -> dict[str, str]:
    prefix = "Détails - Délai de conservation - "

    def numbered(values: list[str]) -> str:
        return "\n".join(f"{number}: {value}" for number, value in enumerate(values, 1))

    def duration(limit: Mapping[str, Any]) -> str:
        return f"{limit['months']} mois" if "months" in limit else str(limit.get("criterion", ""))

    return {
        f"{prefix}Durée": numbered([duration(limit) for limit in limits]),
        f"{prefix}Nom": numbered([str(limit.get("category", "")) for limit in limits]),
        f"{prefix}Sort final": numbered([_madis("final_outcome", limit.get("final_outcome")) for limit in limits]),
    }


def _security(measures: list[Mapping[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    columns = {kind: name for name, kind in _SECURITY.items()}
    for measure in measures:
        column = _SAFETY + columns.get(measure.get("kind", ""), "Autres")
        details = measure.get("details") or label("security_measure", measure.get("kind", ""))
        found[column] = "Oui"
        found[f"{column} - Commentaire"] = _joined([found.get(f"{column} - Commentaire"), details])
    return found
