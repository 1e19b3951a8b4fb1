"""Webhooks of a party, and the outbox of what is announced to them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from registry.clock import timestamp
from registry.storage.engines import Transaction


@dataclass(frozen=True)
class Webhook:
    """An address to announce to. `wrapped` and `sealed` hold the secret that signs."""

    id: str
    party: str
    url: str
    created_at: str
    wrapped: bytes
    sealed: bytes


_COLUMNS = "id, party, url, created_at, wrapped, sealed"


async def add_webhook(tx: Transaction, webhook: Webhook) -> None:
    """Keep a new webhook."""
    await tx.execute(
        f"INSERT INTO webhook ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
        webhook.id, webhook.party, webhook.url, webhook.created_at, webhook.wrapped, webhook.sealed,
    )  # fmt: skip


async def webhooks_of(tx: Transaction, party: str) -> list[Webhook]:
    """The party's webhooks, oldest first."""
    sql = f"SELECT {_COLUMNS} FROM webhook WHERE party = ? ORDER BY created_at, id"
    return [Webhook(*row) for row in await tx.rows(sql, party)]


async def remove_webhook(tx: Transaction, webhook: str, party: str) -> bool:
    """Remove a webhook of the party with what waits for it; False when there is none."""
    removed = await tx.execute("DELETE FROM webhook WHERE id = ? AND party = ?", webhook, party)
    if removed:
        await tx.execute("DELETE FROM delivery WHERE webhook = ?", webhook)
    return bool(removed)


async def announce_to(tx: Transaction, parties: Sequence[str], payloads: Sequence[bytes], now: datetime) -> None:
    """Put payloads in the outbox for every webhook of these parties."""
    marks = ", ".join("?" * len(parties))
    listening = await tx.rows(f"SELECT id FROM webhook WHERE party IN ({marks})", *parties)
    at = timestamp(now)
    await tx.execute_many(
        """INSERT INTO delivery (id, webhook, payload, state, created_at, next_at, attempts)
        VALUES (?, ?, ?, 'waiting', ?, ?, 0)""",
        [(str(uuid.uuid4()), webhook, payload, at, at) for (webhook,) in listening for payload in payloads],
    )


@dataclass(frozen=True)
class Delivery:
    """A payload to deliver."""

    id: str
    payload: bytes
    created_at: str
    attempts: int
    webhook: Webhook


async def due_deliveries(tx: Transaction, now: datetime, limit: int) -> list[Delivery]:
    """At most `limit` deliveries to try now, those that waited longest first."""
    rows = await tx.rows(
        """SELECT d.id, d.payload, d.created_at, d.attempts, w.id, w.party, w.url, w.created_at, w.wrapped, w.sealed
        FROM delivery d JOIN webhook w ON w.id = d.webhook
        WHERE d.state = 'waiting' AND d.next_at <= ? ORDER BY d.next_at LIMIT ?""",
        timestamp(now), limit,
    )  # fmt: skip
    return [Delivery(row[0], row[1], row[2], row[3], Webhook(*row[4:])) for row in rows]


async def delivery_due(tx: Transaction, now: datetime) -> bool:
    """Whether something is to be tried now."""
    sql = "SELECT 1 FROM delivery WHERE state = 'waiting' AND next_at <= ? LIMIT 1"
    return await tx.value(sql, timestamp(now)) is not None


async def end_delivery(tx: Transaction, delivery: str, state: str, now: datetime, reason: str | None) -> None:
    """A delivery is over: `delivered` or `failed`."""
    await tx.execute(
        "UPDATE delivery SET state = ?, ended_at = ?, reason = ?, attempts = attempts + 1 WHERE id = ?",
        state, timestamp(now), reason, delivery,
    )  # fmt: skip


async def delay_delivery(tx: Transaction, delivery: str, at: datetime, reason: str) -> None:
    """Try a delivery again later."""
    await tx.execute(
        "UPDATE delivery SET next_at = ?, reason = ?, attempts = attempts + 1 WHERE id = ?",
        timestamp(at), reason, delivery,
    )  # fmt: skip


@dataclass(frozen=True)
class Tried:
    """A delivery as the party's administrator sees it."""

    url: str
    state: str
    created_at: str
    attempts: int
    reason: str | None


async def last_deliveries(tx: Transaction, party: str, limit: int) -> list[Tried]:
    """The party's last deliveries, newest first."""
    rows = await tx.rows(
        """SELECT w.url, d.state, d.created_at, d.attempts, d.reason FROM webhook w JOIN delivery d ON d.webhook = w.id
        WHERE w.party = ? ORDER BY d.created_at DESC, d.id LIMIT ?""",
        party, limit,
    )  # fmt: skip
    return [Tried(*row) for row in rows]


async def forget_deliveries(tx: Transaction, before: datetime) -> None:
    """Delete deliveries that ended before an instant."""
    await tx.execute("DELETE FROM delivery WHERE created_at < ? AND state <> 'waiting'", timestamp(before))
