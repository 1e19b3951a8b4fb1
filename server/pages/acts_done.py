"""What each act is called once done: a history tells what happened, a list of tasks what remains to do."""

from registry.exchange.events import Event

CREATION = "Brouillon commencé"
DONE = {
    "document": "Demande modifiée",
    "filing": "Demande déposée",
    "admission": "Recevabilité examinée",
    "requalification": "Demande requalifiée en échange de données personnelles",
    "reply": "Réponse donnée hors circuit",
    "information-requests": "Compléments demandés",
    "information": "Compléments apportés",
    "dropping": "Demande classée sans suite",
    "withdrawal": "Demande retirée",
    "referral": "Cnaf ou CNIL saisie",
    "return": "Renvoi à l'étude, ou réponse à une saisine",
    "study/opportunity": "Étude d'opportunité conclue",
    "study/feasibility": "Étude de faisabilité conclue",
    "study/compliance": "Étude de conformité conclue",
    "substitution": "Délégué suppléant désigné pour ce dossier",
    "opinion": "Avis du délégué à la protection des données rendu",
    "decision": "Décision prise",
    "paper-decision": "Décision signée sur papier enregistrée",
    "override": "Passage outre un constat bloquant",
    "acceptance": "Conditions acceptées",
    "paper-acceptance": "Acceptation signée sur papier enregistrée",
    "correction": "Correction proposée ou acceptée",
    "recommendations": "Suite donnée à une recommandation",
    "dpia": "Analyse d'impact enregistrée",
    "attachments": "Pièce jointe au dossier",
    "messages": "Message envoyé à l'autre partie",
    "preparation": "Préparation engagée",
    "register-confirmations": "Fiche du registre confirmée",
    "activation": "Échange mis en œuvre",
    "lapse": "Caducité constatée",
    "flows": "Envois ou consultations inscrits",
    "review": "Revue de l'échange faite",
    "incidents": "Incident signalé",
    "incident-status": "Suite donnée à un incident",
    "objections": "Demandes de personnes inscrites",
    "objection-status": "Suite donnée à des demandes de personnes",
    "suspension": "Échange suspendu",
    "resumption": "Échange repris",
    "closing": "Fin de l'échange engagée",
    "certificate": "Destruction ou restitution attestée",
    "reattachment": "Échange rattaché à un autre cadre",
    "modification": "Échange modifié",
    "copies": "Demande copiée pour d'autres communes",
    "adoption": "Étude et avis de la demande d'origine repris",
    "erasure": "Textes ou pièces du dossier effacés",
    # What happened to an exchange otherwise than by an act on it.
    "existing-exchange": "Échange qui existait déclaré",
    "replacement": "Échange remplacé",
    "termination-suspension": "Échange suspendu : la convention est résiliée",
    "creation": CREATION,
}


def title(event: Event) -> str:
    """What an act of a history is called."""
    return DONE.get(event.act, CREATION)
