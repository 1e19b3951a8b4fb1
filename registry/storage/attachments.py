"""Sealed pieces of exchanges."""

from registry.storage.engines import Transaction


async def sealed_piece(tx: Transaction, object_id: str, digest: str) -> bytes | None:
    """A piece as it is sealed, None once erased."""
    found = await tx.value("SELECT sealed FROM attachment WHERE object = ? AND sha256 = ?", object_id, digest)
    return bytes(found) if found is not None else None


async def keep_piece(tx: Transaction, object_id: str, digest: str, sealed: bytes) -> None:
    """Keep a sealed piece (the same content twice is kept once)."""
    await tx.execute(
        "INSERT INTO attachment (object, sha256, sealed) VALUES (?, ?, ?) ON CONFLICT (object, sha256) DO NOTHING",
        object_id, digest, sealed,
    )  # fmt: skip
