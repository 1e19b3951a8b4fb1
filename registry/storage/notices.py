"""What people are to be told, and how each wants to be told it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from registry.clock import timestamp
from registry.storage.engines import Transaction

NOW, DIGEST, NEVER = "now", "digest", "never"
DAILY, WEEKLY = "daily", "weekly"
KINDS = ("awaited", "answered", "reminder")
"""What can be told: an act is waited for, an answer came, a deadline comes."""


@dataclass(frozen=True)
class Preference:
    """How somebody wants to be told each kind, and how often digests come."""

    awaited: str = DIGEST
    answered: str = DIGEST
    reminder: str = NOW
    digest: str = DAILY


CHOICES = {
    "awaited": (NOW, DIGEST, NEVER),
    "answered": (NOW, DIGEST, NEVER),
    "reminder": (NOW, DIGEST, NEVER),
    "digest": (DAILY, WEEKLY),
}


@dataclass(frozen=True)
class Notice:
    """One thing to tell one account acting for a party. `about` is an act's name (`awaited`), a state (`answered`) or a
    stage and a clock's label (`reminder`): nothing that anybody typed."""

    account: str
    party: str
    kind: str
    exchange: str
    reference: str
    about: str
    due_on: date | None


async def preferences(tx: Transaction, accounts: Iterable[str]) -> dict[str, Preference]:
    """The preference of each account."""
    ids = sorted(set(accounts))
    marks = ", ".join("?" * len(ids))
    sql = f"SELECT account, awaited, answered, reminder, digest FROM mail_preference WHERE account IN ({marks})"
    known = {row[0]: Preference(*row[1:]) for row in await tx.rows(sql, *ids)} if ids else {}
    return {account: known.get(account, Preference()) for account in ids}


async def prefer(tx: Transaction, account: str, preference: Preference) -> None:
    """Keep somebody's preference."""
    names = [field.name for field in fields(Preference)]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names)
    await tx.execute(
        f"""INSERT INTO mail_preference (account, {", ".join(names)}) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (account) DO UPDATE SET {changes}""",
        account, *(getattr(preference, name) for name in names),
    )  # fmt: skip


async def keep_notices(tx: Transaction, given: Sequence[tuple[Notice, str | None]], now: datetime) -> None:
    """Keep notices, each with the mail that tells it, or None until a digest does."""
    rows = [
        (n.account, n.party, n.kind, n.exchange, n.reference, n.about, n.due_on and n.due_on.isoformat(), mail)
        for n, mail in given
    ]
    await tx.execute_many(
        f"""INSERT INTO notice (account, party, kind, exchange, reference, about, due_on, mail, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, '{timestamp(now)}')""",
        rows,
    )


async def notices_of(tx: Transaction, mail: str, day: date) -> list[Notice]:
    """What a mail tells, about parties for which its reader still has a function that day; oldest first."""
    rows = await tx.rows(
        """SELECT n.account, n.party, n.kind, n.exchange, n.reference, n.about, n.due_on FROM notice n
        WHERE n.mail = ? AND EXISTS (SELECT 1 FROM account_role r WHERE r.account = n.account AND r.party = n.party
        AND r.valid_from <= ? AND (r.valid_until IS NULL OR r.valid_until >= ?)) ORDER BY n.id""",
        mail, day.isoformat(), day.isoformat(),
    )  # fmt: skip
    days = [date.fromisoformat(row[6]) if row[6] else None for row in rows]
    return [Notice(row[0], row[1], row[2], row[3], row[4], row[5], day) for row, day in zip(rows, days, strict=True)]


async def untold(tx: Transaction, after: str, limit: int) -> list[tuple[str, frozenset[str]]]:
    """At most `limit` accounts that were not told something yet, in order after one, each with its kinds."""
    rows = await tx.rows(
        "SELECT DISTINCT account FROM notice WHERE mail IS NULL AND account > ? ORDER BY account LIMIT ?", after, limit
    )
    marks = ", ".join("?" * len(rows))
    sql = f"SELECT DISTINCT account, kind FROM notice WHERE mail IS NULL AND account IN ({marks})"
    kinds: dict[str, set[str]] = {row[0]: set() for row in rows}
    for account, kind in await tx.rows(sql, *kinds) if kinds else ():
        kinds[account].add(kind)
    return [(account, frozenset(held)) for account, held in kinds.items()]


async def gather(tx: Transaction, account: str, mail: str, kinds: Sequence[str]) -> None:
    """Put what an account was not told yet, of these kinds, into one mail."""
    marks = ", ".join("?" * len(kinds))
    sql = f"UPDATE notice SET mail = ? WHERE account = ? AND mail IS NULL AND kind IN ({marks})"
    await tx.execute(sql, mail, account, *kinds)


async def remind_once(tx: Transaction, exchange: str, due_on: date, stage: str) -> bool:
    """Whether this reminder was not given yet; it is from now on."""
    return bool(
        await tx.execute(
            "INSERT INTO reminder (exchange, due_on, stage) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            exchange, due_on.isoformat(), stage,
        )
    )  # fmt: skip


async def forget_reminders(tx: Transaction, before: date) -> None:
    """Forget which reminders were given of due dates before a day."""
    await tx.execute("DELETE FROM reminder WHERE due_on < ?", before.isoformat())
