"""When a person last came to a party's home page, and what others did since."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from registry.clock import timestamp
from registry.exchange.events import Event
from registry.storage.engines import Transaction
from registry.storage.events import restore

AWAY = timedelta(hours=4)
"""Who comes back after so long comes anew, even in the same session."""
NOTED = timedelta(minutes=1)
"""A visit is noted at most so often."""


@dataclass(frozen=True)
class Visit:
    """A person's present visit to a party: its session, the end of the visit before (None the first time), and when
    the home page was seen last. Instants are texts, as events write them."""

    session: str
    since_at: str | None
    seen_at: str

    def again(self, session: str, now: datetime) -> "Visit":
        """The visit when the page is seen now: another one in a new session or after a while."""
        if session != self.session or self.seen_at < timestamp(now - AWAY):
            return Visit(session, self.seen_at, timestamp(now))
        return replace(self, seen_at=timestamp(now)) if self.seen_at < timestamp(now - NOTED) else self


async def find_visit(tx: Transaction, account: str, party: str) -> Visit | None:
    """The last visit of a person to a party."""
    row = await tx.row("SELECT session, since_at, seen_at FROM visit WHERE account = ? AND party = ?", account, party)
    return Visit(*row) if row is not None else None


async def note_visit(tx: Transaction, account: str, party: str, visit: Visit) -> None:
    """Remember a visit."""
    await tx.execute(
        """INSERT INTO visit (account, party, session, since_at, seen_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (account, party)
        DO UPDATE SET session = excluded.session, since_at = excluded.since_at, seen_at = excluded.seen_at""",
        account, party, visit.session, visit.since_at, visit.seen_at,
    )  # fmt: skip


@dataclass(frozen=True)
class Change:
    """An act on an exchange that a party sees: when, what (its facts alone), and the exchange's summary."""

    at: str
    event: Event
    summary: dict[str, Any]


WINDOW = 1000
"""How many of the latest records are looked through: a home page costs the same whatever the history."""

CHANGES = """SELECT n.at, v.facts, e.summary
FROM (SELECT seq, object, type, at FROM event ORDER BY seq DESC LIMIT ?) n
CROSS JOIN exchange_listing l CROSS JOIN exchange e CROSS JOIN event v
WHERE n.type IN ('exchange', 'erasure') AND n.at > ? AND l.exchange = n.object AND l.party = ? AND e.id = n.object
AND v.seq = n.seq ORDER BY n.seq DESC LIMIT ?"""


async def changes(tx: Transaction, party: str, account: str, since_at: str, limit: int) -> list[Change]:
    """The latest acts of others on the exchanges that a party sees, after an instant, newest first."""
    rows = await tx.rows(CHANGES, WINDOW, since_at, party, 4 * limit)
    found = [Change(at, restore(bytes(facts), "", None), msgspec.json.decode(summary)) for at, facts, summary in rows]
    return [one for one in found if one.event.by != account][:limit]


def latest(found: Sequence[Change]) -> dict[str, list[Change]]:
    """Changes by exchange, in the order of their latest: what was done on paper is recorded after its day."""
    grouped: dict[str, list[Change]] = {}
    for one in sorted(found, key=lambda change: change.at, reverse=True):
        grouped.setdefault(one.summary["id"], []).append(one)
    return grouped
