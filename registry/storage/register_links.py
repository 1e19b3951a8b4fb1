"""The projection of the links between exchanges and register entries."""

from registry.exchange.events import Event
from registry.exchange.file import File
from registry.processing.links import Links, changes_links, follow
from registry.storage.engines import Transaction
from registry.storage.register import confirm_entry


async def follow_exchange(tx: Transaction, before: File, after: File, event: Event) -> None:
    """Project into the registers what one event of an exchange does to its entries."""
    if event.act == "register-confirmations":
        await confirm_entry(tx, event.input["entry"], event.on)
    if not changes_links(before, after, event):
        return
    links = await _links(tx, after.id)
    for entry, (since, until) in follow(links, before, after, event).items():
        if links.get(entry) != (since, until):
            await tx.execute(
                """INSERT INTO register_link (entry, exchange, since, until) VALUES (?, ?, ?, ?)
                ON CONFLICT (entry, exchange) DO UPDATE SET until = excluded.until""",
                entry, after.id, since, until,
            )  # fmt: skip


async def _links(tx: Transaction, exchange: str) -> Links:
    rows = await tx.rows("SELECT entry, since, until FROM register_link WHERE exchange = ?", exchange)
    return {row[0]: (row[1], row[2]) for row in rows}
