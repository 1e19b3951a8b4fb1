"""What a machine's token may be limited to. A token never exceeds the functions of its account that day."""

ALL = "all"
"""Every scope, and whatever is added to them."""

SCOPES = {
    "read": "Lire les échanges, les registres et la convention",
    "file": "Rédiger, déposer et compléter des demandes, joindre des pièces, tenir le journal des envois",
    "study": "Instruire : recevabilité, compléments, étude",
    "decide": "Avis, décision et tous les actes qui engagent la partie, effacement compris",
    "register": "Tenir les registres : fiches, confirmations, imports",
    "export": "Demander, suivre et retirer les exports des registres",
    "ledger": "Lire les journaux signés et y déposer des cosignatures",
    "webhooks": "Régler les annonces automatiques de la partie (webhooks)",
    "convention": "Enregistrer les actes de la convention : avenants, désignations, délégations, réglages",
}

_OF_ACTS = {
    "file": (
        "document", "filing", "requalification", "information", "withdrawal", "dpia", "attachments", "recommendations",
        "messages", "flows", "incidents", "incident-status", "objections", "objection-status", "modification", "copies",
    ),
    "study": (
        "admission", "reply", "information-requests", "dropping", "referral", "return", "study/opportunity",
        "study/feasibility", "study/compliance", "substitution", "review",
    ),
    "register": ("register-confirmations",),
}  # fmt: skip


def scope_of_act(act: str) -> str:
    """The scope that an act of an exchange asks of a token: `decide` unless it is named above, so that an act added
    later is not open to tokens that were made for less."""
    return next((scope for scope, acts in _OF_ACTS.items() if act in acts), "decide")
