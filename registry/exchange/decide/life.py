"""The life of an active exchange: its log of flows, its reviews, what data subjects asked."""

from datetime import date
from typing import Any

from registry.conformity import rules_of
from registry.conformity.terms import add_months
from registry.exchange.context import Context
from registry.exchange.decide.command import Command
from registry.exchange.decide.guards import sides
from registry.exchange.events import Event
from registry.exchange.file import File
from registry.exchange.life import Objection
from registry.refusals import AlreadyDone, Detail, Forbidden, GateClosed, Invalid, NotFound

Flow = dict[str, Any]


def log_flows(file: File, command: Command, context: Context) -> list[Event]:
    """Every flow of the body is logged, or none. What looks wrong is marked, not refused: a log that refuses what
    really happened would not be true."""
    flows: list[Flow] = command.body["flows"]
    details = [detail for i, flow in enumerate(flows) for detail in _misdated(file, flow, f"/flows/{i}", context)]
    if details:
        raise Invalid("Aucun envoi n'est inscrit : des dates sont impossibles.", details)
    seen = set(context.digests)
    marks = []
    for flow in flows:
        marks.append(_marks(file, flow, seen))
        seen.add(flow.get("digest") or "")
    return [command.event(context, marks=marks)]


def _misdated(file: File, flow: Flow, pointer: str, context: Context) -> list[Detail]:
    sent = date.fromisoformat(flow["sent_on"])
    message = ""
    if sent > context.today:
        message = "Cette date est dans l'avenir."
    elif file.activated_on is not None and sent < file.activated_on:
        message = f"L'échange n'est en œuvre que depuis le {file.activated_on:%d/%m/%Y}."
    return [Detail(pointer=f"{pointer}/sent_on", message=message)] if message else []


def _marks(file: File, flow: Flow, seen: set[str]) -> list[str]:
    """What a flow is marked with (vocabulary, `flow_mark`)."""
    sent, planned = date.fromisoformat(flow["sent_on"]), (file.request.get("channel") or {}).get("kind")
    stopped = any(suspension.covers(sent) for suspension in file.suspensions)
    ended = file.closing is not None and sent > file.closing.ended_on
    found = {
        "repeated": bool(flow.get("digest")) and flow["digest"] in seen,
        "suspended": stopped or ended,
        "other_channel": planned is not None and flow["channel"] != planned,
    }
    return [mark for mark, holds in found.items() if holds]


def review(file: File, command: Command, context: Context) -> list[Event]:
    """A review; the next one is due once the convention's delay has passed again (catalogue, CYC-03). What it proposes
    is done by whoever may: a review suspends and closes nothing."""
    require_past(command, context, "purged_on")
    months = int(rules_of(context.convention.document).settings["review_months"])
    return [command.event(context, next_review_on=add_months(context.today, months).isoformat())]


def record_objections(file: File, command: Command, context: Context) -> list[Event]:
    """Requests of data subjects that one party received, by number, for the other to apply (GDPR art. 19)."""
    require_past(command, context, "received_on", "forwarded_on")
    _require_order(command, "received_on", "forwarded_on")
    return [command.event(context, number=len(file.objections) + 1, party=own_name(file, context))]


def follow_objections(file: File, command: Command, context: Context) -> list[Event]:
    """The party that received them passes them on; the other one applies them."""
    objection = _objection(file, command)
    require_past(command, context, "forwarded_on", "applied_on")
    mine = context.convention.stands_for(objection.party, context.today) == context.actor.party
    given = {key for key in ("forwarded_on", "applied_on") if command.body.get(key) is not None}
    if not given:
        raise Invalid(
            "Indiquez ce qui a été fait.", [Detail(pointer="/forwarded_on", message="Une date est attendue.")]
        )
    if ("forwarded_on" in given and not mine) or ("applied_on" in given and mine):
        raise Forbidden("La partie qui a reçu ces demandes les répercute ; l'autre les applique.")
    if any(getattr(objection, key) is not None for key in given):
        raise AlreadyDone("Cette suite est déjà inscrite.")
    if "applied_on" in given and objection.forwarded_on is None:
        raise GateClosed("Ces demandes ne vous ont pas encore été répercutées.")
    for key in given:
        if command.date(key) < (objection.forwarded_on or objection.received_on):  # type: ignore[operator]  # given
            raise Invalid("Les dates se contredisent.", [Detail(pointer=f"/{key}", message="Cette date est trop tôt.")])
    return [command.event(context, number=objection.number)]


def _objection(file: File, command: Command) -> Objection:
    for objection in file.objections:
        if str(objection.number) == command.target:
            return objection
    raise NotFound(f"Ce dossier n'a pas de demandes de personnes n° {command.target}.")


def own_name(file: File, context: Context) -> str:
    """The party id under which the file names the actor's side."""
    return file.holder if "holder" in sides(file, context) else file.requester


def require_past(command: Command, context: Context, *keys: str) -> None:
    """Refuse dates of the body that are in the future."""
    details = [
        Detail(pointer=f"/{key}", message="Cette date est dans l'avenir.")
        for key in keys
        if (day := command.date(key)) is not None and day > context.today
    ]
    if details:
        raise Invalid("Une date est postérieure à aujourd'hui.", details)


def _require_order(command: Command, first: str, then: str) -> None:
    before, after = command.date(first), command.date(then)
    if before is not None and after is not None and after < before:
        raise Invalid("Les dates se contredisent.", [Detail(pointer=f"/{then}", message="Cette date est trop tôt.")])
