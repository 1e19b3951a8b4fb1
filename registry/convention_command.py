"""What an act on a convention is made of; every family of such acts starts from it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.convention import Convention
from registry.exchange.context import Actor
from registry.exchange.events import Event

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


Rule = Callable[[Convention, ConventionCommand, Actor, date, NewId], Derived]
"""Raises a Refusal, or answers the facts that the rules computed."""
Fold = Callable[[Document, Event], Document]
