"""Tokens of machines as people see them: listed, revoked, their last use noted now and then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from registry.clock import timestamp
from registry.storage.engines import Transaction

NOTED = timedelta(hours=1)
"""Use is noted at most so often: reading is not writing rows."""


@dataclass(frozen=True)
class Token:
    """A live token, its secret aside: `id` names it in lists, `used_at` is right to the hour."""

    id: str
    account: str
    party: str
    name: str
    scopes: tuple[str, ...]
    created_at: str
    expires_at: str
    used_at: str | None


_COLUMNS = "id, account, party, name, scopes, created_at, expires_at, used_at"


def _token(row: Sequence[Any]) -> Token:
    token, account, party, name, scopes, created, expires, used = row
    return Token(token, account, party, name, tuple(scopes.split()), created, expires, used)


async def live_tokens(tx: Transaction, party: str, now: datetime, *, account: str | None = None) -> list[Token]:
    """The tokens that act for a party, or those of one account among them, the newest first."""
    mine = " AND account = ?" if account is not None else ""
    rows = await tx.rows(
        f"SELECT {_COLUMNS} FROM token WHERE party = ? AND expires_at > ?{mine} ORDER BY created_at DESC, id",
        party, timestamp(now), *([account] if account is not None else []),
    )  # fmt: skip
    return [_token(row) for row in rows]


async def find_token(tx: Transaction, token: str, party: str) -> Token | None:
    """A token that acts for a party, by its id."""
    row = await tx.row(f"SELECT {_COLUMNS} FROM token WHERE id = ? AND party = ?", token, party)
    return _token(row) if row is not None else None


async def revoke_token(tx: Transaction, token: str) -> None:
    """A token is worth nothing from now on."""
    await tx.execute("DELETE FROM token WHERE id = ?", token)


def is_due(used_at: str | None, now: datetime) -> bool:
    """Whether the last use noted is old enough to be noted again."""
    return used_at is None or used_at <= timestamp(now - NOTED)


async def note_use(tx: Transaction, hashed: bytes, now: datetime) -> None:
    """The token serves now; nothing is written when that was noted lately."""
    await tx.execute(
        "UPDATE token SET used_at = ? WHERE hash = ? AND (used_at IS NULL OR used_at <= ?)",
        timestamp(now), hashed, timestamp(now - NOTED),
    )  # fmt: skip
