"""What is published of a log: its sequenced head, signed checkpoints, cosignatures, and the nodes of its tiles."""

from dataclasses import dataclass

from registry.ledger.merkle import Frontier
from registry.storage.engines import Transaction
from registry.storage.logs import Log


@dataclass(frozen=True)
class Head:
    """How far a log is sequenced, and how far its publication has gone (the guard holds that head)."""

    frontier: Frontier
    published: int


@dataclass(frozen=True)
class Signed:
    """A signed head as stored: `note` holds the log's own signatures only; `signed_at` is UTC text."""

    size: int
    root: bytes
    frontier: Frontier
    note: bytes
    signed_at: str


@dataclass(frozen=True)
class Line:
    """A witness's cosignature line (with its newline) and its time, POSIX seconds."""

    witness: str
    time: int
    text: bytes


async def lock_head(tx: Transaction, log: Log) -> Head:
    """The log's head, locked until the transaction ends.

    On PostgreSQL the lock and what is read under it must be two statements: one alone may see the head as it was before
    the lock was had.
    """
    await tx.execute(
        "INSERT INTO log_head (log, size, frontier, published) VALUES (?, 0, ?, 0) ON CONFLICT (log) DO NOTHING",
        log.id, b"",
    )  # fmt: skip
    if tx.dialect == "postgres":
        await tx.value("SELECT log FROM log_head WHERE log = ? FOR UPDATE", log.id)
    return await read_head(tx, log)


async def read_head(tx: Transaction, log: Log) -> Head:
    """The log's head as committed."""
    row = await tx.row("SELECT size, frontier, published FROM log_head WHERE log = ?", log.id)
    return Head(Frontier(row[0], bytes(row[1])), row[2]) if row else Head(Frontier(), 0)


_NUMBER = """UPDATE event SET leaf_index = numbered.leaf_index FROM (
    SELECT seq, CAST(? AS BIGINT) + row_number() OVER (ORDER BY seq) - 1 AS leaf_index
    FROM event WHERE log = ? AND leaf_index IS NULL ORDER BY seq LIMIT ?) AS numbered
WHERE event.seq = numbered.seq RETURNING event.leaf_index, event.leaf_hash"""


async def number_next(tx: Transaction, log: Log, size: int, limit: int) -> list[bytes]:
    """Number at most `limit` unsequenced rows from `size`, in order of insertion; their leaf hashes in order.

    Rows are chosen by what they lack, never by « id > last seen »: on PostgreSQL a lower id can commit later.
    """
    rows = await tx.rows(_NUMBER, size, log.id, limit)
    return [bytes(row[1]) for row in sorted(rows, key=lambda row: int(row[0]))]


async def unsigned_hashes(tx: Transaction, log: Log) -> list[bytes]:
    """The leaf hashes of the log's records that no signed head covers, in order of insertion."""
    rows = await tx.rows(
        """SELECT leaf_hash FROM event WHERE log = ? AND (leaf_index IS NULL
        OR leaf_index >= (SELECT coalesce(max(size), 0) FROM checkpoint WHERE log = event.log)) ORDER BY seq""",
        log.id,
    )  # fmt: skip
    return [bytes(row[0]) for row in rows]


async def number_one(tx: Transaction, seq: int, index: int) -> bytes:
    """Give one row its place; its leaf hash."""
    return bytes(await tx.value("UPDATE event SET leaf_index = ? WHERE seq = ? RETURNING leaf_hash", index, seq))


async def save_frontier(tx: Transaction, log: Log, frontier: Frontier) -> None:
    """The log's new sequenced head; the caller holds its lock."""
    await tx.execute("UPDATE log_head SET size = ?, frontier = ? WHERE log = ?", frontier.size, bytes(frontier), log.id)


async def mark_published(tx: Transaction, log: Log, size: int) -> None:
    """The head of that size is kept by the guard: it may be shown."""
    await tx.execute("UPDATE log_head SET published = ? WHERE log = ? AND published < ?", size, log.id, size)


async def latest_signed(tx: Transaction, log: Log) -> Signed | None:
    """The newest signed head, shown or not yet."""
    return await _signed(tx, "WHERE log = ? ORDER BY size DESC LIMIT 1", log.id)


async def signed_at_size(tx: Transaction, log: Log, size: int) -> Signed | None:
    """The signed head of exactly that size."""
    return await _signed(tx, "WHERE log = ? AND size = ?", log.id, size)


async def signed_covering(tx: Transaction, log: Log, index: int) -> Signed | None:
    """The first head that was signed over a leaf, when it is shown already."""
    return await _signed(
        tx,
        """WHERE log = ? AND size > ? AND size <= (SELECT published FROM log_head WHERE log = checkpoint.log)
        ORDER BY size LIMIT 1""",
        log.id, index,
    )  # fmt: skip


async def recent_signed(tx: Transaction, log: Log, count: int) -> list[Signed]:
    """The newest shown heads, the newest first."""
    rows = await tx.rows(
        f"""SELECT {_SIGNED} FROM checkpoint WHERE log = ?
        AND size <= (SELECT published FROM log_head WHERE log = checkpoint.log) ORDER BY size DESC LIMIT ?""",
        log.id, count,
    )  # fmt: skip
    return [_as_signed(row) for row in rows]


_SIGNED = "size, root, frontier, note, signed_at"


async def _signed(tx: Transaction, where: str, *values: object) -> Signed | None:
    row = await tx.row(f"SELECT {_SIGNED} FROM checkpoint {where}", *values)
    return _as_signed(row) if row else None


def _as_signed(row: tuple[int, bytes, bytes, bytes, str]) -> Signed:
    size, root, frontier, note, signed_at = row
    return Signed(size, bytes(root), Frontier(size, bytes(frontier)), bytes(note), signed_at)


async def insert_signed(tx: Transaction, log: Log, signed: Signed) -> None:
    """Keep a signed head; the caller has compared the latest one under the head's lock."""
    await tx.execute(
        "INSERT INTO checkpoint (log, size, root, frontier, note, signed_at) VALUES (?, ?, ?, ?, ?, ?)",
        log.id, signed.size, signed.root, bytes(signed.frontier), signed.note, signed.signed_at,
    )  # fmt: skip


async def insert_nodes(tx: Transaction, log: Log, nodes: list[tuple[int, int, bytes]]) -> None:
    """Keep roots of full tiles, each (tile level above, index, hash)."""
    await tx.execute_many(
        "INSERT INTO node (log, level, idx, hash) VALUES (?, ?, ?, ?) ON CONFLICT (log, level, idx) DO NOTHING",
        [(log.id, *node) for node in nodes],
    )


async def records_between(tx: Transaction, log: Log, start: int, end: int) -> list[tuple[bytes, bytes]]:
    """The (record, leaf hash) of leaves [start, end), in order."""
    rows = await tx.rows(
        "SELECT record, leaf_hash FROM event WHERE log = ? AND leaf_index >= ? AND leaf_index < ? ORDER BY leaf_index",
        log.id, start, end,
    )  # fmt: skip
    return [(bytes(row[0]), bytes(row[1])) for row in rows]


async def hashes_between(tx: Transaction, log: Log, level: int, start: int, end: int) -> list[bytes]:
    """The hashes [start, end) of a tile level: leaves at level 0, roots of full tiles above."""
    if level == 0:
        sql = "SELECT leaf_hash FROM event WHERE log = ? AND leaf_index >= ? AND leaf_index < ? ORDER BY leaf_index"
        rows = await tx.rows(sql, log.id, start, end)
    else:
        sql = "SELECT hash FROM node WHERE log = ? AND level = ? AND idx >= ? AND idx < ? ORDER BY idx"
        rows = await tx.rows(sql, log.id, level, start, end)
    return [bytes(row[0]) for row in rows]


async def unsequenced_logs(tx: Transaction) -> list[str]:
    """The ids of logs with rows that wait for their place."""
    return await _in_use(tx, "SELECT DISTINCT log FROM event WHERE leaf_index IS NULL")


async def unpublished_logs(tx: Transaction) -> list[str]:
    """The ids of logs that were sequenced further than they are shown."""
    return await _in_use(tx, "SELECT log FROM log_head WHERE size > published")


async def _in_use(tx: Transaction, logs: str) -> list[str]:
    """Of these logs, those that were not left behind."""
    rows = await tx.rows(
        f"SELECT found.log FROM ({logs}) found JOIN log ON log.id = found.log AND abandoned_at IS NULL"
    )
    return [row[0] for row in rows]


async def first_waiting(tx: Transaction, log: Log) -> str | None:
    """The instant of the oldest row of the log that waits for its place, None when nothing waits."""
    sql = "SELECT at FROM event WHERE log = ? AND leaf_index IS NULL ORDER BY seq LIMIT 1"
    at = await tx.value(sql, log.id)
    return str(at) if at is not None else None


async def keep_line(tx: Transaction, log: Log, size: int, line: Line) -> bool:
    """Keep a witness's verified line over the head of that size; an older line never replaces a newer one."""
    return bool(
        await tx.execute(
            """INSERT INTO cosignature (log, size, witness, time, line) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (log, size, witness) DO UPDATE SET time = excluded.time, line = excluded.line
            WHERE cosignature.time < excluded.time""",
            log.id, size, line.witness, line.time, line.text,
        )
    )  # fmt: skip


async def lines_of(tx: Transaction, log: Log, size: int) -> list[Line]:
    """The lines kept over the head of that size."""
    rows = await tx.rows(
        "SELECT witness, time, line FROM cosignature WHERE log = ? AND size = ? ORDER BY time, witness", log.id, size
    )
    return [Line(row[0], row[1], bytes(row[2])) for row in rows]


async def last_line(tx: Transaction, log: Log, witness: str) -> tuple[int, int] | None:
    """The size of the largest head that a witness cosigned, and its line's time; None before the first."""
    row = await tx.row(
        "SELECT size, time FROM cosignature WHERE log = ? AND witness = ? ORDER BY size DESC LIMIT 1", log.id, witness
    )
    return (row[0], row[1]) if row else None


async def cosigned_sizes(tx: Transaction, log: Log, witnesses: int, count: int) -> list[int]:
    """The sizes of the newest heads that as many witnesses cosigned, the newest first."""
    sql = "SELECT size FROM cosignature WHERE log = ? GROUP BY size HAVING count(*) >= ? ORDER BY size DESC LIMIT ?"
    return [row[0] for row in await tx.rows(sql, log.id, witnesses, count)]


async def witnessed_since(tx: Transaction, log: Log, index: int) -> dict[str, int]:
    """Each witness that cosigned a head over the leaf, with the time it first did, POSIX seconds."""
    rows = await tx.rows(
        "SELECT witness, min(time) FROM cosignature WHERE log = ? AND size > ? GROUP BY witness", log.id, index
    )
    return {row[0]: row[1] for row in rows}
