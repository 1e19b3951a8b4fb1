"""Conditions after approval: acceptance, corrections, DPIA record, attachments."""

from registry.conformity import check_change, labels_of, message
from registry.exchange.changes import changed_paths, is_correction
from registry.exchange.context import Context
from registry.exchange.decide.command import Command
from registry.exchange.decide.guards import is_delegated, is_dpo_in_office, sides
from registry.exchange.events import Event
from registry.exchange.file import Document, File, as_document
from registry.refusals import (
    AlreadyDone,
    Detail,
    Forbidden,
    GateClosed,
    Invalid,
    NotSeparated,
    StaleVersion,
    WrongState,
)


def accept(file: File, command: Command, context: Context) -> list[Event]:
    """The requester's controller (or delegate) accepts the conditions for this version."""
    is_delegated(context, file.requester)
    if file.acceptance is not None and file.acceptance.version == file.version:
        raise AlreadyDone("Les conditions sont déjà acceptées pour cette version.")
    return [command.event(context, version=file.version)]


def correct(file: File, command: Command, context: Context) -> list[Event]:
    """A correction is proposed by the requester, then accepted or refused by the holder's DPO in office."""
    return [_propose(file, command, context)] if "request" in command.body else [_judge(file, command, context)]


def _propose(file: File, command: Command, context: Context) -> Event:
    if "requester" not in sides(file, context) or "requester" not in context.actor.roles:
        raise Forbidden("Une correction est proposée par le demandeur.")
    if file.open_correction is not None:
        raise AlreadyDone("Une correction attend déjà la réponse du délégué du détenteur.")
    request: Document = {**command.body["request"], "reference": file.reference}
    paths = changed_paths(file.request, request)
    if not is_correction(file, request):
        raise _beyond_correction(file, paths, context)
    saved = Command(act=command.act, body={"request": request}, version=command.version)
    return saved.event(context, version=file.version + 1, paths=paths)


def _beyond_correction(file: File, paths: list[str], context: Context) -> GateClosed:
    """What a change that is no correction asks for, in the catalogue's words where it watches the keys (CONV-13)."""
    found = check_change(as_document(file), paths, labels_of(paths), context.convention.document)
    sentence = message(found[0]) if found else "Ce changement dépasse une correction : il demande une nouvelle étude."
    pointers = ["/request/" + path.replace(".", "/") for path in paths]
    return GateClosed(sentence, [Detail(pointer=p, message="Rubrique modifiée.", check="CONV-13") for p in pointers])


def _judge(file: File, command: Command, context: Context) -> Event:
    if "holder" not in sides(file, context) or not is_dpo_in_office(file, context):
        raise Forbidden("Seul le délégué du détenteur, en fonction ce jour, accepte une correction.")
    correction = file.open_correction
    if correction is None:
        raise WrongState("Aucune correction n'attend de réponse.")
    if command.body["accepted"] and context.actor.id == correction.submitted_by:
        raise NotSeparated("La personne qui a proposé la correction ne peut pas l'accepter.")
    if command.body["version"] != correction.version:
        raise StaleVersion(f"La correction en attente est la version {correction.version}.")
    return command.event(context, version=correction.version)


def record_dpia(_file: File, command: Command, context: Context) -> list[Event]:
    """The DPIA's record: when, residual risk, DPO's advice, prior consultation (GDPR art. 35-36)."""
    completed = command.date("completed_on")
    if completed is not None and completed > context.today:
        raise Invalid(
            "L'analyse d'impact ne peut pas être datée dans l'avenir.",
            [Detail(pointer="/completed_on", message="Cette date est postérieure à aujourd'hui.")],
        )
    return [command.event(context)]


def attach(file: File, command: Command, context: Context) -> list[Event]:
    """A piece is attached; the same content of the same kind is not attached twice."""
    digest = command.facts["sha256"]
    if any(a.sha256 == digest and a.kind == command.body["kind"] for a in file.attachments):
        raise AlreadyDone("Cette pièce est déjà jointe au dossier.")
    return [command.event(context, **command.facts)]
