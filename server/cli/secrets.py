"""`ecluse secrets rotate`: a new key for the seeds of one-time codes."""

import click

from server.cli.installation import Installation, run


@click.group()
def secrets() -> None:
    """Clé des secrets que la base garde chiffrés."""


@secrets.command("rotate")
@click.option("--end", is_flag=True, help="Détruire l'ancienne clé, une fois les serveurs redémarrés.")
def rotate(end: bool) -> None:
    """Remplacer la clé et rechiffrer les secrets.

    Redémarrez les serveurs ensuite, puis passez --end.
    """
    from server.auth.sealing import reseal
    from server.home import end_secrets_rotation, load_secrets, rotate_secrets

    async def work(installation: Installation) -> int:
        settings = installation.settings
        keys = load_secrets(settings) if end else rotate_secrets(settings)
        done = await reseal(installation.engine, keys)  # also what a server not yet restarted sealed meanwhile
        if end:
            end_secrets_rotation(settings)
        return done

    count = run(work)
    click.echo(f"{count} secrets sous la nouvelle clé." + (" L'ancienne est détruite." if end else ""))
