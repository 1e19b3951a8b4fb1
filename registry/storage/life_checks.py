"""Which exchanges a nightly pass has to read: those whose day has come, and those that an act touched."""

from collections.abc import Sequence
from datetime import date

import msgspec

from registry.exchange.file import File
from registry.storage.engines import Transaction

LIVE = ("awaiting_information", "approved", "approved_subject_to_conditions", "preparation", "active", "suspended")
"""States in which time alone may change what the checks say of an exchange."""

_DECODE = msgspec.json.Decoder(File)


async def check_soon(tx: Transaction, file: File) -> None:
    """An act touched an exchange: the next pass reads it."""
    await tx.execute(
        """INSERT INTO life_check (exchange, convention, checks_on) VALUES (?, ?, '')
        ON CONFLICT (exchange) DO UPDATE SET checks_on = ''""",
        file.id, file.convention,
    )  # fmt: skip


async def due_checks(tx: Transaction, convention: str, today: date, limit: int) -> list[File]:
    """At most `limit` of the convention's exchanges to read by that day."""
    rows = await tx.rows(
        """SELECT e.file FROM life_check c JOIN exchange e ON e.id = c.exchange
        WHERE c.convention = ? AND c.checks_on <= ? ORDER BY c.checks_on, c.exchange LIMIT ?""",
        convention, today.isoformat(), limit,
    )  # fmt: skip
    return [_DECODE.decode(row[0]) for row in rows]


async def live_exchanges(tx: Transaction, convention: str, after: int, limit: int) -> list[tuple[int, File]]:
    """At most `limit` (position, file) of the convention's exchanges that live or are still to be read, in order of
    position."""
    states = ", ".join(f"'{state}'" for state in LIVE)
    rows = await tx.rows(
        f"""SELECT e.position, e.file FROM exchange e WHERE e.convention = ? AND e.position > ?
        AND (EXISTS (SELECT 1 FROM exchange_listing l WHERE l.exchange = e.id AND l.state IN ({states}))
        OR EXISTS (SELECT 1 FROM life_check c WHERE c.exchange = e.id)) ORDER BY e.position LIMIT ?""",
        convention, after, limit,
    )  # fmt: skip
    return [(row[0], _DECODE.decode(row[1])) for row in rows]


async def keep_days(tx: Transaction, files: Sequence[tuple[File, date | None]]) -> None:
    """When each exchange is to be read next; None: not before an act."""
    await tx.execute_many(
        """INSERT INTO life_check (exchange, convention, checks_on) VALUES (?, ?, ?)
        ON CONFLICT (exchange) DO UPDATE SET checks_on = excluded.checks_on""",
        [(file.id, file.convention, day.isoformat()) for file, day in files if day is not None],
    )
    await tx.execute_many(
        "DELETE FROM life_check WHERE exchange = ?", [(file.id,) for file, day in files if day is None]
    )


async def last_rules(tx: Transaction, convention: str) -> tuple[str, date] | None:
    """The rules and the day of the convention's last pass."""
    row = await tx.row("SELECT rules, day FROM nightly_state WHERE convention = ?", convention)
    return (row[0], date.fromisoformat(row[1])) if row is not None else None


async def keep_rules(tx: Transaction, convention: str, rules: str, day: date) -> None:
    """A convention's pass is over."""
    await tx.execute(
        """INSERT INTO nightly_state (convention, rules, day) VALUES (?, ?, ?)
        ON CONFLICT (convention) DO UPDATE SET rules = excluded.rules, day = excluded.day""",
        convention, rules, day.isoformat(),
    )  # fmt: skip


async def last_pass(tx: Transaction) -> date | None:
    """The day of the last whole pass."""
    day = await tx.value("SELECT day FROM nightly_pass WHERE name = 'nightly'")
    return date.fromisoformat(day) if day is not None else None


async def keep_pass(tx: Transaction, day: date) -> None:
    """A whole pass is over."""
    await tx.execute(
        """INSERT INTO nightly_pass (name, day) VALUES ('nightly', ?)
        ON CONFLICT (name) DO UPDATE SET day = excluded.day""",
        day.isoformat(),
    )  # fmt: skip
