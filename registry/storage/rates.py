"""Limits on how often something may be tried, counted in the database: they hold across processes and restarts.

The generic cell rate algorithm: one number a key, the instant from which it owes nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from registry.refusals import Refusal
from registry.storage.engines import Transaction


@dataclass(frozen=True)
class Limit:
    """`burst` tries at once, then one every `seconds`."""

    bucket: str
    burst: int
    seconds: int


class TooOften(Refusal):
    """A limit is reached; `wait` is how many seconds to wait at most before the next try."""

    slug, status, title = "too-often", 429, "Trop de tentatives"

    def __init__(self, wait: int) -> None:
        super().__init__("Trop de tentatives rapprochées : réessayez dans quelques minutes.")
        self.wait = wait


async def spend(tx: Transaction, limit: Limit, key: bytes, now: datetime) -> bool:
    """Count one try; False when it is one too many, and then nothing is counted."""
    at, interval = int(now.timestamp() * 1000), limit.seconds * 1000
    taken = await tx.value(
        """INSERT INTO rate (bucket, key, free_at) VALUES (?, ?, ?) ON CONFLICT (bucket, key)
        DO UPDATE SET free_at = CASE WHEN rate.free_at > ? THEN rate.free_at ELSE ? END + ?
        WHERE rate.free_at <= ? RETURNING free_at""",
        limit.bucket, key, at + interval, at, at, interval, at + (limit.burst - 1) * interval,
    )  # fmt: skip
    return taken is not None


async def forgive(tx: Transaction, limit: Limit, key: bytes) -> None:
    """Forget the tries of a key: the person succeeded."""
    await tx.execute("DELETE FROM rate WHERE bucket = ? AND key = ?", limit.bucket, key)
