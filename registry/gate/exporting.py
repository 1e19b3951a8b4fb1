"""What an export of a register reads: the party, the parties whose register it holds, and its lines, in batches."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from registry.exports import Heading
from registry.processing.lines import line_document
from registry.processing.selection import Selection
from registry.refusals import NotFound
from registry.storage.conventions import convention_ids, load_convention
from registry.storage.engines import Engine, Transaction
from registry.storage.register import register_batches


@dataclass(frozen=True)
class Holder:
    """A party and the parties whose registers it holds: its own, and its predecessors' once recorded."""

    party: dict[str, Any]
    scope: list[str]


async def holder(tx: Transaction, party: str, today: date) -> Holder:
    """The holder of a register, from the conventions that name it. Raises NotFound, naming the parties known."""
    known: set[str] = set()
    record: dict[str, Any] | None = None
    scope = [party]
    for convention_id in await convention_ids(tx):
        found = await load_convention(tx, convention_id)
        if found is None:
            continue
        convention = found.convention
        known |= {p["id"] for p in convention.parties()}
        record = record or dict(convention.party(party) or {}) or None
        held = [p for p in convention.predecessors(party) if convention.stands_for(p, today) == party]
        scope += [p for p in held if p not in scope]
    if record is None:
        raise NotFound(f"Partie inconnue : « {party} ». Parties : {', '.join(sorted(known))}.")
    return Holder(record, scope)


def heading(
    held: Holder, kind: str, as_of: date, selection: Selection, exported_at: datetime, exported_by: str | None
) -> Heading:
    """What the export says of itself."""
    party = held.party
    contacts = party.get("contacts") or {}
    controller = {"name": party["name"], "contact_details": contacts.get("controller")}
    officer = {"name": contacts.get("dpo"), "email": contacts.get("dpo_email")}
    return Heading(
        party=party["id"],
        party_name=party["name"],
        as_of=as_of,
        audience=selection.audience,
        exported_at=exported_at,
        kind=kind,
        exported_by=exported_by,
        filters=selection.filters,
        insee=party.get("insee"),
        controller={key: value for key, value in controller.items() if value},
        officer={key: value for key, value in officer.items() if value},
    )


async def line_batches(
    engine: Engine,
    scope: Sequence[str],
    kind: str,
    day: date,
    selection: Selection,
    read: Callable[[int], None] = lambda _lines: None,
) -> AsyncIterator[list[dict[str, Any]]]:
    """The lines that are asked for, as documents for their audience, streamed in constant memory; `read` is told how
    many lines each batch had."""
    async with aclosing(register_batches(engine, scope, kind, day)) as batches:
        async for batch in batches:
            read(len(batch))
            yield [line_document(line, selection.audience) for line in batch if selection.holds(line)]
