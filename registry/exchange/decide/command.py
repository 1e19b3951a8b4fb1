"""A command: the act somebody wants, with its validated body and the version of the document it is about."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from registry.exchange.context import Actor, Context
from registry.exchange.events import Event


@dataclass(frozen=True)
class Command:
    """`body` is valid for the act's schema. `version` comes from If-Match (None when not sent); `target` names the
    stage, check or recommendation number in the URL, when the act has one; `facts` are measured by the server
    (digest and size of an upload). `device` is the signature that the author's own device made of this act, as its
    facts keep it (`registry.ledger.devices`), already checked."""

    act: str
    body: dict[str, Any] = field(default_factory=dict)
    version: int | None = None
    target: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    device: dict[str, Any] | None = None

    def event(self, context: Context, **derived: Any) -> Event:
        """The event that records this command as done by the context's actor today."""
        return self.event_by(context.actor, context.today, **derived)

    def event_by(self, actor: Actor, today: dt.date, **derived: Any) -> Event:
        """The event that records this command as done by an actor on a day."""
        return Event(
            act=self.act,
            by=actor.id,
            party=actor.party,
            on=today,
            input=self.body,
            derived=derived if self.device is None else {**derived, "device": self.device},
        )

    def date(self, key: str) -> dt.date | None:
        """A date of the body, or None when it was not given."""
        value = self.body.get(key)
        return dt.date.fromisoformat(value) if value else None
