"""Asking for a background export, seeing how far it is, stopping it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from registry.clock import timestamp
from registry.exports import FORMATS
from registry.gate.gate import Answer
from registry.gate.reading import own_scope
from registry.gate.session import Session, new_id
from registry.processing.selection import Selection
from registry.refusals import Detail, Invalid, NotFound, Refusal
from registry.storage.jobs import RUNNING, Job, give_up_job, insert_job, latest_jobs, load_job, running_jobs

INSPECTION = "inspection"
KEPT = timedelta(hours=24)
"""How long a file waits to be fetched."""
SILENCE = timedelta(seconds=60)
"""A job that showed no life for so long died with its server."""
AT_ONCE = 4
"""Jobs of one party at the same time."""
_LATEST = 50
"""Jobs that a list of them reads."""


class TooMany(Refusal):
    """The party has as many exports under way as it may."""

    slug, status, title = "too-many-exports", 409, "Trop d'exports en cours"


def selection_of(asked: dict[str, Any]) -> Selection:
    """The lines that a body `register_export` asks for."""
    given = dict(asked.get("filter") or {})
    before = given.pop("review_before", None)
    return Selection(
        audience=asked.get("audience", "full"),
        review_before=date.fromisoformat(before) if before else None,
        **given,
    )


async def ask_export(session: Session, party: str, asked: dict[str, Any]) -> Answer[Job]:
    """A new job. Raises Invalid when the format cannot express what is asked, TooMany."""
    await own_scope(session, party, "register.export")
    form = FORMATS.get(asked["format"])
    kind = asked.get("kind", "controller")
    if form is not None and kind not in form.kinds:
        message = f"Le format {form.name} ne connaît pas le registre de sous-traitant."
        raise Invalid("Export impossible.", [Detail(pointer="/kind", message=message)])
    if await running_jobs(session.tx, party, timestamp(session.now - SILENCE)) >= AT_ONCE:
        raise TooMany(f"{AT_ONCE} exports de votre partie sont déjà en cours : attendez-en la fin, ou arrêtez-en un.")
    now = timestamp(session.now)
    job = Job(new_id(), party, session.actor.id, asked, RUNNING, 0, 0, now, now, timestamp(session.now + KEPT))
    await insert_job(session.tx, job)
    return Answer(job, 202, f"/api/v1/parties/{party}/register/exports/{job.id}")


async def register_jobs(session: Session) -> list[Job]:
    """The party's register exports that are still kept, latest first."""
    party = session.actor.party
    await own_scope(session, party)
    jobs = await latest_jobs(session.tx, party, timestamp(session.now), _LATEST)
    return [_alive(job, session) for job in jobs if job.asked["format"] in FORMATS]


async def register_job(session: Session, job_id: str) -> Job:
    """A register export of the caller's party. Raises NotFound, also for another kind of job."""
    job = await job_of(session, session.actor.party, job_id)
    if job.asked["format"] not in FORMATS:
        raise NotFound("Cet export n'existe pas, ou n'est plus gardé.")
    return job


async def job_of(session: Session, party: str, job_id: str) -> Job:
    """A job of the caller's party, failed if its server died. Raises NotFound, also once its time is over."""
    await own_scope(session, party, "register.export")
    job = await load_job(session.tx, job_id, party)
    if job is None or job.expires_at <= timestamp(session.now) or job.asked["format"] not in {*FORMATS, INSPECTION}:
        raise NotFound("Cet export n'existe pas, ou n'est plus gardé.")
    return _alive(job, session)


def _alive(job: Job, session: Session) -> Job:
    if job.state == RUNNING and job.beat_at <= timestamp(session.now - SILENCE):
        return replace(job, state="failed", reason="L'export s'est interrompu : demandez-le de nouveau.")
    return job


async def cancel_job(session: Session, party: str, job_id: str) -> Answer[Job]:
    """Stop a job, or give up its file."""
    await job_of(session, party, job_id)
    await give_up_job(session.tx, job_id, timestamp(session.now))
    return Answer(await job_of(session, party, job_id), 200, None)


def as_of(job: Job, today: date) -> date:
    """The day that a job asks for."""
    given = job.asked.get("as_of")
    return date.fromisoformat(given) if given else today


def instant(job: Job) -> datetime:
    """When the job was asked for."""
    return datetime.fromisoformat(job.created_at)
