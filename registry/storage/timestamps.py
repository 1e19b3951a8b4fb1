"""RFC 3161 tokens over signed heads: at most one a day and log."""

from registry.storage.engines import Transaction
from registry.storage.logs import Log


async def has_token(tx: Transaction, log: Log, day: str) -> bool:
    """Whether a head of the log was timestamped that UTC day."""
    return await tx.value("SELECT 1 FROM log_timestamp WHERE log = ? AND day = ?", log.id, day) is not None


async def keep_token(tx: Transaction, log: Log, day: str, size: int, token: bytes) -> None:
    """Keep the day's token (the authority's whole answer, DER); the first one of a day stays."""
    await tx.execute(
        "INSERT INTO log_timestamp (log, day, size, token) VALUES (?, ?, ?, ?) ON CONFLICT (log, day) DO NOTHING",
        log.id, day, size, token,
    )  # fmt: skip


async def tokens_upto(tx: Transaction, log: Log, size: int) -> list[tuple[int, bytes]]:
    """The (size of the head, token) of heads of at most `size` leaves, in order."""
    sql = "SELECT size, token FROM log_timestamp WHERE log = ? AND size <= ? ORDER BY size"
    return [(row[0], bytes(row[1])) for row in await tx.rows(sql, log.id, size)]


async def last_size(tx: Transaction, log: Log) -> int | None:
    """The size of the largest head that has a token."""
    size = await tx.value("SELECT max(size) FROM log_timestamp WHERE log = ?", log.id)
    return int(size) if size is not None else None
