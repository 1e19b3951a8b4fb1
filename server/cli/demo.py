"""`ecluse demo`."""

import asyncio
import socket
from dataclasses import replace
from pathlib import Path

import click

from schemas import label
from server.settings import read_settings


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port d'écoute.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    help="Dossier, refait à chaque fois.",
)
def demo(port: int, folder: Path) -> None:
    """Refaire la démonstration et la servir.

    Elle contient la convention de référence, un compte par fonction et des échanges.
    """
    import uvicorn

    from server.app import create_app
    from server.demo.build import TOKENS, at_home, build, prepare_folder, variable
    from server.publication import serve_until_stopped

    listening = _listen(port)
    address = f"http://localhost:{listening.getsockname()[1]}"
    settings = replace(at_home(read_settings(), folder), public_url=address)
    prepare_folder(settings)
    click.echo("Préparation de la démonstration…", err=True)
    people, file = asyncio.run(build(settings))
    click.echo("\nComptes (partie, fonction, adresse, jeton) :")
    for person in people:
        click.echo(f"  {person.party:<22} {label('role', person.roles[0]):<44} {person.email:<46} {person.token}")
    click.echo(f"\nJetons en variables du shell : . {folder / TOKENS}   (par exemple ${variable(people[0])})")
    click.echo(f"Échange d'aujourd'hui, actif : {file.reference}, /api/v1/requests/{file.id}")
    click.echo(f"\nChoisir une fonction : {address}/demonstration   (Ctrl-C pour arrêter)")
    app = create_app(settings)
    config = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="warning")
    serve_until_stopped(uvicorn.Server(config), app, [listening])


def _listen(port: int) -> socket.socket:
    """A listening socket, taken before anything is wiped. Raises click.UsageError when the port is taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as error:
        raise click.UsageError(f"Le port {port} est déjà pris : choisissez-en un autre (--port).") from error
    return listening
