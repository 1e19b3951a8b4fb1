"""`ecluse nightly`: to run once a day, by cron or a timer; running it again changes nothing more."""

import contextlib
import uuid

import click
import msgspec

from registry.gate.nightly import AlreadyRunning, Change, Pass
from registry.gate.nightly import nightly as run_nightly
from registry.storage.cleaning import clean
from registry.storage.engines import Busy
from schemas import label
from server.cli.installation import Installation, run


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
def nightly(as_json: bool) -> None:
    """Relire les échanges en cours, une fois par jour.

    Sont relevés les revues dépassées, les termes proches et les fiches à reconfirmer.
    """

    async def work(installation: Installation) -> Pass:
        done = await run_nightly(installation.engine, installation.settings.clock, str(uuid.uuid4()))
        with contextlib.suppress(Busy):  # tried again by the server, and tomorrow
            await clean(installation.engine)
        return done

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
    click.echo(f"{done.day:%d/%m/%Y} : {done.examined} échanges en cours relus, {len(done.changes)} constats changés.")


def _line(change: Change) -> str:
    sign = "-" if change.message is None else "+"
    sentence = change.message or "ne se relève plus."
    return f"{sign} {change.about} {change.check} – {label('severity', change.severity)} : {sentence}"
