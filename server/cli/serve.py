"""`ecluse serve`."""

import asyncio
from typing import Any

import click

from server.app import create_app
from server.publication import require_ready, serve_until_stopped
from server.settings import SettingError, read_settings

_OPTIONS: dict[str, Any] = {
    "loop": "uvloop", "http": "httptools", "access_log": False, "log_level": "warning", "server_header": False,
}  # fmt: skip


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Adresse d'écoute.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port d'écoute.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Nombre de processus.")
def serve(host: str, port: int, workers: int) -> None:
    """Servir l'installation."""
    import uvicorn

    settings = read_settings()
    if workers > 1 and settings.on_sqlite:
        raise SettingError(
            "Sur SQLite un seul processus sert : un fichier n'a qu'un écrivain à la fois, plusieurs processus "
            "s'attendraient. Choisissez PostgreSQL (ECLUSE_DATABASE_URL) pour en lancer plusieurs."
        )
    asyncio.run(require_ready(settings))
    if workers > 1:
        uvicorn.run("server.cli.serve:application", factory=True, host=host, port=port, workers=workers, **_OPTIONS)
        return
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, host=host, port=port, **_OPTIONS))
    serve_until_stopped(server, app)


def application() -> object:
    """The application of the environment's installation, built in the process that serves it."""
    return create_app(read_settings())
