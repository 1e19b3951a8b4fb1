"""The projection of life-phase findings: which ones the last nightly pass saw, and since which day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from registry.storage.engines import Transaction

Key = tuple[str, str, str]
"""Exchange ('' for the convention as a whole), check, subject."""


@dataclass(frozen=True)
class Seen:
    """A finding the nightly pass saw: its severity then, and the first day in a row it was seen."""

    severity: str
    since: date


async def active_count(tx: Transaction, convention: str) -> int:
    """How many of the convention's exchanges are active."""
    return int(
        await tx.value(
            """SELECT count(*) FROM exchange e WHERE e.convention = ?
            AND EXISTS (SELECT 1 FROM exchange_listing l WHERE l.exchange = e.id AND l.state = 'active')""",
            convention,
        )
    )


async def seen_findings(tx: Transaction, convention: str, exchanges: Sequence[str]) -> dict[Key, Seen]:
    """What the last pass saw of these exchanges."""
    marks = ", ".join("?" * len(exchanges))
    rows = await tx.rows(
        f"""SELECT exchange, check_id, subject, severity, since FROM life_finding
        WHERE convention = ? AND exchange IN ({marks})""",
        convention, *exchanges,
    )  # fmt: skip
    return {(row[0], row[1], row[2]): Seen(row[3], date.fromisoformat(row[4])) for row in rows}


async def keep_findings(tx: Transaction, convention: str, appeared: Mapping[Key, Seen]) -> None:
    """Add what a pass saw for the first time."""
    await tx.execute_many(
        """INSERT INTO life_finding (convention, exchange, check_id, subject, severity, since)
        VALUES (?, ?, ?, ?, ?, ?)""",
        [(convention, *key, seen.severity, seen.since.isoformat()) for key, seen in appeared.items()],
    )


async def forget_findings(tx: Transaction, convention: str, gone: Sequence[Key]) -> None:
    """Remove what a pass no longer sees."""
    await tx.execute_many(
        "DELETE FROM life_finding WHERE convention = ? AND exchange = ? AND check_id = ? AND subject = ?",
        [(convention, *key) for key in gone],
    )
