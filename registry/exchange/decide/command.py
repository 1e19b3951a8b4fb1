"""A command: the act somebody wants, with its validated body and the version of the document it is about."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from registry.exchange.context import Context
from registry.exchange.events import Event


@dataclass(frozen=True)
class Command:
    """`body` is valid for the act's schema. `version` comes from If-Match (None when not sent); `target` names the
    stage, check or recommendation number in the URL, when the act has one; `facts` are measured by the server
    (digest and size of an upload)."""

    act: str
    body: dict[str, Any] = field(default_factory=dict)
    version: int | None = None
    target: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def event(self, context: Context, **derived: Any) -> Event:
        """The event that records this command as done by the context's actor today."""
        return Event(
            act=self.act,
            by=context.actor.id,
            party=context.actor.party,
            on=context.today,
            input=self.body,
            derived=derived,
        )

    def date(self, key: str) -> date | None:
        """A date of the body, or None when it was not given."""
        value = self.body.get(key)
        return date.fromisoformat(value) if value else None
