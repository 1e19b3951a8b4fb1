"""The periods of the tool itself, kept once a day: rows and files that are over go, ended exchanges are told."""

from datetime import date
from functools import partial

from registry.clock import paris_day, timestamp
from registry.gate import Gate
from registry.gate.retention import keep_periods, trail_over_on, trails
from registry.storage.engines import Transaction
from registry.storage.jobs import delete_job, expired_jobs
from server.cli.installation import Installation


async def keep(installation: Installation) -> list[str]:
    """Keep the periods; what was done and what may be, in sentences."""
    settings, engine = installation.settings, installation.engine
    gate = Gate(engine, installation.vault, installation.recorder, settings.clock)
    periods, today = settings.periods, paris_day(settings.clock())
    done = await gate.unattended(lambda session: keep_periods(session, periods))
    files = await _exports(installation)
    told = []
    if done.rows or done.accounts or files:
        told.append(
            f"Durées de conservation : {sum(done.rows.values())} lignes et {files} fichiers d'export supprimés, "
            f"{done.accounts} comptes effacés."
        )
    for one in await engine.read(lambda tx: trails(tx, today, periods)):
        over = trail_over_on(date.fromisoformat(one.last_at[:10]), periods)
        told.append(
            f"! {one.reference} – conservation échue depuis le {over:%d/%m/%Y} : le responsable de traitement peut "
            "effacer ce dossier."
        )
    return told


async def _exports(installation: Installation) -> int:
    """Forget exports whose time is over, and their files: the server does it too, when it runs."""
    now, folder = timestamp(installation.settings.clock()), installation.settings.home / "exports"
    over = await installation.engine.read(lambda tx: expired_jobs(tx, now))
    for job in over:
        for name in (job, f"{job}.part"):
            (folder / name).unlink(missing_ok=True)
        await installation.engine.transact(partial(_forget, job))
    return len(over)


async def _forget(job: str, tx: Transaction) -> None:
    await delete_job(tx, job)
