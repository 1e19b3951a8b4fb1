"""The projection of conventions: the document as amended so far."""

from dataclasses import dataclass

import msgspec

from registry.convention import Convention
from registry.storage.engines import Transaction


@dataclass(frozen=True)
class LoadedConvention:
    """A convention with its object id and the revision of its history."""

    convention: Convention
    object: str
    revision: int


async def load_convention(tx: Transaction, convention_id: str, *, for_update: bool = False) -> LoadedConvention | None:
    """The convention as it stands; locked until the transaction ends when it will be changed."""
    lock = " FOR UPDATE" if for_update and tx.dialect == "postgres" else ""
    row = await tx.row(f"SELECT object, revision, document FROM convention WHERE id = ?{lock}", convention_id)
    if row is None:
        return None
    return LoadedConvention(Convention(msgspec.json.decode(row[2])), row[0], row[1])


async def convention_ids(tx: Transaction) -> list[str]:
    """The ids of every convention of the installation, in order."""
    return [row[0] for row in await tx.rows("SELECT id FROM convention ORDER BY id")]


async def save_convention(tx: Transaction, convention: Convention, object_id: str, revision: int) -> None:
    """Insert or update the convention's row."""
    await tx.execute(
        """INSERT INTO convention (id, object, revision, document) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, document = excluded.document""",
        convention.id, object_id, revision, msgspec.json.encode(convention.document),
    )  # fmt: skip
