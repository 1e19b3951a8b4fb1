"""Texts that a person keeps to take again in other exchanges."""

from dataclasses import dataclass
from datetime import datetime

from registry.clock import timestamp
from registry.storage.engines import Transaction

MOST = 200
"""How many texts a person keeps."""


@dataclass(frozen=True)
class OwnText:
    """A text of one's own."""

    id: str
    text: str


async def own_texts(tx: Transaction, account: str) -> list[OwnText]:
    """A person's texts, those saved last first."""
    rows = await tx.rows(
        "SELECT id, text FROM own_text WHERE account = ? ORDER BY saved_at DESC, id LIMIT ?", account, MOST
    )
    return [OwnText(*row) for row in rows]


async def keep_text(tx: Transaction, account: str, identifier: str, text: str, now: datetime) -> None:
    """Keep a text, or what becomes of one."""
    await tx.execute(
        """INSERT INTO own_text (id, account, text, saved_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET text = excluded.text, saved_at = excluded.saved_at""",
        identifier, account, text, timestamp(now),
    )  # fmt: skip


async def drop_text(tx: Transaction, account: str, identifier: str) -> int:
    """Forget a text; how many there were."""
    return await tx.execute("DELETE FROM own_text WHERE id = ? AND account = ?", identifier, account)
