"""A file that waits, between its preview and its confirmation, to be imported into a party's registers."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from registry.clock import timestamp
from registry.gate.gate import Answer
from registry.gate.importing import Plan, import_file, preview_import
from registry.gate.reading import own_scope
from registry.gate.registers import require_manager
from registry.gate.session import Session, new_id
from registry.imports import Reading
from registry.refusals import NotFound
from registry.storage.jobs import HELD, Job, insert_job, load_job, note_import

IMPORT = "import"
KEPT = timedelta(hours=1)
"""How long a file waits for its confirmation."""
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Previewed:
    """What a held file would do, and the digest of it: a confirmation names what was read."""

    job: Job
    plan: Plan | None
    digest: str


async def require_importer(session: Session) -> None:
    """Refuse those who may not import, before their file is opened. Raises Forbidden."""
    await own_scope(session, session.actor.party)
    require_manager(session, session.actor.party)


async def hold_import(session: Session, sha256: str, name: str) -> Answer[Job]:
    """Remember that a file waits; its content is the caller's to keep."""
    await require_importer(session)
    now, until = timestamp(session.now), timestamp(session.now + KEPT)
    asked = {"format": IMPORT, "sha256": sha256}
    job = Job(
        new_id(), session.actor.party, session.actor.id, asked, HELD, 0, 0, now, now, until, name[-_LONGEST_NAME:]
    )
    await insert_job(session.tx, job)
    return Answer(job, 201, None)


async def held_import(session: Session, job_id: str) -> Job:
    """A file that the caller left waiting, or imported lately. Raises NotFound."""
    await require_importer(session)
    job = await load_job(session.tx, job_id, session.actor.party)
    ours = job is not None and job.asked["format"] == IMPORT and job.account == session.actor.id
    if job is None or not ours or job.expires_at <= timestamp(session.now):
        raise NotFound("Ce fichier n'attend plus : déposez-le de nouveau.")
    return job


async def preview_held(session: Session, job_id: str, reading: Reading | None) -> Previewed:
    """What the file would do now; nothing once it was imported (`reading` is then None)."""
    job = await held_import(session, job_id)
    if reading is None:
        return Previewed(job, None, "")
    plan = await preview_import(session, job.party, reading, await own_scope(session, job.party))
    return Previewed(job, plan, digest_of(plan))


def digest_of(plan: Plan) -> str:
    """SHA-256 (hex) of what a plan shows."""
    return hashlib.sha256(msgspec.json.encode(plan.document(done=False))).hexdigest()


async def carry_out(session: Session, job_id: str, reading: Reading, digest: str) -> Answer[bool]:
    """Import the file whole if it would still do what was read; False, and nothing is done, when it would not.

    Raises Invalid with every place that is refused.
    """
    job = await held_import(session, job_id)
    scope = await own_scope(session, job.party)
    if job.state != HELD or digest_of(await preview_import(session, job.party, reading, scope)) != digest:
        return Answer(value=False)
    done = await import_file(session, job.party, reading, scope)
    assert done.value is not None  # noqa: S101 - only a replayed call has none
    created, changed = len(done.value.created), len(done.value.changed)
    await note_import(session.tx, job_id, created, created + changed)
    return Answer(value=True)
