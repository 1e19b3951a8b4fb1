"""The steering committee: its members, its meetings, its parity (art. 6). It follows, and decides on no exchange. Pure.

Members are functions, never names: who sits is for the parties to know.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from registry.authorisation import require
from registry.conformity.terms import add_months
from registry.convention import Convention
from registry.convention_command import (
    ConventionCommand,
    Derived,
    Document,
    Fold,
    NewId,
    Rule,
    require_secretariat_or,
)
from registry.exchange.context import Actor
from registry.exchange.events import Event
from registry.refusals import AlreadyDone, Detail, Invalid, NotFound

DELIBERATING = "full_member"
_DEFAULT_MONTHS = 12


def _settings(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return document.get("committee") or {}


def _secretariat(convention: Convention, actor: Actor, today: date) -> None:
    """Raises Forbidden unless the actor is the secretariat of the party that provides it."""
    require(actor.roles, "convention.committee")
    require_secretariat_or(frozenset(), convention, actor, today)


def _member(convention: Convention, command: ConventionCommand, actor: Actor, today: date, new_id: NewId) -> Derived:
    _secretariat(convention, actor, today)
    body = command.body
    if convention.party(body["party"]) is None:
        raise Invalid(
            "Ce membre ne représente aucune partie de la convention.",
            [Detail(pointer="/party", message=f"Partie inconnue de la convention : « {body['party']} ».")],
        )
    if body.get("until") is not None and body["until"] < body["from"]:
        message = "La fin précède le début."
        raise Invalid("Les dates sont inversées.", [Detail(pointer="/until", message=message)])
    return {"id": new_id()}


def _departure(
    convention: Convention, command: ConventionCommand, actor: Actor, today: date, _new_id: NewId
) -> Derived:
    _secretariat(convention, actor, today)
    members: list[Document] = convention.document.get("committee_members", [])
    member = next((m for m in members if m["id"] == command.body["member"]), None)
    if member is None:
        raise NotFound("Ce membre n'existe pas.")
    if member["until"] is not None and member["until"] <= command.body["until"]:
        raise AlreadyDone("Ce membre a déjà quitté le comité.")
    if command.body["until"] < member["from"]:
        message = "La fin précède le début."
        raise Invalid("Les dates sont inversées.", [Detail(pointer="/until", message=message)])
    return {}


def _meeting(convention: Convention, command: ConventionCommand, actor: Actor, today: date, new_id: NewId) -> Derived:
    _secretariat(convention, actor, today)
    body = command.body
    if body["held_on"] > today.isoformat():
        message = "Une réunion s'enregistre une fois tenue."
        raise Invalid("La date de la réunion est dans l'avenir.", [Detail(pointer="/held_on", message=message)])
    unknown = [
        Detail(pointer=f"/present/{i}", message=f"Partie inconnue de la convention : « {party} ».")
        for i, party in enumerate(body["present"])
        if convention.party(party) is None
    ]
    if unknown:
        raise Invalid("Une partie présente n'appartient pas à la convention.", unknown)
    if any(m["held_on"] == body["held_on"] for m in convention.document.get("committee_meetings", [])):
        raise AlreadyDone("Une réunion de ce jour est déjà enregistrée.")
    return {"id": new_id()}


def _joined(document: Document, event: Event) -> Document:
    given = event.input
    member = {
        "id": event.derived["id"],
        "party": given["party"],
        "function": given["function"],
        "kind": given["kind"],
        "from": given["from"],
        "until": given.get("until"),
    }
    return {**document, "committee_members": [*document.get("committee_members", []), member]}


def _departed(document: Document, event: Event) -> Document:
    given = event.input
    members = [
        {**m, "until": given["until"]} if m["id"] == given["member"] else m
        for m in document.get("committee_members", [])
    ]
    return {**document, "committee_members": members}


def _met(document: Document, event: Event) -> Document:
    given = event.input
    meeting = {
        "id": event.derived["id"],
        "held_on": given["held_on"],
        "present": given["present"],
        "subjects": given["subjects"],
        "minutes_sha256": given.get("minutes_sha256"),
        "recorded_on": event.on.isoformat(),
    }
    meetings = [*document.get("committee_meetings", []), meeting]
    return {**document, "committee_meetings": sorted(meetings, key=lambda m: str(m["held_on"]))}


def sitting(document: Mapping[str, Any], day: date) -> list[Mapping[str, Any]]:
    """The members on a day."""
    on = day.isoformat()
    return [
        m for m in document.get("committee_members", []) if m["from"] <= on and (m["until"] is None or on <= m["until"])
    ]


def parity(convention: Convention, day: date) -> tuple[int, int]:
    """How many deliberating members speak for the Caf, and how many for the communes, on that day."""
    seats = [m["party"] for m in sitting(convention.document, day) if m["kind"] == DELIBERATING]
    funds = sum(1 for party in seats if (convention.party(party) or {}).get("kind") == "social_security_body")
    return funds, len(seats) - funds


def next_meeting_due(document: Mapping[str, Any]) -> date:
    """The last day on which the committee keeps to its frequency: twelve months after its last meeting, or after the
    convention took effect, unless the convention says otherwise (art. 6: at least once a year)."""
    held = [date.fromisoformat(m["held_on"]) for m in _meetings(document)]
    since = max(held, default=date.fromisoformat(document["effective_from"]))
    return add_months(since, int(_settings(document).get("minimum_frequency_months") or _DEFAULT_MONTHS))


def _meetings(document: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    found: Iterable[Mapping[str, Any]] = document.get("committee_meetings", [])
    return found


RULES: dict[str, Rule] = {
    "committee_member": _member,
    "committee_departure": _departure,
    "committee_meeting": _meeting,
}
FOLDS: dict[str, Fold] = {
    "committee_member": _joined,
    "committee_departure": _departed,
    "committee_meeting": _met,
}
