"""Background exports: run a few at a time, their progress noted, stopped when asked, their files kept for a time."""

import asyncio
import json
import threading
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import structlog

from registry.clock import paris_day, timestamp
from registry.exchange.context import Actor
from registry.exports import FORMATS, SUFFIX, sealed, write_export
from registry.gate import Gate
from registry.gate.export_events import seal_export
from registry.gate.exporting import Holder, heading, holder, line_batches
from registry.gate.inspection import write_pack
from registry.gate.jobs import INSPECTION, as_of, instant, selection_of
from registry.gate.session import Session
from registry.refusals import Refusal
from registry.storage.exchanges import seen_by
from registry.storage.jobs import Job, beat, delete_job, end_job, expired_jobs
from registry.storage.register import register_size
from server.seals import seal_of
from server.settings import Settings

AT_ONCE = 2
BEAT_SECONDS = 1.0
SWEEP_SECONDS = 600.0

_log = structlog.get_logger("ecluse")


class Stopped(Exception):
    """The job was cancelled: raised in its own work at the next record."""


@dataclass
class Progress:
    """How far a job is; written by its work, read by its heartbeat."""

    done: int = 0
    total: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def step(self) -> None:
        """One more record handled. Raises Stopped."""
        if self.stopped.is_set():
            raise Stopped

    def read(self, lines: int) -> None:
        """So many more lines were read. Raises Stopped."""
        self.done = min(self.done + lines, self.total)
        self.step()


class Jobs:
    """Runs jobs in the application's event loop; their heavy parts have threads or processes of their own."""

    def __init__(self, gate: Gate, settings: Settings) -> None:
        self._gate, self._settings = gate, settings
        self._room = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._running: dict[str, Progress] = {}

    def file_of(self, job_id: str) -> Path:
        """Where a finished job's file is."""
        return self._settings.home / "exports" / job_id

    def keep(self, job_id: str, content: bytes) -> None:
        """Keep a file that waits to be imported, until its job's time is over. Blocks."""
        path = self.file_of(job_id)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)

    def kept(self, job_id: str) -> bytes | None:
        """That file's content, None when it is no longer there. Blocks."""
        with suppress(FileNotFoundError):
            return self.file_of(job_id).read_bytes()
        return None

    def start(self, job: Job) -> None:
        """Begin a job that was just recorded."""
        task = asyncio.create_task(self._run(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self, job_id: str) -> None:
        """Stop a job of this process, and give up its file."""
        progress = self._running.get(job_id)
        if progress is not None:
            progress.stopped.set()
        self.file_of(job_id).unlink(missing_ok=True)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Sweep old files as long as the body runs; then end what still runs."""
        sweeper = asyncio.create_task(self._sweep_for_ever())
        try:
            yield
        finally:
            for progress in self._running.values():
                progress.stopped.set()
            sweeper.cancel()
            await asyncio.gather(sweeper, *self._tasks, return_exceptions=True)

    async def _sweep_for_ever(self) -> None:
        while True:
            with suppress(Exception):  # the database may be away for a moment; the next round comes
                await self.sweep()
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep(self) -> None:
        """Forget jobs whose time is over, and their files."""
        engine, now = self._gate.engine, timestamp(self._gate.now())
        for job_id in await engine.read(lambda tx: expired_jobs(tx, now)):
            self.stop(job_id)
            self._partial(job_id).unlink(missing_ok=True)  # left by a server that died in the middle
            await self._forget(job_id)

    async def _forget(self, job_id: str) -> None:
        await self._gate.engine.transact(lambda tx: delete_job(tx, job_id))

    async def _run(self, job: Job) -> None:
        progress = self._running[job.id] = Progress()
        heart = asyncio.create_task(self._beat(job.id, progress))
        try:
            async with self._room:
                await self._work(job, progress)
        except Stopped:
            await self._end(job, "cancelled")
        except Refusal as refusal:
            await self._end(job, "failed", reason=refusal.sentence)
        except Exception as error:  # noqa: BLE001 - whatever happened, the job says so and the server lives
            _log.error("export failed", job=job.id, exc_info=error)
            await self._end(job, "failed", reason="Une erreur est survenue : demandez cet export de nouveau.")
        finally:
            heart.cancel()
            del self._running[job.id]
            self._partial(job.id).unlink(missing_ok=True)

    def _partial(self, job_id: str) -> Path:
        return self.file_of(job_id).with_suffix(".part")

    async def _beat(self, job_id: str, progress: Progress) -> None:
        """Note progress; a job that somebody ended elsewhere stops here."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            with suppress(Exception):
                if not await self._note(job_id, progress):
                    progress.stopped.set()

    async def _note(self, job_id: str, progress: Progress) -> bool:
        at = timestamp(self._gate.now())
        return await self._gate.engine.transact(lambda tx: beat(tx, job_id, progress.done, progress.total, at))

    async def _end(self, job: Job, state: str, **about: Any) -> bool:
        at = timestamp(self._gate.now())
        return await self._gate.engine.transact(lambda tx: end_job(tx, job.id, state, at, **about))

    async def _work(self, job: Job, progress: Progress) -> None:
        self.file_of(job.id).parent.mkdir(mode=0o700, exist_ok=True)
        today = paris_day(self._gate.now())
        held = await self._gate.engine.read(lambda tx: holder(tx, job.party, today))
        partial = self._partial(job.id)
        with partial.open("w+b") as file:
            write = self._pack if job.asked["format"] == INSPECTION else self._register
            name, media_type = await write(job, held, progress, file)
        partial.replace(self.file_of(job.id))
        if not await self._end(job, "done", done=progress.total, name=name, media_type=media_type):
            self.file_of(job.id).unlink(missing_ok=True)

    async def _register(self, job: Job, held: Holder, progress: Progress, file: BinaryIO) -> tuple[str, str]:
        selection, kind = selection_of(job.asked), job.asked.get("kind", "controller")
        day = as_of(job, paris_day(self._gate.now()))
        form = sealed(FORMATS[job.asked["format"]], seal_of(self._settings, job.party, held.party["name"]))
        progress.total = await self._gate.engine.read(lambda tx: register_size(tx, held.scope, kind))
        lines = line_batches(self._gate.engine, held.scope, kind, day, selection, progress.read)
        about = heading(held, kind, day, selection, instant(job), job.account)
        manifest = await write_export(form, about, lines, file, self._seal(job), progress.step)
        name = f"registre-{job.party}-{day.isoformat()}{form.suffix}"
        if form.embeds:
            return name, form.media_type
        await asyncio.to_thread(_with_manifest, file, name, manifest)
        return f"{name.removesuffix('.zip')}.zip", "application/zip"

    def _seal(self, job: Job) -> Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]:
        actor = Actor(job.account, job.party, frozenset())

        async def seal(facts: dict[str, Any]) -> dict[str, Any]:
            return await seal_export(self._gate, actor, job.id, facts)

        return seal

    async def _pack(self, job: Job, held: Holder, progress: Progress, file: BinaryIO) -> tuple[str, str]:
        day = as_of(job, paris_day(self._gate.now()))
        actor = Actor(job.account, job.party, frozenset({"auditor"}))
        exchanges = await self._gate.engine.read(lambda tx: seen_by(tx, job.party))
        progress.total = len(exchanges)

        def session(tx: Any) -> Session:
            return self._gate.acting(tx, actor)

        await write_pack(self._gate.engine, session, job.party, exchanges, day, file, progress.read, instant(job))
        return f"inspection-{job.party}-{day.isoformat()}.zip", "application/zip"


def _with_manifest(file: BinaryIO, name: str, manifest: dict[str, Any]) -> None:
    """Put a finished file and its manifest into one archive, in its place."""
    import shutil
    import tempfile

    with tempfile.TemporaryFile() as archive:
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as members:
            file.seek(0)
            with members.open(name, "w", force_zip64=True) as member:
                shutil.copyfileobj(file, member)
            members.writestr(f"{name}{SUFFIX}", json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
        file.seek(0)
        file.truncate()
        archive.seek(0)
        shutil.copyfileobj(archive, file)
