"""The names that the CNIL's simplified register gives to sheets, sections and rows.

They are reproduced to the letter, oddities included: a reader finds a row by its label.
"""

TUTORIAL = "Tutoriel"
LIST = "2_-_Liste_des_traitements"
TEMPLATE = "3_-_Modèle_de_fiche_de_registre"
EXAMPLE = "4_-_Exemple_de_fiche"
LISTS = "5_-_Listes"
TABLE = "Registre"
"""Ours: the register as a table, when its records are too many for a sheet each."""
MANIFEST = "Manifeste"
"""Ours: the manifest of the export."""

_WHOM = "(responsable de traitement ou son représentant si le responsable est situé en dehors de l’UE)"
ORGANISATION = f"Coordonnées du responsable de l’organisme {_WHOM}"
REPRESENTATIVE_OF = f"Coordonnées du représentant {_WHOM}"
OFFICER_OF = "Coordonnées du délégué à la protection des données (DPO)"

DESCRIPTION = "Description du traitement "
NAME, REFERENCE = "Nom du traitement", "N° / RÉF"
CREATED, UPDATED = "Date de création du traitement", "Mise à jour du traitement"

ACTORS = "Acteurs"
ACTOR_COLUMNS = ("Nom", "Adresse", "Code Postal", "Ville", "Pays", "Téléphone", "Adresse mél")
ACTOR_KEYS = ("name", "address", "postal_code", "city", "country", "telephone", "email")
OTHER_DETAILS = "Autres coordonnées"
CONTROLLER = "Responsable du traitement"
OFFICER = "Délégué à la protection des données"
OFFICER_COMPANY = "Société du DPO (si celui-ci est externe)"
REPRESENTATIVE = "Représentant"
JOINT = "Responsable(s) conjoint(s)"
ACTOR_ROWS = {
    CONTROLLER: "controller",
    OFFICER: "data_protection_officer",
    OFFICER_COMPANY: "data_protection_officer_company",
    REPRESENTATIVE: "representative",
    JOINT: "joint_controllers",
}

PURPOSES = "Finalité(s) du traitement effectué"
MAIN_PURPOSE, SUB_PURPOSE = "Finalité principale", "Sous-finalité"
SUB_PURPOSES = 5

CATEGORIES = "Catégories de données personnelles concernées"
SENSITIVE = "Données sensibles"
CATEGORY_COLUMNS = ("Description", "Durée de conservation")
NO_DESCRIPTION = "(sans description)"
OTHER_CATEGORY = "Autre rubrique (à préciser)"

SUBJECTS = "Catégories de personnes concernées"
SUBJECT = "Catégorie de personnes"
SUBJECT_ROWS = 2
OTHERS = "Autres (préciser)"

RECIPIENTS = "Destinataires"
RECIPIENT = "Destinataire"
RECIPIENT_ROWS = 4
RECIPIENT_COLUMNS = ("Type de destinataire", "Précisions")
EXACT_TYPE, MORE_DETAILS = "Type exact", "Ce qui lui est communiqué"

MEASURES = "Mesures de sécurité"
MEASURE = "Mesure de sécurité"
MEASURE_ROWS = 3
MEASURE_COLUMNS = ("Type de mesure de sécurité", "Précisions")

TRANSFERS = "Transferts hors UE"
TRANSFER = "Organisme destinataire"
TRANSFER_ROWS = 4
TRANSFER_COLUMNS = ("Destinataire", "Pays", "Type de Garanties", "Liens vers la documentation")

SUPPLEMENT = "Compléments (hors modèle de la CNIL)"
BASIS, TEXT, SOURCE = "Base légale (article 6 du RGPD)", "Texte cité", "Source des données"
RIGHTS, DPIA, OPINION = "Droits des personnes", "Analyse d'impact (état, référence)", "Avis du délégué (sens, date)"
AUTOMATED, REVIEW = "Décision automatisée", "Prochaine revue"

LIMITS = "Délais prévus pour l'effacement"
LIMIT = "Délai"
LIMIT_COLUMNS = ("Données ou documents", "Mois", "Critère", "Point de départ", "Sort final")
PROCESSORS = "Sous-traitants"
PROCESSOR = "Sous-traitant"
TASK, CONTRACT = "Prestation", "Contrat"

ABOUT = "État de la fiche dans l'outil"
STATUS, LACKS = "Statut", "Rubriques de l'article 30 manquantes"

SECTIONS = (
    DESCRIPTION, ACTORS, PURPOSES, CATEGORIES, SENSITIVE, SUBJECTS, RECIPIENTS, MEASURES, TRANSFERS, SUPPLEMENT,
    LIMITS, PROCESSORS, ABOUT,
)  # fmt: skip
