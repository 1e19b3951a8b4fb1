"""Idempotency keys: per account, for 24 hours, kept in the act's own transaction (body hash, status, Location)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from registry.clock import timestamp
from registry.refusals import Refusal
from registry.storage.engines import Transaction

LIFETIME = timedelta(hours=24)


class KeyReused(Refusal):
    """The same key came with another body."""

    slug, status, title = "idempotency-key-reused", 422, "Clé d'idempotence déjà utilisée"


@dataclass(frozen=True)
class Once:
    """What makes a POST unique: the client's key and the SHA-256 of method, path and body."""

    key: str
    body_hash: bytes


@dataclass(frozen=True)
class Answered:
    """How the first call was answered."""

    status: int
    location: str | None


async def replayed(tx: Transaction, account: str, once: Once, now: datetime) -> Answered | None:
    """The answer already given to this key, None when it is new. Raises `KeyReused` when the body differs."""
    row = await tx.row(
        "SELECT body_hash, status, location FROM idempotency WHERE account = ? AND key = ? AND at > ?",
        account, once.key, timestamp(now - LIFETIME),
    )  # fmt: skip
    if row is None:
        return None
    if bytes(row[0]) != once.body_hash:
        raise KeyReused("Cette clé d'idempotence a déjà servi pour une autre requête : utilisez-en une nouvelle.")
    return Answered(row[1], row[2])


async def remember(tx: Transaction, account: str, once: Once, answered: Answered, now: datetime) -> None:
    """Keep the answer, and forget this account's expired ones. Raises `UniqueViolation` when it was just answered."""
    await tx.execute("DELETE FROM idempotency WHERE account = ? AND at <= ?", account, timestamp(now - LIFETIME))
    await tx.execute(
        "INSERT INTO idempotency (account, key, body_hash, status, location, at) VALUES (?, ?, ?, ?, ?, ?)",
        account, once.key, once.body_hash, answered.status, answered.location, timestamp(now),
    )  # fmt: skip
