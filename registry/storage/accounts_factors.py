"""What proves who somebody is: password, one-time codes, passkeys, recovery codes, outside identities.

Passwords come hashed (argon2id) and seeds sealed; recovery codes are random enough to be kept as their SHA-256.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from registry.clock import timestamp
from registry.storage.engines import Transaction


@dataclass(frozen=True)
class Passkey:
    """A public-key credential (WebAuthn): its id, COSE public key, signature counter, and the name its owner gave."""

    id: bytes
    account: str
    public_key: bytes
    sign_count: int
    name: str
    created_at: str
    used_at: str | None


@dataclass(frozen=True)
class Factors:
    """What an account can prove itself with. `codes` is how many recovery codes are left."""

    password_at: str | None
    totp_at: str | None
    passkeys: tuple[Passkey, ...]
    codes: int

    @property
    def second(self) -> bool:
        """Whether the account has a second factor."""
        return self.totp_at is not None or bool(self.passkeys)


async def factors_of(tx: Transaction, account: str) -> Factors:
    """What the account can prove itself with."""
    return Factors(
        await tx.value("SELECT changed_at FROM password WHERE account = ?", account),
        await tx.value("SELECT confirmed_at FROM totp WHERE account = ?", account),
        tuple(await passkeys_of(tx, account)),
        int(await tx.value("SELECT count(*) FROM recovery_code WHERE account = ?", account) or 0),
    )


async def password_hash(tx: Transaction, account: str) -> str | None:
    """The argon2id hash of the account's password, None without one."""
    found = await tx.value("SELECT hash FROM password WHERE account = ?", account)
    return str(found) if found is not None else None


async def set_password(tx: Transaction, account: str, hashed: str, now: datetime) -> None:
    """Replace the account's password."""
    await tx.execute(
        """INSERT INTO password (account, hash, changed_at) VALUES (?, ?, ?)
        ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at""",
        account, hashed, timestamp(now),
    )  # fmt: skip


async def offer_seed(tx: Transaction, account: str, sealed: bytes) -> None:
    """Keep a new seed of one-time codes until its first code confirms it; a confirmed one is not replaced."""
    await tx.execute(
        """INSERT INTO totp (account, sealed, confirmed_at, last_step) VALUES (?, ?, NULL, 0) ON CONFLICT (account)
        DO UPDATE SET sealed = excluded.sealed WHERE totp.confirmed_at IS NULL""",
        account, sealed,
    )  # fmt: skip


async def seed_of(tx: Transaction, account: str) -> tuple[bytes, bool] | None:
    """The sealed seed of the account and whether it is confirmed."""
    row = await tx.row("SELECT sealed, confirmed_at FROM totp WHERE account = ?", account)
    return (bytes(row[0]), row[1] is not None) if row is not None else None


async def confirm_seed(tx: Transaction, account: str, now: datetime) -> None:
    """The seed serves from now on."""
    at = timestamp(now)
    await tx.execute("UPDATE totp SET confirmed_at = ? WHERE account = ? AND confirmed_at IS NULL", at, account)


async def use_step(tx: Transaction, account: str, step: int) -> bool:
    """Note the time step of an accepted code; False when it served already (RFC 6238, section 5.2: once)."""
    changed = await tx.execute("UPDATE totp SET last_step = ? WHERE account = ? AND last_step < ?", step, account, step)
    return bool(changed)


async def sealed_seeds(tx: Transaction) -> list[tuple[str, bytes]]:
    """Every sealed seed, by account: to seal them again under another key."""
    return [(row[0], bytes(row[1])) for row in await tx.rows("SELECT account, sealed FROM totp ORDER BY account")]


async def reseal_seed(tx: Transaction, account: str, sealed: bytes) -> None:
    """The same seed under another key."""
    await tx.execute("UPDATE totp SET sealed = ? WHERE account = ?", sealed, account)


async def remove_seed(tx: Transaction, account: str) -> None:
    """One-time codes serve no more."""
    await tx.execute("DELETE FROM totp WHERE account = ?", account)


_PASSKEY = "SELECT id, account, public_key, sign_count, name, created_at, used_at FROM passkey"


async def passkeys_of(tx: Transaction, account: str) -> list[Passkey]:
    """The account's passkeys, oldest first."""
    rows = await tx.rows(f"{_PASSKEY} WHERE account = ? ORDER BY created_at, id", account)
    return [Passkey(bytes(row[0]), row[1], bytes(row[2]), *row[3:]) for row in rows]


async def find_passkey(tx: Transaction, credential: bytes) -> Passkey | None:
    """The passkey with that credential id."""
    row = await tx.row(f"{_PASSKEY} WHERE id = ?", credential)
    return Passkey(bytes(row[0]), row[1], bytes(row[2]), *row[3:]) if row is not None else None


async def add_passkey(tx: Transaction, passkey: Passkey) -> None:
    """Keep a new passkey. Raises UniqueViolation when its credential id is known."""
    await tx.execute(
        """INSERT INTO passkey (id, account, public_key, sign_count, name, created_at, used_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)""",
        passkey.id, passkey.account, passkey.public_key, passkey.sign_count, passkey.name, passkey.created_at,
        passkey.used_at,
    )  # fmt: skip


async def use_passkey(tx: Transaction, credential: bytes, sign_count: int, now: datetime) -> None:
    """Note a use and the authenticator's counter."""
    await tx.execute(
        "UPDATE passkey SET sign_count = ?, used_at = ? WHERE id = ?", sign_count, timestamp(now), credential
    )


async def remove_passkey(tx: Transaction, account: str, credential: bytes) -> bool:
    """Remove one of the account's passkeys, which must sign no more; False when it has no such one."""
    return bool(await tx.execute("DELETE FROM passkey WHERE account = ? AND id = ?", account, credential))


def code_hash(code: str) -> bytes:
    """What is kept of a recovery code, however it was typed: SHA-256 of its letters and digits."""
    return hashlib.sha256("".join(c for c in code.lower() if c.isalnum()).encode()).digest()


async def set_codes(tx: Transaction, account: str, codes: Sequence[str], now: datetime) -> None:
    """Replace the account's recovery codes."""
    await tx.execute("DELETE FROM recovery_code WHERE account = ?", account)
    rows = [(account, code_hash(code), timestamp(now)) for code in codes]
    await tx.execute_many("INSERT INTO recovery_code (account, hash, created_at) VALUES (?, ?, ?)", rows)


async def use_code(tx: Transaction, account: str, code: str) -> bool:
    """Use up a recovery code; False when it is not one of the account's, or was used."""
    changed = await tx.execute("DELETE FROM recovery_code WHERE account = ? AND hash = ?", account, code_hash(code))
    return bool(changed)


async def remove_factors(tx: Transaction, account: str) -> None:
    """Forget password, second factors and outside identities: the account is to be taken anew by an invitation."""
    for table in ("password", "totp", "signing_key", "passkey", "recovery_code", "identity"):
        await tx.execute(f"DELETE FROM {table} WHERE account = ?", account)


async def keep_challenge(
    tx: Transaction, challenge: bytes, purpose: str, account: str | None, expires_at: datetime
) -> None:
    """Remember a challenge that was given out."""
    await tx.execute(
        "INSERT INTO challenge (hash, purpose, account, expires_at) VALUES (?, ?, ?, ?)",
        hashlib.sha256(challenge).digest(), purpose, account, timestamp(expires_at),
    )  # fmt: skip


async def take_challenge(tx: Transaction, challenge: bytes, purpose: str, account: str | None, now: datetime) -> bool:
    """Use up a challenge; False when it was not given for that purpose and account, was used, or is too old."""
    row = await tx.row(
        "DELETE FROM challenge WHERE hash = ? RETURNING purpose, account, expires_at",
        hashlib.sha256(challenge).digest(),
    )
    return row is not None and (row[0], row[1]) == (purpose, account) and row[2] > timestamp(now)


async def identities_of(tx: Transaction, account: str) -> list[tuple[str, str, str]]:
    """The outside identities linked to an account: (issuer, subject, since)."""
    sql = "SELECT issuer, subject, linked_at FROM identity WHERE account = ? ORDER BY issuer, subject"
    return [(row[0], row[1], row[2]) for row in await tx.rows(sql, account)]


async def account_of_identity(tx: Transaction, issuer: str, subject: str) -> str | None:
    """The account linked to that subject of that issuer; never looked for by e-mail address."""
    found = await tx.value("SELECT account FROM identity WHERE issuer = ? AND subject = ?", issuer, subject)
    return str(found) if found is not None else None


async def link_identity(tx: Transaction, account: str, issuer: str, subject: str, now: datetime) -> None:
    """Link a subject to an account. Raises UniqueViolation when it is linked to one."""
    await tx.execute(
        "INSERT INTO identity (issuer, subject, account, linked_at) VALUES (?, ?, ?, ?)",
        issuer, subject, account, timestamp(now),
    )  # fmt: skip


async def unlink_identity(tx: Transaction, account: str, issuer: str, subject: str) -> bool:
    """Unlink an outside identity of the account; False when there is none."""
    sql = "DELETE FROM identity WHERE account = ? AND issuer = ? AND subject = ?"
    return bool(await tx.execute(sql, account, issuer, subject))
