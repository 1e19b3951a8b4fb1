"""Passing a blocking finding: the holder's decision-maker, with written reasons, on one version."""

from registry.conformity import Finding, catalogue, check_request
from registry.exchange.context import Context
from registry.exchange.decide.command import Command
from registry.exchange.decide.guards import as_detail, is_delegated, not_asking, transition
from registry.exchange.events import Event
from registry.exchange.file import File, as_document
from registry.refusals import AlreadyDone, Detail, GateClosed, Invalid, WrongState

CLASSING = frozenset({"QUAL-01", "ALT-02"})
"""Findings that keep a request in the circuit until they are cleared or overridden: the only ones to pass before the
study."""
_TO_ACTIVATE = frozenset({"approved", "approved_subject_to_conditions", "preparation"})


def override(file: File, command: Command, context: Context) -> list[Event]:
    """One overridable blocking finding is passed; those whose source forbids going on are passed by nobody."""
    is_delegated(context, file.holder)
    not_asking(file, context.actor.id, "passer outre à un constat")
    check = command.target or ""
    if check not in {c.id for c in catalogue()}:
        raise Invalid("Contrôle inconnu.", [Detail(pointer="", message=f"Contrôle inconnu : « {check} ».")])
    if any(o.check == check and o.version == file.version for o in file.overrides):
        raise AlreadyDone("Le décideur a déjà passé outre à ce constat sur cette version.")
    if file.state == "filed" and check not in CLASSING:
        raise WrongState("Avant l'étude, seuls les constats sur la nature des données peuvent être passés outre.")
    mine = [f for f in _blocking(file, context) if f.id == check]
    if not mine:
        raise WrongState("Ce contrôle ne relève aucun constat bloquant sur la version en vigueur.")
    if not mine[0].check.overridable:
        raise GateClosed("Personne ne peut passer outre à ce constat.", [as_detail(f) for f in mine])
    return [command.event(context, check=check, version=file.version)]


def _blocking(file: File, context: Context) -> list[Finding]:
    """What blocks on the current version; once approved, also what only activation reads."""
    to_activate = file.state in _TO_ACTIVATE
    found = check_request(as_document(file), context.convention.document, context.today, activation=to_activate)
    if to_activate:
        found += [f for f in transition("activation", file, context) if f.check.overridable]
    return [f for f in found if f.blocks]
