"""Folds of what happens once an exchange runs, and of the copies and modifications that are born of it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
from msgspec.structs import replace

from registry.exchange.events import Event
from registry.exchange.file import STUDY_PARTS, File, Line, Opinion, Stage, StudyPart
from registry.exchange.judged import advanced, recommendations_of
from registry.exchange.life import (
    Certificate,
    Closing,
    Incident,
    Objection,
    Reattachment,
    Review,
    Suspension,
)

_INCIDENT_KEYS = ("personal_data_breach", "other_party_informed_on", "cnil_notified_on", "not_notified_reasons",
                  "measures")  # fmt: skip


def _given(event: Event, *keys: str) -> dict[str, Any]:
    """The answers of the body under these keys, those that were given."""
    return {key: event.input[key] for key in keys if event.input.get(key) is not None}


def _flows(file: File, event: Event) -> File:
    days = [date.fromisoformat(flow["sent_on"]) for flow in event.input["flows"]]
    last = max([*days, *([file.last_flow_on] if file.last_flow_on else [])])
    return replace(file, last_flow_on=last, flows_recorded=file.flows_recorded + len(days))


def _review(file: File, event: Event) -> File:
    facts = _given(event, "outcome", "comment", "authorisations_checked", "purged_on")
    facts |= {"reviewed_on": event.on, "reviewed_by": event.by, "party": event.party}
    following = date.fromisoformat(event.derived["next_review_on"])
    return replace(file, reviews=[*file.reviews, msgspec.convert(facts, Review)], next_review_on=following)


def _incident(file: File, event: Event) -> File:
    facts = _given(event, "discovered_on", "discovered_at", "description", *_INCIDENT_KEYS)
    facts |= {"number": event.derived["number"], "notify_by": event.derived["notify_by"]}
    facts |= {"party": event.derived["party"], "reported_by": event.by, "reported_on": event.on}
    return replace(file, incidents=[*file.incidents, msgspec.convert(facts, Incident)])


def _incident_status(file: File, event: Event) -> File:
    number, closed = event.derived["number"], {"closed_on": event.on} if event.input.get("closed") else {}

    def followed(incident: Incident) -> Incident:
        told = {**msgspec.to_builtins(incident), **_given(event, *_INCIDENT_KEYS), **closed}
        return msgspec.convert({**told, "notify_by": event.derived["notify_by"]}, Incident)

    return replace(file, incidents=[followed(i) if i.number == number else i for i in file.incidents])


def _objection(file: File, event: Event) -> File:
    facts = _given(event, "kind", "received_on", "count", "forwarded_on")
    facts |= {"number": event.derived["number"], "party": event.derived["party"]}
    return replace(file, objections=[*file.objections, msgspec.convert(facts, Objection)])


def _objection_status(file: File, event: Event) -> File:
    number = event.derived["number"]

    def followed(objection: Objection) -> Objection:
        told = {**msgspec.to_builtins(objection), **_given(event, "forwarded_on", "applied_on")}
        return msgspec.convert(told, Objection)

    return replace(file, objections=[followed(o) if o.number == number else o for o in file.objections])


def _suspension(file: File, event: Event) -> File:
    stopped = Suspension(
        suspended_on=event.on,
        suspended_by=event.by,
        party=event.party,
        cause=event.input["cause"],
        reasons=event.input["reasons"],
    )
    return replace(file, state="suspended", suspensions=[*file.suspensions, stopped])


def _stopped(file: File, event: Event) -> File:
    stopped = Suspension(
        suspended_on=event.on,
        suspended_by=event.by,
        party=event.derived["party"],
        cause="convention_terminated",
        reasons="",
    )
    return replace(file, state="suspended", suspensions=[*file.suspensions, stopped])


def _resumption(file: File, event: Event) -> File:
    *earlier, running = file.suspensions
    ended = replace(running, resumed_on=event.on, resumed_by=event.by, resumption_reasons=event.input["reasons"])
    return replace(file, state="active", suspensions=[*earlier, ended])


def _closing(file: File, event: Event) -> File:
    closing = Closing(
        ended_on=event.on,
        ended_by=event.by,
        party=event.party,
        cause=event.input["cause"],
        reasons=event.input["reasons"],
        certificate_due_on=date.fromisoformat(event.derived["certificate_due_on"]),
    )
    return replace(file, state="closing", closing=closing)


def _certificate(file: File, event: Event) -> File:
    facts = _given(event, "outcome", "done_on", "method", "copies", "processors", "access_revoked_on")
    facts |= {"signed_on": event.on, "signed_by": event.by, "signed_by_party": event.party}
    return replace(
        file,
        state="closed",
        closure_certificate=msgspec.convert(facts, Certificate),
        statutory_retention_text=event.input.get("statutory_retention_text"),
    )


def _reattachment(file: File, event: Event) -> File:
    effective = date.fromisoformat(event.input["effective_on"])
    framework = event.input["framework"]
    added = Reattachment(framework=framework, effective_on=effective, recorded_by=event.by)
    return replace(file, framework=framework, reattachments=[*file.reattachments, added])


def _modification(file: File, event: Event) -> File:
    return replace(file, modifications=[*file.modifications, event.derived["modification"]])


def _replacement(file: File, event: Event) -> File:
    return replace(file, state="closed", replaced_by=event.derived["replaced_by"])


def _copies(file: File, event: Event) -> File:
    return replace(file, copies={**file.copies, **event.derived["copies"]})


def _adoption(file: File, event: Event) -> File:
    given, derived = event.input, event.derived
    version, named = derived["version"], derived["document_hash"]
    study = {
        part: StudyPart(
            author=derived["studied"][part]["author"],
            author_party=derived["studied"][part]["author_party"],
            concluded_on=date.fromisoformat(derived["studied"][part]["concluded_on"]),
            version=version,
            document_hash=named,
            conclusion=given[part]["conclusion"],
            text=given[part].get("text"),
            evidence=given[part].get("evidence") or [],
        )
        for part in STUDY_PARTS
    }
    said = given["opinion"]
    opinion = Opinion(
        author=event.by,
        author_party=event.party,
        version=version,
        document_hash=named,
        value=said["value"],
        text="\n\n".join(filter(None, [said.get("text"), given.get("text")])),
        signed_on=event.on,
        nir_authorised=said.get("nir_authorised") or [],
        lines=msgspec.convert(said.get("lines") or [], list[Line]),
    )
    answered = msgspec.convert(derived["answered"], list[Stage])
    others = [one for one in file.stages if one.stage not in {stage.stage for stage in answered}]
    recommended = recommendations_of(said, "dpo", file)
    return advanced(
        replace(file, study=study, opinion=opinion, recommendations=recommended, stages=[*others, *answered])
    )


LIFE: dict[str, Callable[[File, Event], File]] = {
    "flows": _flows,
    "review": _review,
    "incidents": _incident,
    "incident-status": _incident_status,
    "objections": _objection,
    "objection-status": _objection_status,
    "suspension": _suspension,
    "termination-suspension": _stopped,
    "resumption": _resumption,
    "closing": _closing,
    "certificate": _certificate,
    "reattachment": _reattachment,
    "modification": _modification,
    "replacement": _replacement,
    "copies": _copies,
    "adoption": _adoption,
}
