"""Who may do what, when: one table, as data. `decide` enforces it, the API lists the open acts from it.

`sides` says for which party of the exchange one must act: `requester`, `holder`, `studying` (the party that studies:
the holder, or the requester when the holder asked), `initiator` (the party that filed) or `controller` (any controller
concerned). `roles` are the role ids of the vocabulary; `states` those in which the act is open.
"""

from typing import NamedTuple

_BEFORE_ACTIVE = (
    "draft", "filed", "outside_procedure", "awaiting_information", "under_study", "referred",
    "awaiting_decision", "approved", "approved_subject_to_conditions", "preparation",
)  # fmt: skip
_APPROVED = ("approved", "approved_subject_to_conditions", "preparation")
_STUDIED = ("under_study", "awaiting_decision", *_APPROVED)
_RUNNING = ("active", "suspended")
_OPEN = ("filed", "awaiting_information", *_STUDIED, *_RUNNING)
_ANY = (
    *_BEFORE_ACTIVE, "active", "inadmissible", "refused", "suspended", "closing", "closed", "lapsed", "dropped",
    "withdrawn",
)  # fmt: skip
_HOLDER_STAFF = ("business_referent", "it_security", "compliance_referent", "dpo")
_DECIDERS = ("controller", "delegate")
_RECORDERS = ("records_manager", "compliance_referent", "business_referent")
"""Those who record, for their party, what its controller signed on paper: the party's own secretariat."""


class Act(NamedTuple):
    """One line of the table. `schema` names the JSON Schema of the body; `label` is what people read; `confirmed` acts
    ask a person at a browser for a second factor given lately; `signable` ones may be signed on their author's device,
    and must be where the party asks for it."""

    name: str
    label: str
    schema: str
    states: tuple[str, ...]
    sides: tuple[str, ...]
    roles: tuple[str, ...]
    judges_version: bool = False
    confirmed: bool = False
    signable: bool = False


_TABLE = (
    Act("document", "Modifier la demande", "request", ("draft", "filed", "awaiting_information", "under_study"),
        ("initiator", "requester", "holder"), ("requester", *_HOLDER_STAFF), judges_version=True),
    Act("filing", "Déposer la demande", "filing", ("draft",), ("initiator",), ("requester",), judges_version=True),
    Act("admission", "Statuer sur la recevabilité", "admission", ("filed",), ("studying",),
        ("business_referent", "compliance_referent", *_DECIDERS)),
    Act("requalification", "Requalifier en échange de données personnelles", "requalification",
        ("outside_procedure",), ("initiator", "studying"), ("requester", "business_referent", "compliance_referent")),
    Act("reply", "Répondre hors circuit", "reply", ("outside_procedure",), ("holder",),
        ("business_referent", "compliance_referent", *_DECIDERS)),
    Act("information-requests", "Demander des compléments", "information_request", ("filed", "under_study"),
        ("studying", "holder"), _HOLDER_STAFF),
    Act("information", "Apporter les compléments", "information", ("awaiting_information",), ("initiator", "requester"),
        ("requester", "dpo")),
    Act("dropping", "Classer sans suite", "dropping", ("awaiting_information",), ("studying",),
        ("compliance_referent", *_DECIDERS)),
    Act("withdrawal", "Retirer la demande", "withdrawal", _BEFORE_ACTIVE, ("initiator",), ("requester", *_DECIDERS)),
    Act("referral", "Saisir la Cnaf ou la CNIL", "referral", ("under_study", *_RUNNING), ("studying", "holder"),
        ("dpo", "compliance_referent", *_DECIDERS)),
    Act("return", "Renvoyer à l'étude ou enregistrer la réponse à une saisine", "return",
        ("awaiting_decision", "referred", *_RUNNING),
        ("studying", "holder"), ("dpo", "compliance_referent", *_DECIDERS)),
    Act("study/opportunity", "Conclure l'étude d'opportunité", "study_part", ("under_study",), ("studying",),
        ("business_referent",), judges_version=True),
    Act("study/feasibility", "Conclure l'étude de faisabilité", "study_part", ("under_study",), ("studying",),
        ("it_security",), judges_version=True),
    Act("study/compliance", "Conclure l'étude de conformité", "study_part", ("under_study",), ("studying",),
        ("compliance_referent", "dpo"), judges_version=True),
    Act("substitution", "Désigner un délégué suppléant pour ce dossier", "substitution", ("filed", "under_study"),
        ("holder",), _DECIDERS),
    Act("opinion", "Rendre l'avis du délégué à la protection des données", "opinion", ("under_study",), ("holder",),
        ("dpo",), judges_version=True, confirmed=True, signable=True),
    Act("decision", "Décider", "decision", ("under_study", "awaiting_decision"), ("holder",), _DECIDERS,
        judges_version=True, confirmed=True, signable=True),
    Act("paper-decision", "Enregistrer une décision signée sur papier", "paper_decision",
        ("under_study", "awaiting_decision"), ("holder",), _RECORDERS, judges_version=True, confirmed=True,
        signable=True),
    Act("override", "Passer outre un constat bloquant", "override", ("filed", "awaiting_decision", *_APPROVED),
        ("holder",), _DECIDERS),
    Act("acceptance", "Accepter les conditions", "acceptance", ("approved", "approved_subject_to_conditions"),
        ("requester",), _DECIDERS, judges_version=True),
    Act("paper-acceptance", "Enregistrer une acceptation signée sur papier", "paper_acceptance",
        ("approved", "approved_subject_to_conditions"), ("requester",), _RECORDERS, judges_version=True,
        confirmed=True),
    Act("correction", "Proposer ou accepter une correction", "correction", _APPROVED, ("requester", "holder"),
        ("requester", "dpo"), judges_version=True),
    Act("recommendations", "Suivre une recommandation", "recommendation_status", (*_APPROVED, *_RUNNING),
        ("requester", "holder"), ("requester", *_HOLDER_STAFF, *_DECIDERS)),
    Act("dpia", "Enregistrer l'analyse d'impact", "dpia", _OPEN, ("requester", "holder"),
        ("requester", "compliance_referent", "dpo")),
    Act("attachments", "Joindre une pièce", "attachment", ("draft", *_OPEN, "closing"), ("requester", "holder"),
        ("requester", *_HOLDER_STAFF, *_DECIDERS, "records_manager")),
    # Nothing of a draft is shown to the other party yet: there is nobody to write to.
    Act("messages", "Écrire à l'autre partie", "message", tuple(state for state in _ANY if state != "draft"),
        ("requester", "holder"), ("requester", *_HOLDER_STAFF, *_DECIDERS, "records_manager")),
    Act("preparation", "Engager la préparation", "preparation", ("approved", "approved_subject_to_conditions"),
        ("requester", "holder"), ("requester", "business_referent", "it_security", *_DECIDERS)),
    Act("register-confirmations", "Confirmer la fiche du registre", "register_confirmation", _APPROVED,
        ("controller",), ("records_manager",)),
    Act("activation", "Mettre en œuvre l'échange", "activation", ("preparation",), ("requester", "holder"),
        ("requester", "business_referent", "it_security", *_DECIDERS)),
    Act("lapse", "Constater la caducité", "lapse", ("approved", "approved_subject_to_conditions", "preparation"),
        ("holder",), _DECIDERS),
    Act("flows", "Inscrire des envois ou des consultations", "flows", (*_RUNNING, "closing"), ("requester", "holder"),
        ("requester", *_HOLDER_STAFF, *_DECIDERS)),
    Act("review", "Faire la revue de l'échange", "review", _RUNNING, ("requester", "holder"),
        ("requester", "business_referent", "compliance_referent", "dpo", *_DECIDERS)),
    Act("incidents", "Signaler un incident", "incident", (*_RUNNING, "closing", "closed"), ("requester", "holder"),
        ("requester", *_HOLDER_STAFF, *_DECIDERS)),
    Act("incident-status", "Suivre un incident", "incident_status", (*_RUNNING, "closing", "closed"),
        ("requester", "holder"), ("requester", *_HOLDER_STAFF, *_DECIDERS)),
    Act("objections", "Inscrire des demandes de personnes", "objection", (*_RUNNING, "closing"),
        ("requester", "holder"), ("requester", *_HOLDER_STAFF, *_DECIDERS)),
    Act("objection-status", "Suivre des demandes de personnes", "objection_status", (*_RUNNING, "closing"),
        ("requester", "holder"), ("requester", *_HOLDER_STAFF, *_DECIDERS)),
    Act("suspension", "Suspendre l'échange", "suspension", ("active",), ("requester", "holder"), _DECIDERS,
        confirmed=True),
    Act("resumption", "Reprendre l'échange", "resumption", ("suspended",), ("requester", "holder"), _DECIDERS,
        confirmed=True),
    Act("closing", "Mettre fin à l'échange", "closing", _RUNNING, ("requester", "holder"), ("requester", *_DECIDERS)),
    Act("certificate", "Attester la destruction ou la restitution", "certificate", ("closing",), ("requester",),
        _DECIDERS, confirmed=True),
    Act("reattachment", "Rattacher l'échange à un autre cadre", "reattachment", _RUNNING, ("requester", "holder"),
        _DECIDERS),
    Act("modification", "Modifier l'échange en cours", "modification", _RUNNING, ("requester", "holder"),
        ("requester",)),
    Act("copies", "Copier la demande pour d'autres communes", "copies",
        ("filed", "awaiting_information", "referred", *_STUDIED, "active"), ("requester",), ("requester",)),
    Act("adoption", "Reprendre l'étude et l'avis de la demande d'origine", "adoption", ("under_study",), ("holder",),
        ("dpo",), judges_version=True, confirmed=True),
    # GDPR art. 17 binds the controller; its DPO advises and is informed, but does not decide (art. 38(6), 39).
    Act("erasure", "Effacer des textes ou des pièces du dossier", "erasure", _ANY, ("requester", "holder"), _DECIDERS),
)  # fmt: skip

ACTS: dict[str, Act] = {act.name: act for act in _TABLE}

ACTING = frozenset(role for act in _TABLE for role in act.roles)
"""Roles that some act of an exchange may wait for."""
READERS = frozenset({
    "requester", *_HOLDER_STAFF, *_DECIDERS, "records_manager", "auditor",
})  # fmt: skip
"""Roles that read a party's exchanges and register; the committee, its secretariat and administrators do not
(convention art. 14)."""
