"""Logs, the keys each one names and the pseudonyms used in it: one log for each owner (convention or party) and UTC
year, or several generations of it when its host lost a part of one."""

import base64
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from registry.ledger.signers import Recorder, segment
from registry.storage.engines import Transaction

_PSEUDONYM_BYTES = 9
FIRST_REVISION = 1
"""The revision of `log.opened` among a log's own events; it is kept for it."""


@dataclass(frozen=True)
class Log:
    """One tlog: its origin is its key name and URL without scheme; `id` is the object of its own events."""

    id: str
    owner: str
    year: int
    origin: str
    generation: int = 1

    @property
    def segment(self) -> str:
        """The last part of its address, as `2026`."""
        return segment(self.year, self.generation)


class Names:
    """Logs, pseudonyms and announced keys met so far. Their rows never change, so what a committed transaction read may
    be kept."""

    def __init__(self) -> None:
        self.logs: dict[tuple[str, int], Log] = {}
        self.pseudonyms: dict[tuple[str, str], str] = {}
        self.announced: set[tuple[str, str]] = set()

    def learn(self, other: "Names") -> None:
        """Keep what another met; to be called once its transaction is committed."""
        self.logs.update(other.logs)
        self.pseudonyms.update(other.pseudonyms)
        self.announced |= other.announced


_COLUMNS = "id, owner, year, origin, generation"


async def find_log(tx: Transaction, owner: str, now: datetime) -> Log | None:
    """The owner's log of the UTC year of `now`, or None when nothing was recorded in that year yet."""
    row = await tx.row(
        f"SELECT {_COLUMNS} FROM log WHERE owner = ? AND year = ? AND abandoned_at IS NULL", owner, now.year
    )
    return Log(*row) if row else None


async def create_log(tx: Transaction, owner: str, now: datetime, recorder: Recorder, generation: int = 1) -> Log | None:
    """A new log row; None when another transaction created it first."""
    origin = recorder.origin(owner, now.year, generation)
    log = Log(str(uuid.uuid4()), owner, now.year, origin, generation)
    created = await tx.execute(
        """INSERT INTO log (id, owner, year, origin, generation) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING""",
        log.id, log.owner, log.year, log.origin, log.generation,
    )  # fmt: skip
    return log if created else None


async def log_at(tx: Transaction, origin: str) -> Log | None:
    """The log of an origin."""
    row = await tx.row(f"SELECT {_COLUMNS} FROM log WHERE origin = ?", origin)
    return Log(*row) if row else None


async def every_log(tx: Transaction, owner: str | None = None) -> list[Log]:
    """Every log, or an owner's, oldest first for each owner."""
    where, values = ("WHERE owner = ?", (owner,)) if owner is not None else ("", ())
    rows = await tx.rows(f"SELECT {_COLUMNS} FROM log {where} ORDER BY owner, year, generation", *values)
    return [Log(*row) for row in rows]


async def logs_in_use(tx: Transaction) -> list[Log]:
    """Every log that was not left behind, oldest first for each owner."""
    rows = await tx.rows(f"SELECT {_COLUMNS} FROM log WHERE abandoned_at IS NULL ORDER BY owner, year, generation")
    return [Log(*row) for row in rows]


async def log_of_year(tx: Transaction, owner: str, now: datetime, recorder: Recorder) -> Log:
    """The owner's log of the UTC year of `now`, created when it is new."""
    log = await find_log(tx, owner, now)
    log = log or await create_log(tx, owner, now, recorder)
    log = log or await find_log(tx, owner, now)
    if log is None:
        raise LookupError(f"the log of {owner} vanished")
    return log


async def lock_log(tx: Transaction, log: Log) -> None:
    """Nobody else opens the log or announces a key in it until this transaction ends."""
    if tx.dialect == "postgres":  # SQLite has one writer
        await tx.value("SELECT id FROM log WHERE id = ? FOR NO KEY UPDATE", log.id)


async def abandon_log(tx: Transaction, log: Log, at: str, cited: bytes) -> None:
    """Leave a log behind: nothing more is recorded in it. `cited`: the note of the last head that others hold."""
    await tx.execute("UPDATE log SET abandoned_at = ?, cited_note = ? WHERE id = ?", at, cited, log.id)


async def cited_note(tx: Transaction, log: Log) -> bytes | None:
    """The head with which a log was left behind, None when it was not."""
    note = await tx.value("SELECT cited_note FROM log WHERE id = ?", log.id)
    return bytes(note) if note is not None else None


async def claim_key(tx: Transaction, log: Log, kind: str, vkey: str) -> bool:
    """Whether this call is the first to use the key (`recorder`, `log` or `party`) in the log."""
    return bool(
        await tx.execute(
            "INSERT INTO log_key (log, kind, vkey) VALUES (?, ?, ?) ON CONFLICT (log, kind, vkey) DO NOTHING",
            log.id, kind, vkey,
        )
    )  # fmt: skip


async def keys_of(tx: Transaction, log: Log, kind: str) -> list[str]:
    """The vkeys of a kind used in the log."""
    return [row[0] for row in await tx.rows("SELECT vkey FROM log_key WHERE log = ? AND kind = ?", log.id, kind)]


async def is_opened(tx: Transaction, log: Log) -> bool:
    """Whether the log has its first leaf, `log.opened`."""
    found = await tx.value("SELECT 1 FROM event WHERE object = ? AND revision = ?", log.id, FIRST_REVISION)
    return found is not None


async def next_own_revision(tx: Transaction, log: Log) -> int:
    """The next revision of the log's own events after `log.opened`; the caller holds `lock_log`."""
    last = await tx.value("SELECT max(revision) FROM event WHERE object = ?", log.id)
    return max(int(last or 0), FIRST_REVISION) + 1


async def pseudonym(tx: Transaction, log: Log, account: str) -> str:
    """The account's random name in that log, made on its first act there; the map dies with the account."""
    known = await tx.value("SELECT pseudonym FROM actor WHERE log = ? AND account = ?", log.id, account)
    if known is not None:
        return str(known)
    fresh = base64.b64encode(secrets.token_bytes(_PSEUDONYM_BYTES)).decode()
    await tx.execute(
        "INSERT INTO actor (log, account, pseudonym) VALUES (?, ?, ?) ON CONFLICT (log, account) DO NOTHING",
        log.id, account, fresh,
    )  # fmt: skip
    return str(await tx.value("SELECT pseudonym FROM actor WHERE log = ? AND account = ?", log.id, account))


@dataclass(frozen=True)
class OwnEvent:
    """One of a log's own events, whose opening is public: its facts are canonical JSON; `index` None while it waits."""

    index: int | None
    salt: bytes
    facts: bytes


async def own_events(tx: Transaction, log: Log) -> list[OwnEvent]:
    """The log's own events (opened, keys, policy), in order of revision."""
    rows = await tx.rows("SELECT leaf_index, salt, facts FROM event WHERE object = ? ORDER BY revision", log.id)
    return [OwnEvent(row[0], bytes(row[1]), bytes(row[2])) for row in rows]
