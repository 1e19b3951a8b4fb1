"""Requests born otherwise than from a blank page: an exchange that already runs, a modification, copies."""

from typing import Any

from registry.exchange.context import Context
from registry.exchange.decide.command import Command
from registry.exchange.decide.filing import create, sides_of
from registry.exchange.events import Event
from registry.exchange.file import Document, File
from registry.refusals import AlreadyDone, Detail, Invalid, WrongState

EXISTING, CREATION = "existing-exchange", "creation"


def existing(body: Document, context: Context, file_id: str, reference: str) -> Event:
    """A draft for an exchange that already runs: it enters the circuit as any request, nothing of it back-dated."""
    details = []
    if body["since"] > context.today.isoformat():
        details.append(Detail(pointer="/since", message="Cette date est dans l'avenir."))
    if body["deadline"] < context.today.isoformat():
        details.append(Detail(pointer="/deadline", message="Cette échéance est déjà passée."))
    if details:
        raise Invalid("L'échange existant n'est pas décrit comme il faut.", details)
    drafted = create(body["request"], context, file_id, reference)
    command = Command(EXISTING, {**body, "request": drafted.input})
    return command.event(context, **drafted.derived)


def copy(file: File, command: Command, context: Context) -> list[Event]:
    """The asker lets other parties ask the same thing: each is handed a draft of its own."""
    if file.initiated_by != file.requester:
        raise WrongState("Une demande faite par le détenteur n'a pas de copies : il écrit à chaque partie.")
    parties, convention = command.body["parties"], context.convention
    concerned = {convention.stands_for(party, context.today) for party in (file.requester, file.holder)}
    details = []
    for i, party in enumerate(parties):
        if convention.party(party) is None or not convention.exists(party, context.today):
            details.append(Detail(pointer=f"/parties/{i}", message=f"Partie inconnue à cette date : « {party} »."))
        elif convention.has_left(party, context.today):
            details.append(Detail(pointer=f"/parties/{i}", message=f"« {party} » a quitté la convention."))
        elif party in concerned or party in parties[:i]:
            details.append(Detail(pointer=f"/parties/{i}", message=f"« {party} » est déjà dans l'échange."))
        elif party in file.copies:
            raise AlreadyDone(f"« {party} » a déjà une copie de cette demande.")
    if details:
        raise Invalid("Aucune copie n'est faite.", details)
    return [command.event(context, copies={party: context.new_id() for party in parties})]


def drafted_copy(file: File, party: str, context: Context, file_id: str, reference: str) -> Event:
    """The draft handed to a party: the request of the original, in its own name, for its own people to file."""
    document = {**file.request, "requester": party, "reference": reference, "requested_on": None}
    return _draft(
        document, context, party, id=file_id, reference=reference, copied_from=file.id, askers=sorted(file.asking)
    )


def modify(file: File, command: Command, context: Context) -> list[Event]:
    """A new request is drafted from the exchange in operation, which runs on until the new one replaces it."""
    return [command.event(context, modification=context.new_id())]


def drafted_modification(file: File, context: Context, file_id: str, reference: str) -> Event:
    """The draft of a modification: the request in force, to be changed, filed, studied and decided anew."""
    document = {**file.request, "reference": reference, "requested_on": None}
    initiator = context.actor.party
    return _draft(document, context, initiator, id=file_id, reference=reference, modification_of=file.id)


def _draft(document: Document, context: Context, initiator: str, **facts: Any) -> Event:
    derived = {**facts, "convention": context.convention.id, **sides_of(document, context, initiator)}
    return Command(CREATION, document).event(context, **derived)
