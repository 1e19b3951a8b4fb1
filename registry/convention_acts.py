"""Acts in the life of a convention: loaded, amended or renewed, a succession, designations and delegations. Pure."""

from collections.abc import Callable
from datetime import date

from registry import committee, convention_ending
from registry.authorisation import require
from registry.conformity import adjusted, misadjusted
from registry.conformity.terms import in_force_until
from registry.convention import Convention
from registry.convention_command import (
    ConventionCommand,
    Derived,
    Document,
    Fold,
    NewId,
    Rule,
    is_secretariat,
    require_secretariat_or,
)
from registry.exchange.context import Actor
from registry.exchange.events import Event
from registry.refusals import AlreadyDone, Detail, Forbidden, Invalid


def loaded(document: Document, actor: str, today: date) -> Event:
    """The first event of a convention: its document, persons already replaced by account ids."""
    return Event(act="convention", by=actor, party="", on=today, input=document)


def decide(
    convention: Convention, command: ConventionCommand, actor: Actor, today: date, new_id: Callable[[], str]
) -> Event:
    """The event of an act on a convention. Raises Forbidden, Invalid or AlreadyDone."""
    derived = _RULES[command.act](convention, command, actor, today, new_id)
    return Event(act=command.act, by=actor.id, party=actor.party, on=today, input=command.body, derived=derived)


def _amendment(
    convention: Convention, command: ConventionCommand, actor: Actor, today: date, _new_id: NewId
) -> Derived:
    require(actor.roles, "convention.amendment")
    require_secretariat_or(frozenset({"controller"}), convention, actor, today)
    body = command.body
    if any(a["reference"] == body["reference"] for a in convention.document["amendments"]):
        raise AlreadyDone("Un avenant porte déjà cette référence.")
    term = body.get("term")
    if term is not None and term <= in_force_until(convention.document).isoformat():
        raise Invalid(
            "La reconduction doit repousser le terme.",
            [Detail(pointer="/term", message="Ce terme n'est pas postérieur au terme en vigueur.")],
        )
    return {}


def _succession(
    convention: Convention, command: ConventionCommand, actor: Actor, today: date, _new_id: NewId
) -> Derived:
    require(actor.roles, "convention.succession")
    predecessors, successor = command.body["predecessors"], command.body["successor"]["id"]
    require_secretariat_or(frozenset({"controller"}), convention, actor, today)
    if not is_secretariat(convention, actor, today) and actor.party not in predecessors:
        message = "Un responsable de traitement n'enregistre que la succession de sa propre partie."
        raise Invalid(message, [Detail(pointer="/predecessors", message=message)])
    unknown = [
        Detail(pointer=f"/predecessors/{i}", message=f"Partie inconnue de la convention : « {party} ».")
        for i, party in enumerate(predecessors)
        if convention.party(party) is None
    ]
    if unknown or successor in predecessors:
        own = [Detail(pointer="/successor/id", message="Une partie ne se succède pas à elle-même.")]
        raise Invalid("La succession cite des parties qui ne conviennent pas.", unknown or own)
    if command.body["effective_on"] > today.isoformat():
        raise Invalid(
            "Une succession s'enregistre à compter de sa date d'effet.",
            [Detail(pointer="/effective_on", message="Cette date est dans l'avenir.")],
        )
    recorded = {party for s in convention.document.get("successions", []) for party in s["predecessors"]}
    if recorded & set(predecessors):
        raise AlreadyDone("La succession de l'une de ces parties est déjà enregistrée.")
    return {}


def _of_own_party(convention: Convention, command: ConventionCommand, actor: Actor) -> None:
    if command.party != actor.party:
        raise Forbidden("Cet acte revient à la partie concernée.")
    if convention.party(actor.party) is None:
        raise Forbidden("Votre partie n'appartient pas à cette convention.")
    begins = command.body.get("from") or command.body.get("valid_from")
    ends = command.body.get("until") or command.body.get("valid_until")
    if begins and ends and ends < begins:
        key = "until" if "from" in command.body else "valid_until"
        raise Invalid("Les dates sont inversées.", [Detail(pointer=f"/{key}", message="La fin précède le début.")])


def _designation(
    convention: Convention, command: ConventionCommand, actor: Actor, _today: date, _new_id: NewId
) -> Derived:
    require(actor.roles, "mandates.designate")
    _of_own_party(convention, command, actor)
    return {"party": actor.party, "person": command.person}


def _delegation(
    convention: Convention, command: ConventionCommand, actor: Actor, _today: date, new_id: NewId
) -> Derived:
    require(actor.roles, "mandates.delegate")
    _of_own_party(convention, command, actor)
    return {"party": actor.party, "user": command.person, "id": new_id()}


def _device_policy(
    convention: Convention, command: ConventionCommand, actor: Actor, _today: date, _new_id: NewId
) -> Derived:
    """Whether opinions and decisions of one's party are signed on their authors' own devices."""
    require(actor.roles, "mandates.devices")
    _of_own_party(convention, command, actor)
    if convention.device_policy(actor.party) == command.body["policy"]:
        raise AlreadyDone("Ce réglage est déjà celui de votre partie.")
    return {"party": actor.party}


def _adjustment(
    convention: Convention, command: ConventionCommand, actor: Actor, today: date, _new_id: NewId
) -> Derived:
    """Texts and thresholds of the checks: a DPO's knowledge, or the secretariat's pen; nobody's seat in a file."""
    require(actor.roles, "convention.checks")
    require_secretariat_or(frozenset({"dpo"}), convention, actor, today)
    wrong = [Detail(pointer=pointer, message=sentence) for pointer, sentence in misadjusted(command.body)]
    if wrong:
        raise Invalid("Ces réglages ne conviennent pas.", wrong)
    current = convention.document.get("checks")
    if adjusted(current, command.body) == adjusted(current, {}):
        raise AlreadyDone("Ces réglages sont déjà ceux de la convention.")
    return {"checks_revision": int(convention.document.get("checks_revision") or bool(current)) + 1}


_RULES: dict[str, Rule] = {
    "amendment": _amendment,
    "succession": _succession,
    "dpo_designation": _designation,
    "delegation": _delegation,
    "device_policy": _device_policy,
    "check_adjustments": _adjustment,
    **convention_ending.RULES,
    **committee.RULES,
}


def evolve(convention: Convention | None, event: Event) -> Convention:
    """The convention after one event; pure and total."""
    if convention is None:
        return Convention({**event.input, "successions": []})
    return Convention(_FOLDS[event.act](convention.document, event))


def _amended(document: Document, event: Event) -> Document:
    amendment = {**event.input, "recorded_on": event.on.isoformat()}
    changed = {**document, "amendments": [*document["amendments"], amendment]}
    if event.input.get("term") is not None:
        renewal = {key: event.input[key] for key in ("reference", "signed_on", "term")}
        changed["renewals"] = [*document["renewals"], renewal]
    return changed


def _succeeded(document: Document, event: Event) -> Document:
    given = event.input
    successor, predecessors = given["successor"], given["predecessors"]
    effective = date.fromisoformat(given["effective_on"])
    last_day = date.fromordinal(effective.toordinal() - 1).isoformat()
    ended = {"valid_until": last_day, "successor": successor["id"]}
    parties = [{**p, **ended} if p["id"] in predecessors else p for p in document["parties"]]
    if not any(p["id"] == successor["id"] for p in parties):
        parties.append({**successor, "valid_from": given["effective_on"], "succeeds": predecessors})
    succession = {
        "predecessors": predecessors,
        "successor": successor["id"],
        "effective_on": given["effective_on"],
        "reference": given["reference"],
        "recorded_on": event.on.isoformat(),
    }
    return {**document, "parties": parties, "successions": [*document["successions"], succession]}


def _with_party_item(document: Document, party: str, key: str, item: Document) -> Document:
    parties = [{**p, key: [*p.get(key, []), item]} if p["id"] == party else p for p in document["parties"]]
    return {**document, "parties": parties}


def _designated(document: Document, event: Event) -> Document:
    given = event.input
    designation = {
        "person": event.derived["person"],
        "from": given["from"],
        "until": given.get("until"),
        "interim": given["interim"],
        "cnil_reference": given.get("cnil_reference"),
    }
    if not given["interim"]:
        document = _ended_designations(document, event.derived["party"], given["from"])
    return _with_party_item(document, event.derived["party"], "dpo_designations", designation)


def _ended_designations(document: Document, party: str, begins: str) -> Document:
    """A new DPO takes office: the previous one's designation ends the day before."""
    last_day = date.fromordinal(date.fromisoformat(begins).toordinal() - 1).isoformat()

    def ended(designation: Document) -> Document:
        until = designation.get("until")
        running = not designation["interim"] and designation["from"] < begins and (until is None or until >= begins)
        return {**designation, "until": last_day} if running else designation

    parties = [
        {**p, "dpo_designations": [ended(d) for d in p["dpo_designations"]]} if p["id"] == party else p
        for p in document["parties"]
    ]
    return {**document, "parties": parties}


def _delegated(document: Document, event: Event) -> Document:
    given = event.input
    delegation = {
        "id": event.derived["id"],
        "user": event.derived["user"],
        "valid_from": given["valid_from"],
        "valid_until": given.get("valid_until"),
        "reference": given.get("reference"),
    }
    return _with_party_item(document, event.derived["party"], "delegations", delegation)


def _device_policy_set(document: Document, event: Event) -> Document:
    named, policy = event.derived["party"], event.input["policy"]
    parties = [{**p, "device_policy": policy} if p["id"] == named else p for p in document["parties"]]
    return {**document, "parties": parties}


def _checks_adjusted(document: Document, event: Event) -> Document:
    checks = adjusted(document.get("checks"), event.input)
    return {**document, "checks": checks, "checks_revision": event.derived["checks_revision"]}


_FOLDS: dict[str, Fold] = {
    "amendment": _amended,
    "succession": _succeeded,
    "dpo_designation": _designated,
    "delegation": _delegated,
    "device_policy": _device_policy_set,
    "check_adjustments": _checks_adjusted,
    **convention_ending.FOLDS,
    **committee.FOLDS,
}


def map_persons(document: Document, translate: Callable[[str], str]) -> Document:
    """The convention with every person (DPO designations, delegations) replaced through `translate`."""

    def mapped(party: Document) -> Document:
        designations = [{**d, "person": translate(d["person"])} for d in party.get("dpo_designations", [])]
        changed = {**party, "dpo_designations": designations}
        if "delegations" in party:
            changed["delegations"] = [{**d, "user": translate(d["user"])} for d in party["delegations"]]
        return changed

    return {**document, "parties": [mapped(party) for party in document["parties"]]}


def persons(document: Document) -> set[str]:
    """Every person the convention names."""
    parties = document["parties"]
    designated = {d["person"] for party in parties for d in party.get("dpo_designations", [])}
    return designated | {d["user"] for party in parties for d in party.get("delegations", [])}
