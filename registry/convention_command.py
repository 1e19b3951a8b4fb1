"""What an act on a convention is made of; every family of such acts starts from it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.convention import Convention
from registry.exchange.context import Actor
from registry.exchange.events import Event
from registry.refusals import Forbidden

Document = dict[str, Any]
Derived = dict[str, Any]
NewId = Callable[[], str]


@dataclass(frozen=True)
class ConventionCommand:
    """An act on the convention, or on one of its parties. `person` is the account its body names, when it names one."""

    act: str
    body: Document
    party: str | None = None
    person: str | None = None


def is_secretariat(convention: Convention, actor: Actor, today: date) -> bool:
    """Whether the actor holds the function for the party that provides the permanent secretariat (convention, art. 6):
    an administrator gives functions of their own party only, and this one is for the whole convention."""
    party = (convention.document.get("committee") or {}).get("secretariat")
    provided = party is None or convention.stands_for(party, today) == actor.party
    return "secretariat" in actor.roles and provided


def require_secretariat_or(functions: frozenset[str], convention: Convention, actor: Actor, today: date) -> None:
    """Raises Forbidden when the actor acts as a secretariat that is another party's, and in none of the functions."""
    if not actor.roles & functions and not is_secretariat(convention, actor, today):
        raise Forbidden("Le secrétariat permanent est assuré par une autre partie.")


Rule = Callable[[Convention, ConventionCommand, Actor, date, NewId], Derived]
"""Raises a Refusal, or answers the facts that the rules computed."""
Fold = Callable[[Document, Event], Document]
