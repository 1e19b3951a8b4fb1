"""Acts begun and not done yet: what somebody typed, sealed under the exchange's key as openings are."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from registry.clock import timestamp
from registry.storage.engines import Transaction
from registry.storage.vault import seal, unseal

Fields = dict[str, list[str]]
"""A form as it was typed: the values of each field, valid or not."""


@dataclass(frozen=True)
class Draft:
    """What was typed, on which version of the request, when (UTC text)."""

    fields: Fields
    version: int
    saved_at: str


def draft_key(act: str, target: str) -> str:
    """What names a draft: its act, and what the act is about when there may be several."""
    return f"{act}:{target}" if target else act


def place_of(exchange: str, account: str, act: str) -> str:
    """Where a draft is sealed."""
    return f"{exchange}/draft/{account}/{act}"


async def save_draft(
    tx: Transaction, exchange: str, account: str, act: str, fields: Fields, version: int, key: bytes, now: datetime
) -> str:
    """Keep what was typed in the place of what was kept before; answers when (UTC text)."""
    saved_at = timestamp(now)
    sealed = seal(key, msgspec.json.encode(fields), place_of(exchange, account, act))
    await tx.execute(
        """INSERT INTO act_draft (exchange, account, act, version, saved_at, sealed) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (exchange, account, act) DO UPDATE
        SET version = excluded.version, saved_at = excluded.saved_at, sealed = excluded.sealed""",
        exchange, account, act, version, saved_at, sealed,
    )  # fmt: skip
    return saved_at


async def load_draft(tx: Transaction, exchange: str, account: str, act: str, key: bytes) -> Draft | None:
    """The draft of somebody's act, if there is one."""
    row = await tx.row(
        "SELECT version, saved_at, sealed FROM act_draft WHERE exchange = ? AND account = ? AND act = ?",
        exchange, account, act,
    )  # fmt: skip
    if row is None:
        return None
    fields = msgspec.json.decode(unseal(key, bytes(row[2]), place_of(exchange, account, act)), type=Fields)
    return Draft(fields, row[0], row[1])


async def drafted_acts(tx: Transaction, exchange: str, account: str) -> dict[str, str]:
    """The acts that somebody began on an exchange, each with when it was saved."""
    rows = await tx.rows("SELECT act, saved_at FROM act_draft WHERE exchange = ? AND account = ?", exchange, account)
    return {row[0]: row[1] for row in rows}


async def drop_draft(tx: Transaction, exchange: str, account: str, act: str) -> None:
    """Forget a draft."""
    await tx.execute("DELETE FROM act_draft WHERE exchange = ? AND account = ? AND act = ?", exchange, account, act)


async def drop_drafts_of(tx: Transaction, exchange: str, act: str) -> None:
    """Forget everybody's drafts of an act that was done."""
    await tx.execute("DELETE FROM act_draft WHERE exchange = ? AND act = ?", exchange, act)
