"""Erasing texts and attachments: their sealed rows and the key they were sealed under.

Facts, records and proofs stay, and still verify. What remains of an object is sealed anew under another key, so that no
older copy of a row opens any more; `cleaning` then removes those copies from the files.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from registry.clock import timestamp
from registry.storage.drafts import place_of
from registry.storage.engines import Transaction
from registry.storage.vault import Vault, seal, unseal


@dataclass(frozen=True)
class Erasable:
    """What is there to erase: the revisions that have texts, the attachments' SHA-256, and whether the key goes too."""

    revisions: list[int]
    attachments: list[str]
    key_destroyed: bool


async def erasable(tx: Transaction, object_id: str, body: dict[str, Any]) -> Erasable | None:
    """What an erasure of that scope (body of schema `erasure`) would erase now; None when it names nothing known."""
    revisions, attachments = await _openings(tx, object_id), await _attachments(tx, object_id)
    if body["scope"] == "object":
        keyed = await tx.value("SELECT 1 FROM object_key WHERE object = ?", object_id) is not None
        return Erasable(revisions, attachments, keyed)
    revision, digest = body.get("revision"), body.get("sha256")
    if body["scope"] == "revision":
        known = await tx.value("SELECT 1 FROM event WHERE object = ? AND revision = ?", object_id, revision)
        return Erasable([one for one in revisions if one == revision], [], key_destroyed=False) if known else None
    naming = await _naming(tx, object_id, digest) if digest is not None else []
    left = [one for one in attachments if one == digest]
    return Erasable([one for one in revisions if one in naming], left, key_destroyed=False) if naming else None


async def _openings(tx: Transaction, object_id: str) -> list[int]:
    rows = await tx.rows("SELECT revision FROM opening WHERE object = ? ORDER BY revision", object_id)
    return [row[0] for row in rows]


async def _attachments(tx: Transaction, object_id: str) -> list[str]:
    rows = await tx.rows("SELECT sha256 FROM attachment WHERE object = ? ORDER BY sha256", object_id)
    return [row[0] for row in rows]


async def _naming(tx: Transaction, object_id: str, digest: str) -> list[int]:
    """The revisions of the acts that attached it: its name is among their texts."""
    rows = await tx.rows("SELECT revision, facts FROM event WHERE object = ?", object_id)
    return [row[0] for row in rows if msgspec.json.decode(row[1])["derived"].get("sha256") == digest]


async def erase(tx: Transaction, vault: Vault, object_id: str, what: Erasable, location: str, now: datetime) -> None:
    """Delete what was found, in the transaction of its `erasure` event; the files' cleaning is left to do.

    `location`: the object's address, under which answers to retried calls keep digests of what was sent.
    """
    for revision in what.revisions:
        await tx.execute("DELETE FROM opening WHERE object = ? AND revision = ?", object_id, revision)
    for digest in what.attachments:
        await tx.execute("DELETE FROM attachment WHERE object = ? AND sha256 = ?", object_id, digest)
    if what.key_destroyed:
        await tx.execute("DELETE FROM act_draft WHERE exchange = ?", object_id)
        await tx.execute("DELETE FROM object_key WHERE object = ?", object_id)
    else:
        await _rekey(tx, vault, object_id)
    await tx.execute("DELETE FROM idempotency WHERE location = ?", location)
    await to_clean(tx, now)


async def _rekey(tx: Transaction, vault: Vault, object_id: str) -> None:
    """Seal what remains under a new key."""
    wrapped = await tx.value("SELECT wrapped FROM object_key WHERE object = ?", object_id)
    old = vault.unwrap(object_id, bytes(wrapped))
    new, wrapped = vault.new_key(object_id)
    for table, name in (("opening", "revision"), ("attachment", "sha256")):
        for (kept,) in await tx.rows(f"SELECT {name} FROM {table} WHERE object = ?", object_id):
            place = f"{object_id}/{kept}"
            sealed = await tx.value(f"SELECT sealed FROM {table} WHERE object = ? AND {name} = ?", object_id, kept)
            await tx.execute(
                f"UPDATE {table} SET sealed = ? WHERE object = ? AND {name} = ?",
                seal(new, unseal(old, bytes(sealed), place), place), object_id, kept,
            )  # fmt: skip
    await _rekey_drafts(tx, object_id, old, new)
    await tx.execute("UPDATE object_key SET wrapped = ? WHERE object = ?", wrapped, object_id)


async def _rekey_drafts(tx: Transaction, object_id: str, old: bytes, new: bytes) -> None:
    """Acts that people began on an exchange outlive the erasure of a part of it."""
    sql = "SELECT account, act, sealed FROM act_draft WHERE exchange = ?"
    for account, act, sealed in await tx.rows(sql, object_id):
        place = place_of(object_id, account, act)
        await tx.execute(
            "UPDATE act_draft SET sealed = ? WHERE exchange = ? AND account = ? AND act = ?",
            seal(new, unseal(old, bytes(sealed), place), place), object_id, account, act,
        )  # fmt: skip


_TRANSACTION = {"sqlite": "NULL", "postgres": "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)"}


async def to_clean(tx: Transaction, now: datetime) -> None:
    """Remember that the files hold copies of what this transaction erases, until they are cleaned."""
    await tx.execute(f"INSERT INTO cleaning (at, xid) VALUES (?, {_TRANSACTION[tx.dialect]})", timestamp(now))
