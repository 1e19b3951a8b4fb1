"""Keys that sign acts on people's own devices, and the challenges given out for them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from registry.clock import timestamp
from registry.storage.engines import Transaction


@dataclass(frozen=True)
class SigningKey:
    """A passkey that signs for its account and a party: the place of the record that says so."""

    credential: bytes
    account: str
    party: str
    object: str
    revision: int


@dataclass(frozen=True)
class Offer:
    """A challenge given out: for whom, since when, and what it hides the texts behind (a salt)."""

    account: str
    party: str
    at: str
    nonce: str
    salt: bytes


_KEY = "SELECT credential, account, party, object, revision FROM signing_key"


async def keep_key(tx: Transaction, key: SigningKey) -> None:
    """The key signs from now on. Raises UniqueViolation when it does already."""
    await tx.execute(
        "INSERT INTO signing_key (credential, account, party, object, revision) VALUES (?, ?, ?, ?, ?)",
        key.credential, key.account, key.party, key.object, key.revision,
    )  # fmt: skip


async def keys_of(tx: Transaction, account: str, *, party: str | None = None) -> list[SigningKey]:
    """The keys that sign for an account, for one party or for each."""
    chosen, values = (" AND party = ?", (account, party)) if party is not None else ("", (account,))
    rows = await tx.rows(f"{_KEY} WHERE account = ?{chosen} ORDER BY party, credential", *values)
    return [SigningKey(bytes(row[0]), *row[1:]) for row in rows]


async def find_key(tx: Transaction, credential: bytes, account: str, party: str) -> SigningKey | None:
    """The key, when it signs for that account and party."""
    row = await tx.row(f"{_KEY} WHERE credential = ? AND account = ? AND party = ?", credential, account, party)
    return SigningKey(bytes(row[0]), *row[1:]) if row is not None else None


async def end_key(tx: Transaction, key: SigningKey) -> None:
    """The key signs no more for its party."""
    await tx.execute("DELETE FROM signing_key WHERE credential = ? AND party = ?", key.credential, key.party)


async def enrolment(tx: Transaction, object_id: str, revision: int) -> tuple[bytes, bytes] | None:
    """The facts and the leaf hash of the record by which a key was enrolled."""
    row = await tx.row("SELECT facts, leaf_hash FROM event WHERE object = ? AND revision = ?", object_id, revision)
    return (bytes(row[0]), bytes(row[1])) if row is not None else None


async def keep_offer(tx: Transaction, challenge: bytes, offer: Offer, expires_at: datetime) -> None:
    """Remember a challenge that was given out."""
    await tx.execute(
        """INSERT INTO device_offer (hash, account, party, at, nonce, salt, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)""",
        hashlib.sha256(challenge).digest(), offer.account, offer.party, offer.at, offer.nonce, offer.salt,
        timestamp(expires_at),
    )  # fmt: skip


async def take_offer(tx: Transaction, challenge: bytes, now: datetime) -> Offer | None:
    """Use up a challenge; None when it was not given out, was used, or is too old."""
    row = await tx.row(
        "DELETE FROM device_offer WHERE hash = ? AND expires_at > ? RETURNING account, party, at, nonce, salt",
        hashlib.sha256(challenge).digest(), timestamp(now),
    )  # fmt: skip
    return Offer(row[0], row[1], row[2], row[3], bytes(row[4])) if row is not None else None
