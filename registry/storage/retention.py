"""What the service itself keeps about people, and for how long: rows that are over are deleted, trails only told.

Sessions, challenges, idempotency keys and counts of tries have fixed lives, told where they are made; the periods that
an operator may choose are here.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from registry.clock import timestamp
from registry.exchange.deadlines.clocks import ENDED
from registry.storage.accounts_sessions import forget_expired
from registry.storage.engines import Transaction
from registry.storage.idempotency import LIFETIME


@dataclass(frozen=True)
class Periods:
    """Days, but for `trail`, in years: accounts once closed; links of invitations once used or expired; tokens once
    expired; absences once over; drafts of acts since they were saved; mails and notices once sent; how long after its
    end an exchange's own trail is kept."""

    accounts: int = 1826
    invitations: int = 30
    tokens: int = 30
    absences: int = 365
    drafts: int = 365
    mails: int = 90
    trail: int = 5


async def forget_over(tx: Transaction, now: datetime, periods: Periods) -> dict[str, int]:
    """Delete what is over; how many rows there were, by table."""

    def before(days: int) -> str:
        return timestamp(now - timedelta(days=days))

    over = {
        "session": await forget_expired(tx, now),
        "idempotency": await tx.execute("DELETE FROM idempotency WHERE at <= ?", timestamp(now - LIFETIME)),
        "token": await tx.execute("DELETE FROM token WHERE expires_at <= ?", before(periods.tokens)),
        "absence": await tx.execute("DELETE FROM absence WHERE ends_on < ?", before(periods.absences)[:10]),
        "act_draft": await tx.execute("DELETE FROM act_draft WHERE saved_at <= ?", before(periods.drafts)),
        "notice": await _notices(tx, before(periods.mails)),
        "mail": await tx.execute("DELETE FROM mail WHERE ended_at <= ?", before(periods.mails)),
    }
    over["invitation"] = await tx.execute(
        """DELETE FROM invitation WHERE (used_at <= ? OR expires_at <= ?)
        AND id NOT IN (SELECT invitation FROM mail WHERE invitation IS NOT NULL)""",
        before(periods.invitations), before(periods.invitations),
    )  # fmt: skip
    return over


async def _notices(tx: Transaction, before: str) -> int:
    sent = "SELECT id FROM mail WHERE ended_at <= ?"
    return await tx.execute(f"DELETE FROM notice WHERE mail IN ({sent})", before)


async def closed_accounts(tx: Transaction, before: datetime, limit: int) -> list[str]:
    """At most `limit` accounts that were closed before an instant, by id."""
    rows = await tx.rows(
        "SELECT id FROM account WHERE closed_at <= ? ORDER BY closed_at LIMIT ?", timestamp(before), limit
    )
    return [row[0] for row in rows]


@dataclass(frozen=True)
class Trail:
    """An ended exchange whose trail may go: nothing was done to it since that instant."""

    position: int
    exchange: str
    reference: str
    last_at: str


_TRAILS = """SELECT e.position, e.id, e.reference, v.at FROM exchange e
JOIN event v ON v.object = e.id AND v.revision = e.revision AND v.at <= ?
JOIN object_key k ON k.object = e.id
WHERE e.position > ? AND EXISTS (SELECT 1 FROM exchange_listing l WHERE l.exchange = e.id AND l.state IN ({states}))
ORDER BY e.position LIMIT ?"""


async def trails_over(tx: Transaction, before: date, after: int, limit: int) -> list[Trail]:
    """At most `limit` ended exchanges after a position that nothing touched since a day and whose texts are still
    there: their controllers may erase them, nobody does it in their place."""
    states = ", ".join(f"'{state}'" for state in sorted(ENDED))
    rows = await tx.rows(_TRAILS.format(states=states), before.isoformat(), after, limit)
    return [Trail(*row) for row in rows]
