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


async def load_convention(tx: Transaction, convention_id: str) -> LoadedConvention | None:
    """The convention as it stands."""
    row = await tx.row("SELECT object, revision, document FROM convention WHERE id = ?", convention_id)
    if row is None:
        return None
    return LoadedConvention(Convention(msgspec.json.decode(row[2])), row[0], row[1])


class Conventions:
    """Conventions already decoded, by id and object revision: a revision's document never changes."""

    def __init__(self) -> None:
        self._known: dict[str, LoadedConvention] = {}

    def at(self, convention_id: str, revision: int) -> LoadedConvention | None:
        """The convention at that revision, when it was met already."""
        known = self._known.get(convention_id)
        return known if known is not None and known.revision == revision else None

    async def load(self, tx: Transaction, convention_id: str, *, for_update: bool = False) -> LoadedConvention | None:
        """As `load_convention`, decoding a document only when its revision is new."""
        lock = " FOR UPDATE" if for_update and tx.dialect == "postgres" else ""
        revision = await tx.value(f"SELECT revision FROM convention WHERE id = ?{lock}", convention_id)
        if (known := self.at(convention_id, revision)) is not None:
            return known
        loaded = await load_convention(tx, convention_id)
        if loaded is not None:
            self._known[convention_id] = loaded
        return loaded

    async def every(self, tx: Transaction) -> list[Convention]:
        """Every convention of the installation, in order: one statement while none has changed."""
        found = []
        for convention_id, revision in await tx.rows("SELECT id, revision FROM convention ORDER BY id"):
            loaded = self.at(convention_id, revision) or await self.load(tx, convention_id)
            found += [loaded.convention] if loaded is not None else []
        return found


async def convention_ids(tx: Transaction) -> list[str]:
    """The ids of every convention of the installation, in order."""
    return [row[0] for row in await tx.rows("SELECT id FROM convention ORDER BY id")]


async def save_convention(tx: Transaction, convention: Convention, object_id: str, revision: int) -> None:
    """Insert or update the convention's row."""
    await tx.execute(
        """INSERT INTO convention (id, object, revision, document) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, document = excluded.document""",
        *convention_row(convention, object_id, revision),
    )


def convention_row(convention: Convention, object_id: str, revision: int) -> tuple[object, ...]:
    """The convention's row, in the order of its columns."""
    return convention.id, object_id, revision, msgspec.json.encode(convention.document, order="deterministic")
