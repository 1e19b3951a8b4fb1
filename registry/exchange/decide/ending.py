"""Suspension, resumption, the end of an exchange and its certificate: each decided by somebody, never by a delay."""

from datetime import date

from registry.exchange.context import Context
from registry.exchange.deadlines.levels import level_of
from registry.exchange.decide.command import Command
from registry.exchange.decide.guards import is_delegated, proposed, refuse_blocking, sides, transition
from registry.exchange.decide.intake import require_in_force
from registry.exchange.decide.life import require_past
from registry.exchange.events import Event
from registry.exchange.file import File
from registry.exchange.life import Certificate
from registry.refusals import Detail, Forbidden, Invalid

KEPT_BY_LAW = "kept_by_law"


def suspend(file: File, command: Command, context: Context) -> list[Event]:
    """Either controller stops what it sends or receives, at once."""
    return [command.event(context, delegation=is_delegated(context, context.actor.party))]


def resume(file: File, command: Command, context: Context) -> list[Event]:
    """The party that suspended resumes, while the convention or an own framework carries the exchange."""
    standing, stopped = context.convention.stands_for, file.suspensions[-1]
    if standing(stopped.party, context.today) != context.actor.party:
        raise Forbidden("La reprise revient à la partie qui a suspendu l'échange.")
    delegation = is_delegated(context, context.actor.party)
    require_in_force(file, context)
    return [command.event(context, delegation=delegation)]


def close(file: File, command: Command, context: Context) -> list[Event]:
    """Either controller ends the exchange; the asker may also end what it no longer needs."""
    delegation = None
    if not ("requester" in sides(file, context) and "requester" in context.actor.roles):
        delegation = is_delegated(context, context.actor.party)
    due = level_of("closure_certificate", context.convention, file).after(context.today)
    return [command.event(context, delegation=delegation, certificate_due_on=due.isoformat())]


def certify(file: File, command: Command, context: Context) -> list[Event]:
    """The requester's controller attests what became of the data; the exchange is closed (catalogue, CONS-06)."""
    delegation = is_delegated(context, file.requester)
    require_past(command, context, "done_on", "access_revoked_on")
    _require_text(command)
    if file.request.get("exchange_mode") == "access" and command.body.get("access_revoked_on") is None:
        message = "L'échange donnait un accès : indiquez quand il a été fermé."
        raise Invalid(message, [Detail(pointer="/access_revoked_on", message="Cette date est attendue.")])
    after = proposed(
        file,
        closure_certificate=_certificate(command, context),
        statutory_retention_text=command.body.get("statutory_retention_text"),
    )
    refuse_blocking("L'échange ne peut pas être clos.", transition("closing", after, context))
    return [command.event(context, delegation=delegation)]


def _require_text(command: Command) -> None:
    by_law, text = command.body["outcome"] == KEPT_BY_LAW, (command.body.get("statutory_retention_text") or "").strip()
    if by_law and not text:
        message = "Citez le texte qui impose de conserver les données."
        raise Invalid(message, [Detail(pointer="/statutory_retention_text", message="Un texte est attendu.")])


def _certificate(command: Command, context: Context) -> Certificate:
    return Certificate(
        signed_on=context.today,
        signed_by=context.actor.id,
        signed_by_party=context.actor.party,
        outcome=command.body["outcome"],
        done_on=date.fromisoformat(command.body["done_on"]),
        method=command.body["method"],
        copies=command.body["copies"],
    )


def reattach(file: File, command: Command, context: Context) -> list[Event]:
    """The exchange goes on under a new convention or its own framework; the opinion is kept (convention art. 10)."""
    delegation = is_delegated(context, context.actor.party)
    require_past(command, context, "effective_on")
    return [command.event(context, delegation=delegation)]


def stopped(file: File, by: str, party: str, today: date) -> Event:
    """The suspension of an exchange on the day its convention is terminated: commitments stop at once (convention, art.
    12). The holder is said to have stopped it: it is who may resume, in a frame of the exchange's own."""
    return Event(act="termination-suspension", by=by, party=party, on=today, derived={"party": file.holder})


def replacement(file: File, by: File, context: Context) -> Event:
    """The end of an exchange whose modification is activated: what was received belongs to the new one, which keeps it
    by its own rules, so that no certificate is due."""
    return Command("replacement").event(context, replaced_by=by.id, reference=by.reference)
