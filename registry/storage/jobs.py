"""Background jobs: what was asked, how far it is, how it ended. Their files are the caller's."""

import json
from dataclasses import dataclass
from typing import Any

from registry.storage.engines import Transaction

RUNNING = "running"
HELD, IMPORTED = "held", "imported"
"""A file waits to be imported, or was."""


@dataclass(frozen=True)
class Job:
    """A job of a party, asked by an account. `state` is running, done, failed or cancelled; held or imported for a file
    to import. Times are UTC text.

    `done` of `total` lines were read; `name` and `media_type` are its file's once it is done; `reason` says why it
    failed.
    """

    id: str
    party: str
    account: str
    asked: dict[str, Any]
    state: str
    done: int
    total: int
    created_at: str
    beat_at: str
    expires_at: str
    name: str | None = None
    media_type: str | None = None
    reason: str | None = None


_COLUMNS = "id, party, account, asked, state, done, total, created_at, beat_at, expires_at, name, media_type, reason"


def _job(row: Any) -> Job:
    identifier, party, account, asked, *rest = row
    return Job(identifier, party, account, json.loads(asked), *rest)


async def insert_job(tx: Transaction, job: Job) -> None:
    """A new job."""
    await tx.execute(
        f"INSERT INTO job ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        job.id, job.party, job.account, json.dumps(job.asked), job.state, job.done, job.total, job.created_at,
        job.beat_at, job.expires_at, job.name, job.media_type, job.reason,
    )  # fmt: skip


async def load_job(tx: Transaction, job_id: str, party: str) -> Job | None:
    """The job if it is that party's."""
    row = await tx.row(f"SELECT {_COLUMNS} FROM job WHERE id = ? AND party = ?", job_id, party)
    return _job(row) if row else None


async def latest_jobs(tx: Transaction, party: str, now: str, most: int) -> list[Job]:
    """At most `most` of a party's jobs whose time is not over, latest first."""
    sql = f"SELECT {_COLUMNS} FROM job WHERE party = ? AND expires_at > ? ORDER BY created_at DESC, id LIMIT ?"
    return [_job(row) for row in await tx.rows(sql, party, now, most)]


async def running_jobs(tx: Transaction, party: str, since: str) -> int:
    """How many jobs of a party have shown life since an instant."""
    sql = "SELECT count(*) FROM job WHERE party = ? AND state = ? AND beat_at > ?"
    return int(await tx.value(sql, party, RUNNING, since) or 0)


async def beat(tx: Transaction, job_id: str, done: int, total: int, at: str) -> bool:
    """Note a job's progress; False once it is no longer to run."""
    changed = await tx.execute(
        "UPDATE job SET done = ?, total = ?, beat_at = ? WHERE id = ? AND state = ?", done, total, at, job_id, RUNNING
    )
    return bool(changed)


async def end_job(
    tx: Transaction,
    job_id: str,
    state: str,
    at: str,
    *,
    done: int | None = None,
    name: str | None = None,
    media_type: str | None = None,
    reason: str | None = None,
) -> bool:
    """End a running job, `done` and `total` being then the same when given; False when it had ended already (cancelled
    meanwhile)."""
    changed = await tx.execute(
        """UPDATE job SET state = ?, beat_at = ?, name = ?, media_type = ?, reason = ?,
        done = COALESCE(CAST(? AS BIGINT), done), total = COALESCE(CAST(? AS BIGINT), total)
        WHERE id = ? AND state = ?""",
        state, at, name, media_type, reason, done, done, job_id, RUNNING,
    )  # fmt: skip
    return bool(changed)


async def give_up_job(tx: Transaction, job_id: str, at: str) -> None:
    """Stop a running job, or give up the file of one that is done."""
    await tx.execute(
        "UPDATE job SET state = ?, beat_at = ?, name = NULL, media_type = NULL WHERE id = ? AND state IN (?, ?)",
        "cancelled", at, job_id, RUNNING, "done",
    )  # fmt: skip


async def note_import(tx: Transaction, job_id: str, created: int, total: int) -> None:
    """The file that waited was imported: so many entries were created, of so many created or changed."""
    await tx.execute("UPDATE job SET state = ?, done = ?, total = ? WHERE id = ?", IMPORTED, created, total, job_id)


async def delete_job(tx: Transaction, job_id: str) -> None:
    """Forget a job."""
    await tx.execute("DELETE FROM job WHERE id = ?", job_id)


async def expired_jobs(tx: Transaction, at: str) -> list[str]:
    """The ids of jobs whose time is over."""
    return [row[0] for row in await tx.rows("SELECT id FROM job WHERE expires_at <= ? ORDER BY expires_at", at)]
