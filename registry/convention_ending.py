"""How a convention ends before its term: notices, their withdrawal, termination, a party's exit (art. 10 and 12).

Time alone ends nothing here: a notice that has run makes the termination available to the party that sent it, and only
a denunciation fixes a last day in advance, because its text does. Grounds, who may invoke them and their delays are the
convention's own `termination_grounds`. Pure.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from registry.authorisation import require
from registry.conformity.terms import add_months
from registry.convention import Convention
from registry.convention_command import ConventionCommand, Derived, Document, Fold, NewId, Rule
from registry.exchange.context import Actor
from registry.exchange.events import Event
from registry.processing.differences import french_day
from registry.refusals import AlreadyDone, Detail, Forbidden, GateClosed, Invalid, NotFound

ANY_PARTY = "any_party"
_DENUNCIATION = "denunciation"
_WITHOUT_NOTICE = "change_without_amendment"


def _authority(convention: Convention, actor: Actor) -> None:
    require(actor.roles, "convention.ending")
    if convention.party(actor.party) is None:
        raise Forbidden("Votre partie n'appartient pas à cette convention.")


def ground_of(convention: Convention, ground: str, party: str, today: date) -> Mapping[str, Any]:
    """The case of the convention that the party may invoke. Raises GateClosed when there is none, Forbidden when it is
    another party's."""
    cases: list[Document] = [g for g in convention.document.get("termination_grounds") or [] if g["ground"] == ground]
    if not cases:
        raise GateClosed("La convention ne prévoit pas ce cas de fin.")
    for case in cases:
        invoking = {p if p == ANY_PARTY else convention.stands_for(p, today) for p in case["by"] or []}
        if invoking & {ANY_PARTY, party}:
            return case
    raise Forbidden("L'article 12 n'ouvre pas ce cas à votre partie.")


def running(document: Mapping[str, Any]) -> list[Document]:
    """The notices that were neither withdrawn nor followed by a termination, oldest first."""
    return [n for n in document.get("notices", []) if n["withdrawn_on"] is None and n["terminated_on"] is None]


def _not_ended(convention: Convention, today: date) -> None:
    if convention.status(today) != "in_force":
        raise AlreadyDone("La convention n'est plus en vigueur.")


def _notice(convention: Convention, command: ConventionCommand, actor: Actor, today: date, new_id: NewId) -> Derived:
    """A registered letter is sent: a formal notice, or a denunciation. The delay runs from its sending."""
    _authority(convention, actor)
    _not_ended(convention, today)
    body = command.body
    case = ground_of(convention, body["ground"], actor.party, today)
    if body["sent_on"] > today.isoformat():
        raise Invalid("La date d'envoi est dans l'avenir.", [Detail(pointer="/sent_on", message="Date à venir.")])
    if any(n["by"] == actor.party and n["ground"] == body["ground"] for n in running(convention.document)):
        raise AlreadyDone("Un préavis de votre partie court déjà pour ce motif.")
    last_day = add_months(date.fromisoformat(body["sent_on"]), int(case.get("notice_months") or 0))
    return {"id": new_id(), "available_on": (last_day + timedelta(days=1)).isoformat()}


def _own_notice(convention: Convention, identifier: str, actor: Actor, today: date) -> Document:
    notices: list[Document] = convention.document.get("notices", [])
    found = next((n for n in notices if n["id"] == identifier), None)
    if found is None:
        raise NotFound("Ce préavis n'existe pas.")
    if convention.stands_for(found["by"], today) != actor.party:
        raise Forbidden("Ce préavis est celui d'une autre partie.")
    if found not in running(convention.document):
        raise AlreadyDone("Ce préavis a déjà pris fin.")
    return found


def _withdrawal(
    convention: Convention, command: ConventionCommand, actor: Actor, today: date, _new_id: NewId
) -> Derived:
    """The party gives its notice up: the breach was cured, or it stays."""
    _authority(convention, actor)
    found = _own_notice(convention, command.body["notice"], actor, today)
    if found["ground"] == _DENUNCIATION and found["available_on"] <= today.isoformat():
        raise GateClosed("Cette dénonciation a pris effet : elle ne se retire plus.")
    return {}


def _termination(
    convention: Convention, command: ConventionCommand, actor: Actor, today: date, _new_id: NewId
) -> Derived:
    """The convention ends this very day (art. 12): commitments stop at once."""
    _authority(convention, actor)
    identifier = command.body.get("notice")
    if identifier is None:
        ground = _WITHOUT_NOTICE
        _not_ended(convention, today)
        ground_of(convention, ground, actor.party, today)
        return {"ground": ground, "terminated_on": today.isoformat()}
    found = _own_notice(convention, identifier, actor, today)
    if today.isoformat() < found["available_on"]:
        day = french_day(date.fromisoformat(found["available_on"]))
        raise GateClosed(f"Le délai de l'article 12 court encore : la résiliation est possible le {day}.")
    # A denunciation fixed its own last day; it is only recorded afterwards.
    ended = found["available_on"] if found["ground"] == _DENUNCIATION else today.isoformat()
    return {"ground": found["ground"], "terminated_on": ended}


def _exit(convention: Convention, command: ConventionCommand, actor: Actor, today: date, _new_id: NewId) -> Derived:
    """A party does not follow a renewal: it leaves at the term that the others pass (art. 10)."""
    _authority(convention, actor)
    record = convention.party(actor.party) or {}
    if record.get("exit_on"):
        raise AlreadyDone("La sortie de votre partie est déjà enregistrée.")
    last = command.body["exit_on"]
    terms = {convention.document["term"], *(r["term"] for r in convention.document["renewals"])}
    if last not in terms:
        raise Invalid(
            "Une partie qui ne suit pas la reconduction sort à un terme de la convention.",
            [Detail(pointer="/exit_on", message=f"Termes de la convention : {', '.join(sorted(terms))}.")],
        )
    return {}


def _with_notice(document: Document, event: Event) -> Document:
    given, derived = event.input, event.derived
    notice = {
        "id": derived["id"],
        "by": event.party,
        "ground": given["ground"],
        "sent_on": given["sent_on"],
        "available_on": derived["available_on"],
        "reference": given["reference"],
        "reasons": given["reasons"],
        "recorded_on": event.on.isoformat(),
        "withdrawn_on": None,
        "terminated_on": None,
    }
    return _ending({**document, "notices": [*document.get("notices", []), notice]})


def _withdrawn(document: Document, event: Event) -> Document:
    return _ending(_changed(document, event.input["notice"], {"withdrawn_on": event.on.isoformat()}))


def _terminated(document: Document, event: Event) -> Document:
    ended, given = event.derived["terminated_on"], event.input
    termination = {
        "ground": event.derived["ground"],
        "by": event.party,
        "notice": given.get("notice"),
        "reference": given["reference"],
        "reasons": given["reasons"],
        "terminated_on": ended,
        "recorded_on": event.on.isoformat(),
    }
    if given.get("notice") is not None:
        document = _changed(document, given["notice"], {"terminated_on": ended})
    return _ending({**document, "terminations": [*document.get("terminations", []), termination]})


def _changed(document: Document, identifier: str, change: Document) -> Document:
    notices = [{**n, **change} if n["id"] == identifier else n for n in document.get("notices", [])]
    return {**document, "notices": notices}


def _ending(document: Document) -> Document:
    """`terminated_on` as acts and running denunciations give it: the earliest of them."""
    ends = [t["terminated_on"] for t in document.get("terminations", [])]
    ends += [n["available_on"] for n in running(document) if n["ground"] == _DENUNCIATION]
    return {**document, "terminated_on": min(ends, default=None)}


def _left(document: Document, event: Event) -> Document:
    exit_on = event.input["exit_on"]
    parties = [{**p, "exit_on": exit_on} if p["id"] == event.party else p for p in document["parties"]]
    return {**document, "parties": parties}


RULES: dict[str, Rule] = {
    "termination_notice": _notice,
    "notice_withdrawal": _withdrawal,
    "termination": _termination,
    "party_exit": _exit,
}
FOLDS: dict[str, Fold] = {
    "termination_notice": _with_notice,
    "notice_withdrawal": _withdrawn,
    "termination": _terminated,
    "party_exit": _left,
}
