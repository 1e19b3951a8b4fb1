"""Fold of events into the exchange file: pure and total, also on events whose texts were erased."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any, cast

import msgspec
from msgspec.structs import replace

from registry.exchange.changes import stages_of
from registry.exchange.events import Event
from registry.exchange.evolve_life import LIFE
from registry.exchange.file import (
    MESSAGES_KEPT,
    STUDY_PARTS,
    Acceptance,
    Attachment,
    ClockEvent,
    Correction,
    Decision,
    Document,
    DpiaRecord,
    Erasure,
    File,
    FrozenFinding,
    InformationRequest,
    Line,
    Message,
    Opinion,
    Override,
    Paper,
    Recommendation,
    Referral,
    RegisterConfirmation,
    Stage,
    StudyPart,
)
from registry.exchange.judged import advanced, recommendations_of
from registry.exchange.life import Regularisation


def fold(events: Iterable[Event]) -> File:
    """The file that a complete history gives; raises ValueError on an empty one."""
    file: File | None = None
    for event in events:
        file = evolve(file, event)
    if file is None:
        raise ValueError("an exchange has at least its creation")
    return file


def evolve(file: File | None, event: Event) -> File:
    """The file after one event. Every event of a history that `decide` wrote is accepted."""
    if file is None:
        return _created(event)
    after = _FOLDS[event.act](file, event)
    return after if after.state == file.state else replace(after, state_since=event.on)


def _created(event: Event) -> File:
    derived, begun_before = event.derived, event.act == "existing-exchange"
    return File(
        id=derived["id"],
        convention=derived["convention"],
        reference=derived["reference"],
        state="draft",
        request=event.input["request"] if begun_before else event.input,
        version=1,
        document_hash=event.commit,
        created_by=event.by,
        created_on=event.on,
        last_changed_on=event.on,
        askers=derived.get("askers", []),
        state_since=event.on,
        regularisation=_regularisation(event) if begun_before else None,
        copied_from=derived.get("copied_from"),
        modification_of=derived.get("modification_of"),
        **_sides(derived),
    )


def _regularisation(event: Event) -> Regularisation:
    given = event.input
    since, deadline = date.fromisoformat(given["since"]), date.fromisoformat(given["deadline"])
    return Regularisation(since=since, deadline=deadline, papers=given.get("papers"))


def _sides(derived: Document) -> dict[str, Any]:
    keys = ("requester", "holder", "initiated_by", "studying_party", "controllers")
    return {key: derived[key] for key in keys}


def _document(file: File, event: Event) -> File:
    derived = event.derived
    changes: dict[str, Any] = {"last_changed_on": event.on, **_sides(derived)}
    if derived["version"] != file.version:
        changes |= {"request": event.input, "version": derived["version"], "document_hash": event.commit}
    if event.by not in file.askers and any(stage == "filing" for _, stage in stages_of(derived["paths"])):
        changes["askers"] = [*file.askers, event.by]
    if (stage := derived.get("stage")) is not None:
        changes["stages"] = _with_stage(file, stage, event)
    return replace(file, **changes)


def _with_stage(file: File, stage: str, event: Event) -> list[Stage]:
    others = [answered for answered in file.stages if answered.stage != stage]
    return [*others, Stage(stage=stage, answered_by=event.by, answered_on=event.on)]


def _filing(file: File, event: Event) -> File:
    """A filing seals the version filed: its hash becomes the filing's own commit, which names the document's and the
    date that the filing may have given it."""
    given, derived = event.input, event.derived
    return replace(
        file,
        state="filed",
        request={**file.request, "requested_on": derived["requested_on"]},
        document_hash=event.commit,
        filed_on=event.on,
        submitted_by=event.by,
        rules_version=derived["rules_version"],
        findings=msgspec.convert(derived["findings"], list[FrozenFinding]),
        stages=_with_stage(file, "filing", event),
        received_via=given.get("received_via") or "form",
        asked_by=given.get("asked_by"),
        needed_by=_day(given.get("needed_by")),
        urgency_reason=given.get("urgency_reason"),
        linked_requests=given.get("linked_requests") or [],
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _admission(file: File, event: Event) -> File:
    return replace(
        file,
        state=event.input["outcome"],
        acknowledged_on=file.acknowledged_on or event.on,
        admitted_on=event.on if event.input["outcome"] == "under_study" else file.admitted_on,
        outcome_reasons=event.input.get("reasons"),
        findings=[*file.findings, *msgspec.convert(event.derived["findings"], list[FrozenFinding])],
    )


def _requalification(file: File, event: Event) -> File:
    """Filed again as a request for personal data: its clocks start that day."""
    return replace(_to_state("filed")(file, event), requalified_on=event.on, acknowledged_on=None)


def _to_state(state: str) -> Callable[[File, Event], File]:
    def folded(file: File, event: Event) -> File:
        return replace(file, state=state, outcome_reasons=event.input.get("reasons") or event.input.get("text"))

    return folded


def _information_request(file: File, event: Event) -> File:
    asked = InformationRequest(
        requested_on=event.on,
        due_on=date.fromisoformat(event.derived["due_on"]),
        items=event.input["items"],
    )
    stopped = ClockEvent(kind="stopped", on=event.on, cause="awaiting_information")
    return replace(
        file,
        state="awaiting_information",
        interrupted_state=file.state,
        information_requests=[*file.information_requests, asked],
        clock_events=[*file.clock_events, stopped],
    )


def _information(file: File, event: Event) -> File:
    *earlier, open_one = file.information_requests
    resumed = ClockEvent(kind="resumed", on=event.on, cause="awaiting_information")
    return replace(
        file,
        state=file.interrupted_state or "filed",
        interrupted_state=None,
        information_requests=[*earlier, replace(open_one, answered_on=event.on)],
        clock_events=[*file.clock_events, resumed],
    )


def _referral(file: File, event: Event) -> File:
    """Under study the clock stops; an exchange in operation has no delay to stop, and goes on."""
    referral = Referral(body=event.input["body"], question=event.input["question"], referred_on=event.on)
    file = replace(file, referrals=[*file.referrals, referral])
    if file.state != "under_study":
        return file
    stopped = ClockEvent(kind="stopped", on=event.on, cause="referred")
    return replace(file, state="referred", clock_events=[*file.clock_events, stopped])


def _answered(file: File, event: Event) -> File:
    *earlier, open_one = file.referrals
    answered = replace(open_one, answered_on=event.on, answer=event.input.get("answer"))
    file = replace(file, referrals=[*earlier, answered])
    if file.state != "referred":
        return file
    resumed = ClockEvent(kind="resumed", on=event.on, cause="referred")
    return advanced(replace(file, state="under_study", clock_events=[*file.clock_events, resumed]))


def _return(file: File, event: Event) -> File:
    if file.open_referral is not None:
        return _answered(file, event)
    reopened = event.input.get("parts") or []
    return replace(
        file,
        state="under_study",
        study={part: done for part, done in file.study.items() if part not in reopened},
        opinion=None if event.input.get("opinion") else file.opinion,
    )


def _study(part: str) -> Callable[[File, Event], File]:
    def folded(file: File, event: Event) -> File:
        concluded = StudyPart(
            author=event.by,
            author_party=event.party,
            version=event.derived["version"],
            document_hash=event.derived["document_hash"],
            concluded_on=event.on,
            conclusion=event.input["conclusion"],
            text=event.input.get("text"),
            evidence=event.input.get("evidence") or [],
        )
        return advanced(replace(file, study={**file.study, part: concluded}))

    return folded


def _opinion(file: File, event: Event) -> File:
    given = event.input
    opinion = Opinion(
        author=event.by,
        author_party=event.party,
        version=event.derived["version"],
        document_hash=event.derived["document_hash"],
        value=given["value"],
        text=given.get("text"),
        signed_on=event.on,
        nir_authorised=given.get("nir_authorised") or [],
        lines=msgspec.convert(given.get("lines") or [], list[Line]),
    )
    recommendations = recommendations_of(given, "dpo", file)
    return advanced(replace(file, opinion=opinion, recommendations=recommendations))


def _decision(file: File, event: Event) -> File:
    return _decided_by(file, event, event.input, event.by, event.on)


def _paper_decision(file: File, event: Event) -> File:
    paper = _paper(event)
    return _decided_by(file, event, event.input["decision"], event.derived["signatory"], paper.signed_on, paper)


def _paper(event: Event) -> Paper:
    letter = event.input["letter"]
    return Paper(
        letter=letter["sha256"],
        signed_on=date.fromisoformat(letter["signed_on"]),
        signed_as=letter["signed_as"],
        function=letter["function"],
        recorded_by=event.by,
        recorded_on=event.on,
    )


def _decided_by(
    file: File, event: Event, given: Document, decider: str | None, day: date, paper: Paper | None = None
) -> File:
    """The decision of a person (None: a controller without an account), dated when they signed it."""
    derived = event.derived
    decision = Decision(
        value=given["value"],
        decided_by=decider,
        decided_for=event.party,
        decided_on=day,
        paper=paper,
        version=derived["version"],
        document_hash=derived["document_hash"],
        delegation=derived["delegation"],
        reasons=given.get("reasons"),
        alternative=given.get("alternative"),
        recommendations_not_followed=given.get("recommendations_not_followed") or [],
        excluded_paths=given.get("excluded_paths") or [],
        dpo_informed_on=_day(given.get("dpo_informed_on")),
    )
    own = recommendations_of(given, "decision_maker", file)
    kept = [r for r in file.recommendations if r.origin == "dpo"]
    return replace(
        file,
        state=file.state if decision.value == "awaiting_conditions" else decision.value,
        decision=decision,
        recommendations=[_decided(r, decision) for r in (*kept, *own)],
        register_entries={**file.register_entries, **derived["register_entries"]},
    )


def _decided(recommendation: Recommendation, decision: Decision) -> Recommendation:
    if recommendation.number in decision.recommendations_not_followed:
        return replace(recommendation, status="abandoned_with_reasons")
    if recommendation.due_on is None and recommendation.due_days is not None:
        due = decision.decided_on + timedelta(days=recommendation.due_days)
        return replace(recommendation, due_on=due)
    return recommendation


def _override(file: File, event: Event) -> File:
    override = Override(
        check=event.derived["check"],
        version=event.derived["version"],
        overridden_by=event.by,
        overridden_on=event.on,
        override_reasons=event.input["reasons"],
    )
    return replace(file, overrides=[*file.overrides, override])


def _acceptance(file: File, event: Event) -> File:
    accepted = Acceptance(accepted_by=event.by, accepted_on=event.on, version=event.derived["version"])
    return replace(file, acceptance=accepted)


def _paper_acceptance(file: File, event: Event) -> File:
    paper = _paper(event)
    accepted = Acceptance(
        accepted_by=event.derived["signatory"],
        accepted_on=paper.signed_on,
        version=event.derived["version"],
        paper=paper,
    )
    return replace(file, acceptance=accepted)


def _correction(file: File, event: Event) -> File:
    if "request" in event.input:
        proposed = Correction(
            version=event.derived["version"],
            paths=event.derived["paths"],
            submitted_by=event.by,
            submitted_on=event.on,
            document_hash=event.commit,
            request=event.input["request"],
        )
        return replace(file, corrections=[*file.corrections, proposed])
    return _correction_judged(file, event)


def _correction_judged(file: File, event: Event) -> File:
    correction = cast("Correction", file.open_correction)
    others = [c for c in file.corrections if c is not correction]
    if not event.input["accepted"]:
        refused = replace(correction, refused_on=event.on, reasons=event.input.get("reasons"))
        return replace(file, corrections=[*others, refused])
    accepted = replace(correction, accepted_by=event.by, accepted_on=event.on)
    version, named = correction.version, correction.document_hash
    return replace(
        file,
        corrections=[*others, accepted],
        request=correction.request,
        version=version,
        document_hash=named,
        last_changed_on=event.on,
        study={part: replace(done, version=version, document_hash=named) for part, done in file.study.items()},
        opinion=file.opinion and replace(file.opinion, version=version, document_hash=named),
        decision=file.decision and replace(file.decision, version=version, document_hash=named),
        acceptance=file.acceptance and replace(file.acceptance, version=version),
        overrides=[replace(override, version=version) for override in file.overrides],
    )


def _recommendation(file: File, event: Event) -> File:
    number = event.derived["number"]
    changes: dict[str, Any] = {"status": event.input["status"]}
    for key in ("proof", "reasons"):
        if event.input.get(key) is not None:
            changes[key] = event.input[key]
    if (due := _day(event.input.get("due_on"))) is not None:
        changes["due_on"] = due
    updated = [replace(r, **changes) if r.number == number else r for r in file.recommendations]
    return replace(file, recommendations=updated)


def _dpia(file: File, event: Event) -> File:
    return replace(file, dpia_record=msgspec.convert(event.input, DpiaRecord))


def _attachment(file: File, event: Event) -> File:
    facts = {**event.input, **event.derived, "party": event.party, "added_on": event.on}
    return replace(file, attachments=[*file.attachments, msgspec.convert(facts, Attachment)])


def _message(file: File, event: Event) -> File:
    message = Message(text=event.input["text"], sent_by=event.by, party=event.party, sent_on=event.on)
    kept = [*file.messages, message][-MESSAGES_KEPT:]
    return replace(file, messages=kept, messages_sent=file.messages_sent + 1)


def _confirmation(file: File, event: Event) -> File:
    facts = {
        "party": event.derived["party"],
        "version": event.derived["version"],
        "record_reference": event.derived["record_reference"],
        **event.input,
        "confirmed_on": event.on,
        "confirmed_by": event.by,
    }
    confirmation = msgspec.convert(facts, RegisterConfirmation)
    return replace(file, register_confirmations=[*file.register_confirmations, confirmation])


def _activation(file: File, event: Event) -> File:
    return replace(
        file,
        state="active",
        activated_on=event.on,
        authorised_users=event.input.get("authorised_users") or [],
        next_review_on=date.fromisoformat(event.derived["next_review_on"]),
        findings=[*file.findings, *msgspec.convert(event.derived["findings"], list[FrozenFinding])],
    )


def _substitution(file: File, event: Event) -> File:
    return replace(file, substitute=event.derived["person"])


def _erasure(file: File, event: Event) -> File:
    given = event.input
    erasure = Erasure(
        scope=given["scope"],
        legal_basis=given["legal_basis"],
        reason=given["reason"],
        erased_on=event.on,
        erased_by=event.by,
        party=event.party,
        revisions=event.derived["revisions"],
        attachments=event.derived["attachments"],
    )
    whole = erasure.scope == "object"
    return replace(file, erasures=[*file.erasures, erasure], erased_on=event.on if whole else file.erased_on)


_FOLDS: dict[str, Callable[[File, Event], File]] = {
    "document": _document,
    "filing": _filing,
    "admission": _admission,
    "requalification": _requalification,
    "reply": _to_state("closed"),
    "information-requests": _information_request,
    "information": _information,
    "dropping": _to_state("dropped"),
    "withdrawal": _to_state("withdrawn"),
    "referral": _referral,
    "return": _return,
    **{f"study/{part}": _study(part) for part in STUDY_PARTS},
    "substitution": _substitution,
    "opinion": _opinion,
    "decision": _decision,
    "paper-decision": _paper_decision,
    "override": _override,
    "acceptance": _acceptance,
    "paper-acceptance": _paper_acceptance,
    "correction": _correction,
    "recommendations": _recommendation,
    "dpia": _dpia,
    "attachments": _attachment,
    "messages": _message,
    "preparation": _to_state("preparation"),
    "register-confirmations": _confirmation,
    "activation": _activation,
    "lapse": _to_state("lapsed"),
    "erasure": _erasure,
    **LIFE,
}
