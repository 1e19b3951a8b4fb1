"""Refolding every projection from the events, in one transaction: nobody sees a half-made state."""

from registry.convention import Convention
from registry.storage.engines import Engine, Transaction
from registry.storage.events import history
from registry.storage.refold import COLUMNS, Rows, convention_rows, entry_rows, exchange_rows
from registry.storage.register import confirm_entry
from registry.storage.vault import Vault

PROJECTIONS = tuple(reversed(COLUMNS))


async def rebuild(engine: Engine, vault: Vault) -> int:
    """Empty the projections and refold them; answers the number of events read."""

    async def work(tx: Transaction) -> int:
        for table in PROJECTIONS:
            await tx.execute(f"DELETE FROM {table}")
        await tx.execute("DELETE FROM nightly_state")  # the next pass reads everything again
        return await _refold(tx, vault)

    return await engine.transact(work)


async def _refold(tx: Transaction, vault: Vault) -> int:
    """Conventions first (they say who sees what), then register entries, then exchanges, which confirm entries."""
    read = 0
    conventions: dict[str, Convention] = {}
    for object_id in await objects(tx, "convention"):
        events = await history(tx, object_id, vault.unwrap)
        convention, rows = convention_rows(object_id, events)
        await write(tx, rows)
        conventions[convention.id] = convention
        read += len(events)
    for object_id in await objects(tx, "register"):
        events = await history(tx, object_id, vault.unwrap)
        await write(tx, entry_rows(events, None))
        read += len(events)
    for object_id in await objects(tx, "exchange"):
        events = await history(tx, object_id, vault.unwrap)
        file, rows = exchange_rows(conventions[events[0].event.derived["convention"]], events)
        await write(tx, rows)
        for confirmation in file.register_confirmations:
            await confirm_entry(tx, confirmation.entry, confirmation.confirmed_on)
        read += len(events)
    return read


async def objects(tx: Transaction, kind: str) -> list[str]:
    """The ids of the objects of a kind, in order of creation."""
    rows = await tx.rows("SELECT object FROM event WHERE type = ? AND revision = 1 ORDER BY seq", kind)
    return [row[0] for row in rows]


async def write(tx: Transaction, rows: Rows) -> None:
    """Insert refolded rows; the caller has deleted the former ones."""
    for table, values in rows.items():
        marks = ", ".join("?" for _ in COLUMNS[table])
        await tx.execute_many(f"INSERT INTO {table} ({', '.join(COLUMNS[table])}) VALUES ({marks})", values)
