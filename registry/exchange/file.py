"""The exchange file: the state of one exchange, with the keys of the vocabulary (`keys.file`).

It is the fold of the exchange's events, what the API answers and what the conformity checks read.
"""

from datetime import date
from typing import Any

import msgspec

from registry.exchange.life import (
    Certificate,
    Closing,
    Incident,
    Objection,
    Reattachment,
    Regularisation,
    Review,
    Suspension,
)

Document = dict[str, Any]
"""A JSON document as its schema describes it."""

STUDY_PARTS = ("opportunity", "feasibility", "compliance")
APPROVALS = frozenset({"approved", "approved_subject_to_conditions", "awaiting_conditions"})
LIFTED_BY_DPO = frozenset({"accepted_by_dpo", "withdrawn_by_dpo"})


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What every judging act carries: who, for whom, when, and the exact document version judged (invariant 3)."""

    author: str
    author_party: str
    version: int
    document_hash: str


class StudyPart(Judgement, frozen=True, kw_only=True):
    concluded_on: date
    conclusion: str
    text: str | None = None
    evidence: list[str] = []


class Line(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    value: str
    text: str | None = None


class Opinion(Judgement, frozen=True, kw_only=True):
    value: str
    text: str | None
    signed_on: date
    nir_authorised: list[str] = []
    lines: list[Line] = []


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    text: str
    paths: list[str] = []
    covers: list[str] = []
    origin: str = "dpo"
    prior: bool = False
    owner: str | None = None
    due_days: int | None = None
    due_on: date | None = None
    proof: str | None = None
    status: str = "to_do"
    reasons: str | None = None

    def late(self, today: date) -> bool:
        """Whether its due date has passed and nothing ended it; what is done waits for its acceptance in good time."""
        return self.due_on is not None and self.due_on < today and not self.lifted and self.status != "done"

    @property
    def lifted(self) -> bool:
        """Whether a prior condition no longer stands in the way (catalogue, CYC-02)."""
        if self.status in LIFTED_BY_DPO or self.status == "abandoned_with_reasons":
            return True
        return self.status == "done" and self.origin != "dpo"


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """The signed letter that an act was recorded from: its digest (an attachment), its date, the function in which it
    was signed (`controller` or `delegate`, and in words), and who recorded it when."""

    letter: str
    signed_on: date
    signed_as: str
    function: str
    recorded_by: str
    recorded_on: date


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    value: str
    decided_by: str | None
    decided_for: str
    decided_on: date
    version: int
    document_hash: str
    delegation: str | None = None
    reasons: str | None = None
    alternative: str | None = None
    recommendations_not_followed: list[int] = []
    excluded_paths: list[str] = []
    dpo_informed_on: date | None = None
    paper: Paper | None = None


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    accepted_by: str | None
    accepted_on: date
    version: int
    paper: Paper | None = None


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    paths: list[str]
    submitted_by: str
    submitted_on: date
    document_hash: str
    request: Document
    accepted_by: str | None = None
    accepted_on: date | None = None
    refused_on: date | None = None
    reasons: str | None = None


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    stage: str
    answered_by: str
    answered_on: date


class InformationRequest(msgspec.Struct, frozen=True, kw_only=True):
    requested_on: date
    due_on: date
    items: list[str]
    answered_on: date | None = None


class ClockEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The clock stops (`stopped`) or runs again (`resumed`); net delays are computed from these."""

    kind: str
    on: date
    cause: str


class Referral(msgspec.Struct, frozen=True, kw_only=True):
    body: str
    referred_on: date
    question: str
    answered_on: date | None = None
    answer: str | None = None


class FrozenFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as it stood at filing; its message is rendered from the catalogue, never stored."""

    id: str
    severity: str
    pointers: list[str] = []
    subject: str = ""


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """A blocking finding passed by the decision-maker with written reasons, for one version."""

    check: str
    version: int
    overridden_by: str
    overridden_on: date
    override_reasons: str


class DpiaRecord(msgspec.Struct, frozen=True, kw_only=True):
    completed_on: date
    residual_risk: str
    prior_consultation_on: date | None = None
    dpo_advice: str | None = None
    departure_reasons: str | None = None


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    sha256: str
    dated_on: date
    file_name: str
    size: int
    party: str
    added_on: date


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What one party wrote to the other."""

    text: str
    sent_by: str
    party: str
    sent_on: date


MESSAGES_KEPT = 20
"""The file holds the latest messages, so that reading it costs no more after years of writing; history holds all."""


class RegisterConfirmation(msgspec.Struct, frozen=True, kw_only=True):
    party: str
    version: int
    record_reference: str
    entry: str
    entry_version: int
    action: str
    confirmed_on: date
    confirmed_by: str


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased of the exchange: the texts of acts (by their revision) and attachments (by their digest)."""

    scope: str
    legal_basis: str
    reason: str
    erased_on: date
    erased_by: str
    party: str
    revisions: list[int] = []
    attachments: list[str] = []


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange. User ids are account ids; party ids are the convention's; dates are Paris days."""

    id: str
    convention: str
    reference: str
    state: str
    request: Document
    version: int
    document_hash: str
    requester: str
    holder: str
    initiated_by: str
    studying_party: str
    controllers: list[str]
    created_by: str
    created_on: date
    last_changed_on: date
    askers: list[str] = []
    state_since: date | None = None
    rules_version: str | None = None
    submitted_by: str | None = None
    filed_on: date | None = None
    received_via: str | None = None
    asked_by: str | None = None
    needed_by: date | None = None
    urgency_reason: str | None = None
    linked_requests: list[str] = []
    framework: str | None = None
    reattachments: list[Reattachment] = []
    regularisation: Regularisation | None = None
    copied_from: str | None = None
    copies: dict[str, str] = {}
    modification_of: str | None = None
    modifications: list[str] = []
    replaced_by: str | None = None
    stages: list[Stage] = []
    findings: list[FrozenFinding] = []
    overrides: list[Override] = []
    acknowledged_on: date | None = None
    requalified_on: date | None = None
    admitted_on: date | None = None
    study: dict[str, StudyPart] = {}
    opinion: Opinion | None = None
    substitute: str | None = None
    recommendations: list[Recommendation] = []
    decision: Decision | None = None
    acceptance: Acceptance | None = None
    corrections: list[Correction] = []
    information_requests: list[InformationRequest] = []
    interrupted_state: str | None = None
    clock_events: list[ClockEvent] = []
    referrals: list[Referral] = []
    dpia_record: DpiaRecord | None = None
    attachments: list[Attachment] = []
    messages: list[Message] = []
    messages_sent: int = 0
    register_entries: dict[str, str] = {}
    register_confirmations: list[RegisterConfirmation] = []
    outcome_reasons: str | None = None
    authorised_users: list[str] = []
    activated_on: date | None = None
    next_review_on: date | None = None
    last_flow_on: date | None = None
    flows_recorded: int = 0
    reviews: list[Review] = []
    incidents: list[Incident] = []
    objections: list[Objection] = []
    suspensions: list[Suspension] = []
    closing: Closing | None = None
    closure_certificate: Certificate | None = None
    statutory_retention_text: str | None = None
    erased_on: date | None = None
    erasures: list[Erasure] = []

    @property
    def asking(self) -> frozenset[str]:
        """The accounts that ask: who began, wrote or filed the request. None of them advises on it or decides."""
        return frozenset(filter(None, [self.created_by, self.submitted_by, *self.askers]))

    @property
    def study_complete(self) -> bool:
        """Whether the three parts are concluded on the current version of the document (article 7)."""
        parts = [self.study.get(part) for part in STUDY_PARTS]
        return all(part is not None and part.version == self.version for part in parts)

    @property
    def opinion_complete(self) -> bool:
        """Whether the holder's DPO has signed an opinion on the current version of the document."""
        return self.opinion is not None and self.opinion.version == self.version

    @property
    def open_referral(self) -> Referral | None:
        """The referral whose answer is still awaited, if any: there is one at a time."""
        return next((r for r in self.referrals if r.answered_on is None), None)

    @property
    def open_correction(self) -> Correction | None:
        """The correction that still waits for the holder's DPO, if any."""
        return next((c for c in self.corrections if c.accepted_on is None and c.refused_on is None), None)

    def stage_answered(self, stage: str) -> bool:
        """Whether the questions of a stage were declared answered."""
        return any(answered.stage == stage for answered in self.stages)


def as_document(file: File) -> Document:
    """The file as plain JSON values, as the conformity checks read it."""
    document: Document = msgspec.to_builtins(file)
    return document
