"""The records of Écluse itself: what each party, as controller, and its host, as processor, enter in their registers.

They are drafts: what the program cannot know (contracts, backups, a party's own organisation) is left to complete.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from registry.exchange.file import Document
from registry.processing.draft import contact, officer

REFERENCES = {"controller": "ECLUSE", "processor": "ECLUSE-HEBERGEMENT"}
"""What the records bear in a register: one of each kind at most."""
_TITLE = "Gestion des demandes d'échange de données (Écluse)"
_TO_FILL = "[à compléter]"
_PURPOSES = (
    "Instruire, décider et suivre les demandes d'échange de données de la convention (article 7)",
    "Tenir les registres des activités de traitement et prouver ce qui a été décidé",
    "Gérer les comptes, les fonctions et la sécurité du service",
)
_PEOPLE = (
    "Agents et élus qui demandent, instruisent, décident ou tiennent les registres",
    "Délégués à la protection des données, auditeurs",
)
_DATA = {
    "identity": "Adresse électronique professionnelle, fonctions et leurs dates, délégations et désignations",
    "connection": "Moyens de connexion (hachés ou scellés), sessions et appareil, jetons ; empreinte de l'adresse "
    "réseau pendant un jour, pour limiter les essais ; aucun journal des pages lues",
    "professional_life": "Ce que les personnes écrivent dans les dossiers (motifs, avis, messages), leurs absences",
}
_SECURITY = {
    "user_access_control": "Fonctions datées, second facteur pour les actes graves, séparation des fonctions",
    "traceability": "Journal signé et publié, que les parties vérifient sans l'hébergeur",
    "encryption": "Textes et pièces chiffrés sous une clé par dossier ; secrets hachés ou scellés",
    "backup": _TO_FILL,
}


def controller_record(party: Mapping[str, Any], host: str | None, periods: Sequence[Document]) -> Document:
    """The draft of a party's record (keys of the vocabulary's `register_record`). `host`: who serves the installation,
    None when that is not known; `periods`: how long each category is kept, as `time_limits_for_erasure`."""
    return {
        "record_reference": REFERENCES["controller"],
        "title": _TITLE,
        "controller": {"name": party.get("name"), "contact_details": contact(party, "controller")},
        "joint_controllers": [],
        "data_protection_officer": officer(party),
        "purposes": list(_PURPOSES),
        "categories_of_data_subjects": list(_PEOPLE),
        "categories_of_personal_data": [
            {"category": kind, "description": description, "retention": None} for kind, description in _DATA.items()
        ],
        "categories_of_recipients": [
            {"type": "internal_department", "name": "Personnes habilitées de la partie", "details": None},
            {"type": "other_public_body", "name": "L'autre partie de chaque échange", "details": "Dossiers déposés"},
            {"type": "processor", "name": host or _TO_FILL, "details": "Hébergement et exploitation du service"},
        ],
        "transfers": [],
        "time_limits_for_erasure": list(periods),
        "security_measures": [{"kind": kind, "details": details} for kind, details in _SECURITY.items()],
        "supplement": {
            "legal_basis": {
                "article_6": "public_interest_task",
                "texts": ["Convention territoriale globale, article 7", "RGPD, articles 5(2), 24 et 30"],
            },
            "data_source": "Les personnes elles-mêmes, et l'administrateur qui les invite",
            "data_subject_rights": "Export et effacement de son compte depuis la page « Mon compte » ; autres droits "
            "auprès du délégué à la protection des données",
            "dpia": {"status": "not_done", "reference": None},
            "processors": [{"name": host or _TO_FILL, "task": "Hébergement", "contract": _TO_FILL}],
        },
    }  # fmt: skip


def processor_record(host: Mapping[str, Any], parties: Sequence[Mapping[str, Any]]) -> Document:
    """The draft of the host's record (keys of the vocabulary's `processor_record`), for the other parties it serves."""
    return {
        "record_reference": REFERENCES["processor"],
        "title": "Hébergement d'Écluse pour les parties de la convention",
        "processor": {"name": host.get("name"), "contact_details": contact(host, "controller")},
        "other_processors": [],
        "controllers": [
            {"name": party.get("name"), "contact_details": contact(party, "controller")}
            for party in parties
            if party["id"] != host["id"]
        ],
        "data_protection_officer": officer(host),
        "categories_of_processing": ["Hébergement, sauvegarde, exploitation et maintenance du service"],
        "transfers": [],
        "security_measures": [{"kind": kind, "details": details} for kind, details in _SECURITY.items()],
    }
