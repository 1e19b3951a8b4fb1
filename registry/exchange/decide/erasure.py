"""Erasure of what people typed (GDPR art. 17): decided by a controller, its DPO informed; recorded by codes alone."""

from datetime import date
from typing import Any

from registry.exchange.context import Context
from registry.exchange.decide.command import Command
from registry.exchange.decide.guards import is_delegated
from registry.exchange.events import Event
from registry.exchange.file import File
from registry.refusals import Detail, Invalid

_NAMED = {"revision": "revision", "attachment": "sha256"}
"""The key of the body that names what is erased, for the scopes that need one."""


def erase(_file: File, command: Command, context: Context) -> list[Event]:
    """No event when all that is asked for was erased before.

    `command.facts` say what is left to erase: revisions, attachments, key; empty when the body names nothing known.
    """
    require_named(command.body, context.today)
    delegation = is_delegated(context, context.actor.party)
    require_known(command.body, command.facts)
    return [command.event(context, delegation=delegation, **command.facts)] if any(command.facts.values()) else []


def require_known(body: dict[str, Any], left: dict[str, Any]) -> None:
    """Refuse what names an act or a piece that the object does not have."""
    if not left:
        pointer = f"/{_NAMED[body['scope']]}"
        raise Invalid("Il n'y a rien de tel à effacer.", [Detail(pointer=pointer, message="Inconnu de l'historique.")])


def require_named(body: dict[str, Any], today: date) -> None:
    """Refuse a body that does not name what its scope asks for, or dates the DPO's information in the future."""
    wanted = _NAMED.get(body["scope"])
    details = [
        Detail(pointer=f"/{key}", message="À préciser pour cette étendue." if key == wanted else "Sans objet ici.")
        for key in _NAMED.values()
        if (body.get(key) is not None) != (key == wanted)
    ]
    if body["dpo_informed_on"] > today.isoformat():
        details.append(Detail(pointer="/dpo_informed_on", message="Cette date est dans l'avenir."))
    if details:
        raise Invalid("L'effacement n'est pas décrit comme il faut.", details)
