"""What an exchange waits for, and from whom: the next acts of the common path, by state.

Other acts are open too (withdraw, ask for information…): these are those without which the exchange stays where it is.
"""

from dataclasses import dataclass
from datetime import date

from registry.exchange.acts import ACTS, Act
from registry.exchange.file import STUDY_PARTS, File, Recommendation
from registry.exchange.life import Incident


@dataclass(frozen=True)
class Awaited:
    """An act that is waited for, the functions that do it, and the parties it is waited for from: each one for the
    registers' records, any of them for other acts."""

    act: Act
    parties: tuple[str, ...]
    roles: tuple[str, ...]

    @property
    def label(self) -> str:
        """What people read: after filing, a request is not rewritten but completed."""
        return LABELS.get(self.act.name, self.act.label)


LABELS = {"document": "Répondre aux questions du dossier"}
ANSWERERS = {
    "requester_dpo": ("dpo",),
    "holder": ("business_referent", "it_security", "compliance_referent", "dpo"),
}
"""Who answers the questions asked after filing, by stage (vocabulary, « stages »)."""


def awaited(file: File, today: date | None = None) -> list[Awaited]:
    """The acts waited for, in order; none once the exchange is erased. What only a date makes due (a review) is among
    them when `today` is given."""
    if file.erased_on is not None:
        return []
    if file.state in _LIVING:
        return _life(file, today)
    if file.state == "under_study":
        return _study(file)
    if file.state in {"approved", "approved_subject_to_conditions"}:
        return _conditions(file)
    if file.state == "preparation":
        return _preparation(file)
    name = _NEXT.get(file.state)
    return [_of(file, name)] if name is not None else []


_LIVING = frozenset({"active", "suspended", "closing", "closed"})


def _life(file: File, today: date | None) -> list[Awaited]:
    """What the life of the exchange waits for: nothing, most days."""
    found = [_incident(file, one) for one in file.incidents if one.closed_on is None]
    found += [
        _by("objection-status", one.party if one.forwarded_on is None else _told_to(file, one.party))
        for one in file.objections
        if one.applied_on is None
    ]
    if file.state in _REVIEWED:
        found += [_follow(file, one) for one in file.recommendations if not one.lifted]
        if today is not None and file.next_review_on is not None and file.next_review_on <= today:
            found.append(_of(file, "review"))
    if file.state in _REVIEWED and file.open_referral is not None:
        found.append(_of(file, "return"))
    if file.state == "suspended":
        stopped = file.suspensions[-1]
        ended = stopped.cause == "convention_terminated" and not file.framework
        found.append(_of(file, "closing") if ended else _by("resumption", stopped.party))
    if file.state == "closing":
        found.append(_of(file, "certificate"))
    return list(dict.fromkeys(found))


_REVIEWED = frozenset({"active", "suspended"})


def _incident(file: File, incident: Incident) -> Awaited:
    """The other party first says that it knows; then whoever recorded it settles it."""
    told = incident.other_party_informed_on is not None
    return _by("incident-status", incident.party if told else _told_to(file, incident.party))


def _told_to(file: File, party: str) -> str:
    """The other party of the exchange."""
    return file.requester if party == file.holder else file.holder


def _follow(file: File, one: Recommendation) -> Awaited:
    """Its owner's to do; once done, the DPO's to accept."""
    if one.status == "done" and one.origin == "dpo":
        return Awaited(ACTS["recommendations"], (file.holder,), ("dpo",))
    return _by("recommendations", one.owner or file.requester)


def _by(name: str, party: str) -> Awaited:
    act = ACTS[name]
    return Awaited(act, (party,), act.roles)


_NEXT = {
    "draft": "filing",
    "filed": "admission",
    "outside_procedure": "reply",
    "awaiting_information": "information",
    "referred": "return",
    "awaiting_decision": "decision",
}


def _study(file: File) -> list[Awaited]:
    """The parts not concluded on the current version and the questions asked after filing; then the opinion, which is
    given on the whole of them: a decision waits for all of it."""
    parts = [part for part in STUDY_PARTS if (done := file.study.get(part)) is None or done.version != file.version]
    sides = {"requester_dpo": file.requester, "holder": file.holder}
    found = [_of(file, f"study/{part}") for part in parts]
    found += [
        Awaited(ACTS["document"], (sides[stage],), roles)
        for stage, roles in ANSWERERS.items()
        if not file.stage_answered(stage)
    ]
    if found:
        return found
    return [] if file.opinion_complete else [_of(file, "opinion")]


def _conditions(file: File) -> list[Awaited]:
    found = [_of(file, "correction")] if file.open_correction is not None else []
    if file.acceptance is None or file.acceptance.version != file.version:
        return [*found, _of(file, "acceptance")]
    return [*found, _of(file, "preparation")]


def _preparation(file: File) -> list[Awaited]:
    confirmed = {c.party for c in file.register_confirmations if c.version == file.version}
    missing = tuple(party for party in file.controllers if party not in confirmed)
    if missing:
        act = ACTS["register-confirmations"]
        return [Awaited(act, missing, act.roles)]
    return [_of(file, "activation")]


def _of(file: File, name: str) -> Awaited:
    act = ACTS[name]
    if name == "correction":  # proposed by the requester, it waits for the holder's DPO
        return Awaited(act, (file.holder,), ("dpo",))
    sides = {
        "requester": file.requester,
        "holder": file.holder,
        "studying": file.studying_party,
        "initiator": file.initiated_by,
    }
    named = [sides[side] for side in act.sides if sides.get(side)]
    return Awaited(act, tuple(dict.fromkeys(named)), act.roles)
