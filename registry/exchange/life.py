"""What an exchange keeps of its life after activation, and of how it began (vocabulary, `keys.file`).

Nothing here holds exchanged data: days, numbers, digests, and what people wrote of them.
"""

from datetime import date

import msgspec


class Review(msgspec.Struct, frozen=True, kw_only=True):
    reviewed_on: date
    reviewed_by: str
    party: str
    outcome: str
    comment: str | None = None
    authorisations_checked: bool = False
    purged_on: date | None = None


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """`notify_by` is the instant (ISO 8601, UTC) at which the 72 hours of a breach end (GDPR art. 33(1)); `party` and
    `reported_by` recorded it."""

    number: int
    discovered_on: date
    description: str
    personal_data_breach: bool
    party: str
    reported_by: str
    reported_on: date
    discovered_at: str | None = None
    notify_by: str | None = None
    measures: str | None = None
    other_party_informed_on: date | None = None
    cnil_notified_on: date | None = None
    not_notified_reasons: str | None = None
    closed_on: date | None = None

    @property
    def notification_awaited(self) -> bool:
        """Whether a breach is neither notified to the CNIL nor said, with reasons, to be without risk."""
        settled = self.cnil_notified_on is not None or self.not_notified_reasons is not None
        return self.personal_data_breach and self.closed_on is None and not settled


class Objection(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of data subjects that the other party must apply too: numbers only (GDPR art. 19)."""

    number: int
    party: str
    kind: str
    received_on: date
    count: int
    forwarded_on: date | None = None
    applied_on: date | None = None


class Suspension(msgspec.Struct, frozen=True, kw_only=True):
    suspended_on: date
    suspended_by: str
    party: str
    cause: str
    reasons: str
    resumed_on: date | None = None
    resumed_by: str | None = None
    resumption_reasons: str | None = None

    def covers(self, day: date) -> bool:
        """Whether nothing was to pass on that day; those of the decision and of the resumption are left out."""
        return self.suspended_on < day and (self.resumed_on is None or day < self.resumed_on)


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """`certificate_due_on`: when the certificate is late, by the convention's service level."""

    ended_on: date
    ended_by: str
    party: str
    cause: str
    reasons: str
    certificate_due_on: date


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    signed_on: date
    signed_by: str
    signed_by_party: str
    outcome: str
    done_on: date
    method: str
    copies: str
    processors: str | None = None
    access_revoked_on: date | None = None


class Reattachment(msgspec.Struct, frozen=True, kw_only=True):
    framework: str
    effective_on: date
    recorded_by: str


class Regularisation(msgspec.Struct, frozen=True, kw_only=True):
    """An exchange that ran before it was asked for: since when, on which papers, by when it is to be decided."""

    since: date
    deadline: date
    papers: str | None = None
