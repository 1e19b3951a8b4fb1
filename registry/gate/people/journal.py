"""The records of type `account` in a party's log: one history per account and party, made of facts alone."""

import uuid
from typing import Any

from registry.exchange.events import Event
from registry.gate.session import Session
from registry.storage.accounts_journal import next_revision

Facts = dict[str, Any]


async def note(
    session: Session, account: str, party: str, act: str, *, by: str | None = None, **facts: Any
) -> tuple[str, int]:
    """Record an act about an account for a party: `by` is the account that acted (the account itself by default).
    The record's object and revision.

    `facts`: ids, enumerations, dates, numbers, public keys; nothing that names anybody.
    """
    object_id, revision = await next_revision(session.tx, account, party, str(uuid.uuid4()))
    event = Event(
        act=f"account.{act}", by=by or account, party=party, on=session.today, derived={"account": account, **facts}
    )
    await session.append(party, object_id, revision, "account", "", event, b"")  # facts alone: nothing to seal
    return object_id, revision
