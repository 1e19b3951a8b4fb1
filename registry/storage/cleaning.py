"""Physical cleaning after an erasure: removing from the live files the copies that a database keeps of deleted bytes.

PostgreSQL keeps old row versions until VACUUM, and every page written lately in its write-ahead log; SQLite keeps
replaced pages in its own log, and moved cells in half-empty pages. What stays out of reach (backups, archived logs,
replicas) is said in docs/architecture.md. Whatever interrupts it, rows of `cleaning` say that it is still to be done.
"""

from registry.storage.engines import Engine, Transaction
from registry.storage.search import INDEX

READABLE = (
    "account", "account_role", "token", "password", "totp", "passkey", "signing_key", "device_offer", "recovery_code",
    "session", "challenge", "invitation", "undertaking", "absence", "identity", "account_journal", "visit", "actor",
    "idempotency", "own_text", "act_draft", "mail", "notice", "mail_preference", "object_key", "exchange",
    "exchange_text", "register_entry", "register_version",
)  # fmt: skip
"""Tables where erased bytes could still be read, those referred to before those that refer to them.

Openings and attachments are not among them: they are sealed, and the key is what dies.
"""
_SEALED = ("opening", "attachment")


async def clean(engine: Engine) -> bool:
    """Clean the files of what was erased and committed before the call; True when nothing is left to do.

    False when a reader still holds a snapshot older than an erasure: to be called again. May be stopped and run again
    at any point. Raises Busy when a lock was not had in time.
    """
    last = await engine.read(_last)
    if last is None:
        return True
    if not await (_clean_local(engine) if engine.dialect == "sqlite" else _clean_server(engine, last)):
        return False
    await engine.transact(lambda tx: tx.execute("DELETE FROM cleaning WHERE seq <= ?", last))
    return True


async def _last(tx: Transaction) -> int | None:
    last = await tx.value("SELECT max(seq) FROM cleaning")
    return int(last) if last is not None else None


async def _clean_local(engine: Engine) -> bool:
    """Rewrite the tables (pages given back are overwritten, `secure_delete`), then empty the write-ahead log."""
    await engine.transact(_rewrite)
    ((busy, *_),) = await engine.maintain("PRAGMA wal_checkpoint(TRUNCATE)")
    return not busy


async def _rewrite(tx: Transaction) -> None:
    for table in READABLE:
        await tx.execute(f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table}")  # in memory, see `connect`
    for table in reversed(READABLE):
        await tx.execute(f"DELETE FROM {table}")
    for table in READABLE:
        await tx.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")
        await tx.execute(f"DROP TABLE temp.kept_{table}")
    await tx.execute(f"INSERT INTO {INDEX} ({INDEX}) VALUES ('rebuild')")  # words it was told to drop stay in segments


async def _clean_server(engine: Engine, last: int) -> bool:
    """Rewrite the tables once nobody can see their old rows any more, then walk over the write-ahead log."""
    if await engine.read(lambda tx: _seen(tx, last)):
        return False
    for table in READABLE:
        await engine.maintain(f"VACUUM (FULL) {table}")
    for table in _SEALED:
        await engine.maintain(f"VACUUM {table}")
    if await engine.read(_may_walk):
        await _walk(engine)
    return True


_SEEN = """SELECT count(*) FROM (
    SELECT backend_xmin AS xmin FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
    UNION ALL SELECT xmin FROM pg_replication_slots WHERE xmin IS NOT NULL
    UNION ALL SELECT transaction FROM pg_prepared_xacts) AS held,
(SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT) AS following) AS now
WHERE following - mod(mod(following, 4294967296) - CAST(CAST(held.xmin AS TEXT) AS BIGINT) + 4294967296, 4294967296)
<= (SELECT max(xid) FROM cleaning WHERE seq <= ?)"""
"""How many snapshots are not newer than the last erasure: VACUUM keeps the old rows for their sake.

A snapshot shows 32 bits of its oldest transaction; the distance to the next one tells the others.
"""


async def _seen(tx: Transaction, last: int) -> bool:
    return bool(await tx.value(_SEEN, last))


_MAY_WALK = """SELECT has_function_privilege('pg_switch_wal()', 'EXECUTE')
AND has_function_privilege('pg_ls_waldir()', 'EXECUTE') AND pg_has_role('pg_checkpoint', 'USAGE')"""


async def _may_walk(tx: Transaction) -> bool:
    """Whether the role may write over the log's files; where it may not, they grow old by themselves."""
    return bool(await tx.value(_MAY_WALK))


_SEGMENTS = "SELECT count(*) FROM pg_ls_waldir() WHERE length(name) = 24"


async def _walk(engine: Engine) -> None:
    """Write over the log's files that a checkpoint kept for later use, with what they hold.

    1. CHECKPOINT frees the files behind it, but for the one in use; 2. leaving a file fills it with zeros: leave as
    many as there are; 3. do both again for the file that was in use.
    """
    for _ in range(2):
        await engine.maintain("CHECKPOINT")
        ((segments,),) = await engine.maintain(_SEGMENTS)
        for _ in range(segments + 1):
            await engine.maintain("SELECT pg_logical_emit_message(false, 'ecluse', '')")  # an empty file is not left
            await engine.maintain("SELECT pg_switch_wal()")
    await engine.maintain("CHECKPOINT")
