"""Leases: one process at a time does a piece of work, across replicas. What fences off a late holder is elsewhere."""

from registry.storage.engines import Transaction


async def hold(tx: Transaction, name: str, holder: str, now: int, seconds: int) -> bool:
    """Take or prolong a lease until `now + seconds` (POSIX seconds); False while another holds it."""
    held = await tx.value(
        """INSERT INTO lease (name, holder, until) VALUES (?, ?, ?) ON CONFLICT (name)
        DO UPDATE SET holder = excluded.holder, until = excluded.until
        WHERE lease.holder = excluded.holder OR lease.until < ? RETURNING holder""",
        name, holder, now + seconds, now,
    )  # fmt: skip
    return held is not None


async def release(tx: Transaction, name: str, holder: str) -> None:
    """Give a lease back, if it is still held."""
    await tx.execute("DELETE FROM lease WHERE name = ? AND holder = ?", name, holder)
