"""The outbox of mails: written in the act's own transaction, emptied by one worker at a time.

    waiting ──hand──▶ sending ──▶ sent
       ▲  └──▶ failed, dropped      └──▶ uncertain

A mail is `sending` from just before its text is given to the SMTP server until the answer is recorded. Whoever finds it
so later cannot know whether the server took it: it becomes `uncertain` and is not sent again unless somebody asks.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from registry.clock import timestamp
from registry.storage.engines import Transaction

ENDED = ("sent", "failed", "uncertain", "dropped")


@dataclass(frozen=True)
class Mail:
    """A mail to send: to an account, or to the address of an invitation (`wrapped` and `sealed` then hold its link)."""

    id: str
    account: str | None
    invitation: str | None
    kind: str
    address: str | None
    created_at: str
    attempts: int
    wrapped: bytes | None = None
    sealed: bytes | None = None


async def post(
    tx: Transaction, kind: str, now: datetime, *, account: str | None = None, invitation: str | None = None,
    sealed: tuple[str, bytes, bytes] | None = None, not_before: datetime | None = None,
) -> str:  # fmt: skip
    """A new mail; its id. `sealed`: id, wrapped key and sealed link of an invitation's mail."""
    identifier, wrapped, link = sealed or (str(uuid.uuid4()), None, None)
    await tx.execute(
        """INSERT INTO mail (id, account, invitation, kind, state, created_at, next_at, attempts, wrapped, sealed)
        VALUES (?, ?, ?, ?, 'waiting', ?, ?, 0, ?, ?)""",
        identifier, account, invitation, kind, timestamp(now), timestamp(not_before or now), wrapped, link,
    )  # fmt: skip
    return identifier


_ADDRESS = """coalesce((SELECT email FROM account a WHERE a.id = m.account AND a.closed_at IS NULL),
(SELECT email FROM invitation i WHERE i.id = m.invitation AND i.used_at IS NULL))"""


async def due_mails(tx: Transaction, now: datetime, limit: int) -> list[Mail]:
    """At most `limit` mails to send now, those that waited longest first. `address` is None when nobody is there."""
    rows = await tx.rows(
        f"""SELECT m.id, m.account, m.invitation, m.kind, {_ADDRESS}, m.created_at, m.attempts, m.wrapped, m.sealed
        FROM mail m WHERE m.state = 'waiting' AND m.next_at <= ? ORDER BY m.next_at LIMIT ?""",
        timestamp(now), limit,
    )  # fmt: skip
    return [Mail(*row) for row in rows]


async def anything_due(tx: Transaction, now: datetime) -> bool:
    """Whether there is something to send, or to settle."""
    sql = """SELECT (SELECT count(*) FROM (SELECT 1 FROM mail WHERE state = 'waiting' AND next_at <= ? LIMIT 1) AS w)
        + (SELECT count(*) FROM (SELECT 1 FROM mail WHERE state = 'sending' LIMIT 1) AS s)"""
    return bool(await tx.value(sql, timestamp(now)))


async def hand(tx: Transaction, mail: str) -> bool:
    """Note that the mail's text is about to be given to the server; False when it no longer waits."""
    sql = "UPDATE mail SET state = 'sending', attempts = attempts + 1 WHERE id = ? AND state = 'waiting'"
    return bool(await tx.execute(sql, mail))


async def end_mail(tx: Transaction, mail: str, state: str, now: datetime, reason: str | None = None) -> None:
    """How a mail ended; its sealed link goes."""
    await tx.execute(
        """UPDATE mail SET state = ?, ended_at = ?, reason = ?, wrapped = NULL, sealed = NULL
        WHERE id = ? AND state <> 'sent'""",
        state, timestamp(now), reason, mail,
    )  # fmt: skip


async def postpone(tx: Transaction, mails: Sequence[tuple[str, datetime]], reason: str) -> None:
    """Try these again later."""
    await tx.execute_many(
        "UPDATE mail SET state = 'waiting', next_at = ?, reason = ?, attempts = attempts + 1 WHERE id = ?",
        [(timestamp(at), reason, mail) for mail, at in mails],
    )


async def settle(tx: Transaction, now: datetime, reason: str) -> int:
    """What a process that is gone was sending is uncertain; how many there were."""
    return await tx.execute(
        """UPDATE mail SET state = 'uncertain', ended_at = ?, reason = ?, wrapped = NULL, sealed = NULL
        WHERE state = 'sending'""",
        timestamp(now), reason,
    )  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """A mail as an administrator sees it."""

    id: str
    kind: str
    state: str
    address: str | None
    created_at: str
    ended_at: str | None
    reason: str | None
    attempts: int


_OF_PARTY = """m.id IN (
SELECT id FROM mail WHERE account IN (SELECT account FROM account_role WHERE party = ?)
UNION ALL SELECT id FROM mail WHERE invitation IN (SELECT id FROM invitation WHERE party = ?))"""


async def mails_of(tx: Transaction, party: str, before: str | None, limit: int) -> list[Listed]:
    """At most `limit` of the party's people's mails, newest first, before an instant."""
    rows = await tx.rows(
        f"""SELECT m.id, m.kind, m.state, {_ADDRESS}, m.created_at, m.ended_at, m.reason, m.attempts FROM mail m
        WHERE m.created_at < ? AND {_OF_PARTY} ORDER BY m.created_at DESC LIMIT ?""",
        before or "9", party, party, limit,
    )  # fmt: skip
    return [Listed(*row) for row in rows]


async def send_again(tx: Transaction, mail: str, party: str, now: datetime) -> bool:
    """Send again a mail that failed or whose fate is unknown, at somebody's request; False when there is none."""
    return bool(
        await tx.execute(
            f"""UPDATE mail AS m SET state = 'waiting', next_at = ?, ended_at = NULL WHERE m.id = ?
            AND m.state IN ('failed', 'uncertain') AND m.invitation IS NULL AND {_OF_PARTY}""",
            timestamp(now), mail, party, party,
        )
    )  # fmt: skip


async def forget_mails(tx: Transaction, before: datetime) -> None:
    """Delete mails that ended before an instant, and their notices."""
    ended = f"SELECT id FROM mail WHERE created_at < ? AND state IN ({', '.join('?' * len(ENDED))})"
    await tx.execute(f"DELETE FROM notice WHERE mail IN ({ended})", timestamp(before), *ENDED)
    await tx.execute(f"DELETE FROM mail WHERE id IN ({ended})", timestamp(before), *ENDED)
