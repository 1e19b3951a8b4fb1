"""`ecluse nightly`: the pass that the server makes by itself once a night; running it again changes nothing more."""

import contextlib
import uuid

import click
import msgspec

from registry.gate.life_checks import Change
from registry.gate.nightly import AlreadyRunning, Pass
from registry.gate.nightly import nightly as run_nightly
from registry.storage.cleaning import clean
from registry.storage.engines import Busy
from schemas import label
from server.cli.installation import Installation, run
from server.cli.keeping import keep


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
def nightly(as_json: bool) -> None:
    """Faire la passe de nuit : alertes, rappels, oublis.

    Le serveur la fait de lui-même une fois par nuit ; la refaire ne change rien de plus.
    """

    async def work(installation: Installation) -> Pass:
        settings = installation.settings
        mailing = settings.smtp is not None
        done = await run_nightly(installation.engine, settings.clock, str(uuid.uuid4()), mailing=mailing)
        told.extend(await keep(installation))
        with contextlib.suppress(Busy):  # tried again by the server, and tomorrow
            await clean(installation.engine)
        return done

    told: list[str] = []
    try:
        done = run(work)
    except AlreadyRunning:
        click.echo("La passe tourne déjà dans un autre processus : rien à faire ici.", err=True)
        return
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(done), indent=1).decode())
        return
    for change in done.changes:
        click.echo(_line(change))
    for sentence in told:
        click.echo(sentence)
    click.echo(f"{done.day:%d/%m/%Y} : {done.examined} échanges en cours relus, {len(done.changes)} constats changés.")


def _line(change: Change) -> str:
    sign = "-" if change.message is None else "+"
    sentence = change.message or "ne se relève plus."
    return f"{sign} {change.about} {change.check} – {label('severity', change.severity)} : {sentence}"
