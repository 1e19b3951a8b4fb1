"""Sessions of people at a browser: a random id in a cookie, only its SHA-256 here.

A row is made when somebody signs in, and only then. Its id changes at every change of rights (`renew`), a row that is
gone is never made again by a request still in flight (every statement is an UPDATE or a DELETE), and what a person may
do is read anew from their roles in each transaction.
"""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from registry.clock import paris_day, timestamp
from registry.exchange.context import Actor
from registry.storage.engines import Transaction

IDLE = timedelta(minutes=60)
"""A session that nobody used for so long is over."""
ABSOLUTE = timedelta(hours=12)
"""A session is over so long after signing in, however busy."""
FRESH = timedelta(minutes=10)
"""How long a confirmation of one's identity serves for the acts that ask for one."""
TOUCH = timedelta(seconds=60)
"""Use is noted at most so often: reading pages is not writing rows."""

_ID_BYTES = 32


@dataclass(frozen=True)
class Browser:
    """A live session: whose (`email`: the account's address), acting for which party (None until one is chosen), and
    what was proved when.

    `stage` is `factor` while the second factor is missing, then `open`; `hash` is its key, `id` names it in lists.
    """

    hash: bytes
    id: str
    account: str
    email: str
    party: str | None
    stage: str
    signed_in_at: datetime
    seen_at: datetime
    password_at: datetime | None
    factor_at: datetime | None
    device: str

    def confirmed(self, now: datetime) -> bool:
        """Whether a second factor was given lately."""
        return self.factor_at is not None and now - self.factor_at <= FRESH

    def recent(self, now: datetime) -> bool:
        """Whether the person proved who they are lately, by password or second factor."""
        return self.confirmed(now) or (self.password_at is not None and now - self.password_at <= FRESH)


def session_hash(session_id: str) -> bytes:
    """The key of a session's row: SHA-256 of its id (256 random bits need no slow hash)."""
    return hashlib.sha256(session_id.encode()).digest()


def _fresh_id() -> str:
    return secrets.token_urlsafe(_ID_BYTES)


async def open_session(
    tx: Transaction,
    account: str,
    stage: str,
    now: datetime,
    device: str,
    *,
    password: bool = False,
    factor: bool = False,
) -> str:
    """A new session; its id, which is known to nobody else. `password` and `factor`: what was just proved."""
    fresh, at = _fresh_id(), timestamp(now)
    await tx.execute(
        """INSERT INTO session (hash, id, account, party, stage, signed_in_at, seen_at, password_at, factor_at, device)
        VALUES (?, ?, ?, NULL, ?, ?, ?, ?, ?, ?)""",
        session_hash(fresh), str(uuid.uuid4()), account, stage, at, at,
        at if password else None, at if factor else None, device,
    )  # fmt: skip
    return fresh


_COLUMNS = """s.hash, s.id, s.account, a.email, s.party, s.stage, s.signed_in_at, s.seen_at, s.password_at, s.factor_at,
s.device"""
_LIVE = """FROM session s JOIN account a ON a.id = s.account AND a.closed_at IS NULL
WHERE s.seen_at > ? AND s.signed_in_at > ?"""


def _limits(now: datetime) -> tuple[str, str]:
    return timestamp(now - IDLE), timestamp(now - ABSOLUTE)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None


def _browser(row: Sequence[Any]) -> Browser:
    hashed, name, account, email, party, stage, signed_in, seen, password, factor, device = row
    return Browser(
        bytes(hashed), name, account, email, party, stage, datetime.fromisoformat(signed_in),
        datetime.fromisoformat(seen), _instant(password), _instant(factor), device,
    )  # fmt: skip


async def find_session(tx: Transaction, hashed: bytes, now: datetime) -> Browser | None:
    """The live session, None when it is unknown, over, or its account closed."""
    row = await tx.row(f"SELECT {_COLUMNS} {_LIVE} AND s.hash = ?", *_limits(now), hashed)
    return _browser(row) if row is not None else None


async def sessions_of(tx: Transaction, account: str, now: datetime) -> list[Browser]:
    """The live sessions of an account, the last used first."""
    rows = await tx.rows(
        f"SELECT {_COLUMNS} {_LIVE} AND s.account = ? ORDER BY s.seen_at DESC, s.id", *_limits(now), account
    )
    return [_browser(row) for row in rows]


_ACTOR = """SELECT s.account, s.party, s.factor_at, r.role FROM session s
JOIN account a ON a.id = s.account AND a.closed_at IS NULL
JOIN account_role r ON r.account = s.account AND r.party = s.party
AND r.valid_from <= ? AND (r.valid_until IS NULL OR r.valid_until >= ?)
WHERE s.hash = ? AND s.stage = 'open' AND s.seen_at > ? AND s.signed_in_at > ?"""


async def authenticate_session(tx: Transaction, hashed: bytes, now: datetime) -> tuple[Actor, bool] | None:
    """Who a session stands for, with the roles in force today for the party chosen, and whether a second factor was
    given lately. None when it is over, stands for no party yet, or its account holds no role there any more."""
    today = paris_day(now).isoformat()
    rows = await tx.rows(_ACTOR, today, today, hashed, *_limits(now))
    if not rows:
        return None
    account, party, factor_at = rows[0][0], rows[0][1], rows[0][2]
    fresh = factor_at is not None and factor_at >= timestamp(now - FRESH)
    return Actor(account, party, frozenset(row[3] for row in rows)), fresh


async def touch(tx: Transaction, hashed: bytes, now: datetime) -> None:
    """Note that the session is used; nothing happens when it is gone."""
    await tx.execute("UPDATE session SET seen_at = ? WHERE hash = ?", timestamp(now), hashed)


async def renew(
    tx: Transaction,
    hashed: bytes,
    now: datetime,
    *,
    party: str | None = None,
    password: bool = False,
    factor: bool = False,
) -> str | None:
    """A new id for a live session whose rights change; the old id is worth nothing from now on.

    `factor`: a second factor was just given (which also opens a session that waited for one). None when it is gone.
    """
    fresh, at = _fresh_id(), timestamp(now)
    changed = await tx.execute(
        """UPDATE session SET hash = ?, seen_at = ?, stage = CASE WHEN ? THEN 'open' ELSE stage END,
        party = COALESCE(?, party), password_at = COALESCE(?, password_at), factor_at = COALESCE(?, factor_at)
        WHERE hash = ? AND seen_at > ? AND signed_in_at > ?""",
        session_hash(fresh), at, factor, party, at if password else None, at if factor else None,
        hashed, *_limits(now),
    )  # fmt: skip
    return fresh if changed else None


async def close_session(
    tx: Transaction, account: str, *, hashed: bytes | None = None, named: str | None = None
) -> bool:
    """End one session of the account, by its key or by the name it has in lists; False when there is none."""
    column, value = ("hash", hashed) if hashed is not None else ("id", named)
    return bool(await tx.execute(f"DELETE FROM session WHERE account = ? AND {column} = ?", account, value))


async def drop_session(tx: Transaction, hashed: bytes) -> None:
    """End a session by its key: its browser has another one now."""
    await tx.execute("DELETE FROM session WHERE hash = ?", hashed)


async def close_sessions(tx: Transaction, account: str, *, but: bytes | None = None, party: str | None = None) -> None:
    """End every session of the account: but one, or only those that act for a party."""
    chosen = [("hash <> ?", but), ("party = ?", party)]
    where = "account = ?" + "".join(f" AND {clause}" for clause, value in chosen if value is not None)
    await tx.execute(f"DELETE FROM session WHERE {where}", account, *(v for _, v in chosen if v is not None))


async def forget_expired(tx: Transaction, now: datetime) -> int:
    """Delete sessions that are over, challenges and invitations' leftovers; how many sessions there were."""
    for table in ("challenge", "device_offer"):
        await tx.execute(f"DELETE FROM {table} WHERE expires_at <= ?", timestamp(now))
    await tx.execute("DELETE FROM rate WHERE free_at < ?", int((now - timedelta(days=1)).timestamp() * 1000))
    return await tx.execute("DELETE FROM session WHERE seen_at <= ? OR signed_in_at <= ?", *_limits(now))
