"""An exchange as a person reads it: what it is, its latest acts with who did them and how far their records have come,
and the records of both registers; all of one snapshot."""

from dataclasses import dataclass, replace
from datetime import date

from registry.convention import Convention
from registry.exchange.acts import ACTS
from registry.exchange.awaited import Awaited, awaited
from registry.exchange.events import Event
from registry.gate.exchanges import load_request
from registry.gate.ledger import standings
from registry.gate.reading import LinkedRecords, RequestView, named_in, records_of, view_of
from registry.gate.session import Session
from registry.publishing.standing import Standing
from registry.storage.accounts import HeldRole, held_roles
from registry.storage.drafts import drafted_acts
from registry.storage.events import Stored, history


@dataclass(frozen=True)
class Told:
    """An act of the history: its event, the functions in which its author did it, how far its record has come."""

    stored: Stored
    functions: tuple[str, ...]
    standing: Standing


@dataclass(frozen=True)
class ExchangePage:
    """`awaited` names the parties that stand today for those of the exchange; `acts` are newest first, and `view`
    names their people too; `drafted` are the acts that the caller began, with when they were saved; `earlier` is the
    revision before which older acts are, None when there are none."""

    view: RequestView
    convention: Convention
    awaited: list[Awaited]
    records: LinkedRecords
    acts: list[Told]
    drafted: dict[str, str]
    earlier: int | None


async def exchange_page(session: Session, request_id: str, before: int | None, limit: int) -> ExchangePage:
    """The exchange, with at most `limit` acts before a revision. Raises NotFound or Forbidden as `request_view`."""
    session.require("exchange.list")
    loaded = await load_request(session, request_id)
    last = loaded.revision if before is None else min(before - 1, loaded.revision)
    after = max(last - limit, 0)
    shown = await history(session.tx, request_id, session.vault.unwrap, after=after, limit=max(last - after, 0))
    view, convention = await view_of(session, loaded, named_in(shown)), await session.convention_of(loaded)
    come = await standings(session, shown)
    held = await _held(session, {one.event.party for one in shown})
    acts = [Told(one, _functions(one.event, held), come[one.seq]) for one in reversed(shown)]
    records = await records_of(session, loaded)
    waits = [_standing(one, convention, session.today) for one in awaited(view.file, session.today)]
    drafted = await drafted_acts(session.tx, request_id, session.actor.id)
    earlier = after + 1 if after else None
    return ExchangePage(view, convention, waits, records, acts, drafted, earlier)


def _standing(one: Awaited, convention: Convention, today: date) -> Awaited:
    """What a party that no longer exists had to do waits for its successor."""
    return replace(one, parties=tuple(dict.fromkeys(convention.stands_for(party, today) for party in one.parties)))


_Held = dict[tuple[str, str], list[HeldRole]]
"""Roles by account and party."""


async def _held(session: Session, parties: set[str]) -> _Held:
    found: _Held = {}
    for party in parties:
        for role in await held_roles(session.tx, party=party):
            found.setdefault((role.account, party), []).append(role)
    return found


def _functions(event: Event, held: _Held) -> tuple[str, ...]:
    """The functions that the author held that day for the party, of those that give the act."""
    given = ACTS[event.act].roles if event.act in ACTS else ("requester",)
    day = event.on.isoformat()
    mine = {
        role.role
        for role in held.get((event.by, event.party), [])
        if role.valid_from <= day and (role.valid_until is None or role.valid_until >= day)
    }
    return tuple(role for role in given if role in mine)
