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


async def served(tx: Transaction, entry: str, party: str, most: int) -> list[tuple[str, str, str | None, bytes]]:
    """At most `most` of the exchanges that an entry serves and the party may see, latest first: id, the day it began
    to serve each, the day it ceased to, the exchange's summary (JSON bytes)."""
    rows = await tx.rows(
        """SELECT k.exchange, k.since, k.until, x.summary FROM register_link k JOIN exchange x ON x.id = k.exchange
        JOIN exchange_listing l ON l.exchange = k.exchange AND l.party = ?
        WHERE k.entry = ? ORDER BY k.since DESC, x.position DESC LIMIT ?""",
        party, entry, most,
    )  # fmt: skip
    return [tuple(row) for row in rows]


async def _links(tx: Transaction, exchange: str) -> Links:
    rows = await tx.rows("SELECT entry, since, until FROM register_link WHERE exchange = ?", exchange)
    return {row[0]: (row[1], row[2]) for row in rows}
