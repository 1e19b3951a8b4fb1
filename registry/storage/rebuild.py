"""Refolding every projection from the events, in one transaction: nobody sees a half-made state."""

from collections.abc import Sequence

from registry.convention import Convention
from registry.convention_acts import evolve as evolve_convention
from registry.exchange.context import Entry
from registry.exchange.evolve import fold
from registry.storage.conventions import save_convention
from registry.storage.engines import Engine, Transaction
from registry.storage.events import Stored, history
from registry.storage.exchanges import insert
from registry.storage.register import StoredEntry, confirm_entry, insert_entry, update_entry
from registry.storage.vault import Vault

PROJECTIONS = ("convention", "register_version", "register_entry", "exchange_listing", "exchange")


async def rebuild(engine: Engine, vault: Vault) -> int:
    """Empty the projections and refold them; answers the number of events read."""

    async def work(tx: Transaction) -> int:
        for table in PROJECTIONS:
            await tx.execute(f"DELETE FROM {table}")
        return await _refold(tx, vault)

    return await engine.transact(work)


async def _refold(tx: Transaction, vault: Vault) -> int:
    """Conventions first (they say who sees what), then register entries, then exchanges, which confirm entries."""
    read = 0
    conventions: dict[str, Convention] = {}
    for object_id in await _objects(tx, "convention"):
        events = await history(tx, object_id, vault.unwrap)
        convention = await _convention(tx, object_id, events)
        conventions[convention.id] = convention
        read += len(events)
    for object_id in await _objects(tx, "register"):
        events = await history(tx, object_id, vault.unwrap)
        await _entry(tx, events)
        read += len(events)
    for object_id in await _objects(tx, "exchange"):
        events = await history(tx, object_id, vault.unwrap)
        await _exchange(tx, conventions, events)
        read += len(events)
    return read


async def _objects(tx: Transaction, kind: str) -> list[str]:
    rows = await tx.rows("SELECT object FROM event WHERE type = ? AND revision = 1 ORDER BY seq", kind)
    return [row[0] for row in rows]


async def _convention(tx: Transaction, object_id: str, events: Sequence[Stored]) -> Convention:
    convention = evolve_convention(None, events[0].event)
    for stored in events[1:]:
        convention = evolve_convention(convention, stored.event)
    await save_convention(tx, convention, object_id, events[-1].revision)
    return convention


async def _entry(tx: Transaction, events: Sequence[Stored]) -> None:
    first = events[0]
    derived = first.event.derived
    entry = Entry(derived["id"], derived["party"], derived["reference"], 1, first.event.input["record"])
    stored = StoredEntry(entry, 1, derived["owner"], first.seq, derived["exchange"], derived["confirmed_on"], first.at)
    await insert_entry(tx, stored)
    for later in events[1:]:
        changed = Entry(
            entry.id, entry.party, entry.reference, later.event.derived["version"], later.event.input["record"]
        )
        await update_entry(
            tx,
            StoredEntry(
                changed,
                later.revision,
                stored.log_owner,
                stored.position,
                stored.exchange,
                stored.confirmed_on,
                later.at,
            ),
        )


async def _exchange(tx: Transaction, conventions: dict[str, Convention], events: Sequence[Stored]) -> None:
    file = fold(stored.event for stored in events)
    await insert(tx, conventions[file.convention], file, events[0].seq, events[-1].revision)
    for confirmation in file.register_confirmations:
        await confirm_entry(tx, confirmation.entry, confirmation.confirmed_on)
