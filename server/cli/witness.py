"""`ecluse witness …`: a party's own witness, on its own machine, without any installation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.settings import SettingError

if TYPE_CHECKING:
    from registry.witness.witness import Witness

_FOLDER = click.Path(path_type=Path, file_okay=False)
_DEFAULT = Path("temoin")


@click.group()
def witness() -> None:
    """Témoin d'une partie, qui garde et cosigne les têtes."""


@witness.command("init")
@click.argument("folder", metavar="DOSSIER", type=_FOLDER)
@click.option("--name", required=True, help="Nom du témoin, par exemple « commune.fr/temoin ».")
@click.option("--log", "logs", multiple=True, metavar="VKEY", help="Clé d'un journal, reçue de l'hébergeur.")
def init(folder: Path, name: str, logs: tuple[str, ...]) -> None:
    """Créer le dossier du témoin : sa clé et son état."""
    from server.witness.folder import create, log_key

    cosigner = create(folder, name, [log_key(vkey) for vkey in logs])
    click.echo(f"Témoin créé dans « {folder} ». Donnez cette ligne à l'hébergeur, pour la politique :", err=True)
    click.echo(f"witness {name} {cosigner.verifier.vkey}")


@witness.command("follow")
@click.argument("logs", nargs=-1, required=True, metavar="VKEY…")
@click.option("--dir", "folder", type=_FOLDER, default=_DEFAULT, show_default=True, help="Dossier du témoin.")
def follow(logs: tuple[str, ...], folder: Path) -> None:
    """Suivre d'autres journaux, ou accepter une nouvelle clé.

    VKEY est la clé d'un journal, ou celle qui remplace la clé d'un journal suivi.
    """
    from server.witness.folder import log_key, open_witness

    keys = [log_key(vkey) for vkey in logs]
    opened = open_witness(folder)
    for key in keys:
        opened.store.follow(key)
        click.echo(f"{key.name} : suivi.")


@witness.command("resume")
@click.argument("origin", metavar="ORIGINE")
@click.option("--dir", "folder", type=_FOLDER, default=_DEFAULT, show_default=True, help="Dossier du témoin.")
def resume(origin: str, folder: Path) -> None:
    """Reprendre après un arrêt, à partir de la tête gardée.

    Une histoire qui ne la prolonge pas arrête à nouveau.
    """
    _known(folder, origin).store.resume(origin)
    click.echo(f"{origin} : le témoin reprend à partir de la tête gardée.")


@witness.command("leave")
@click.argument("origin", metavar="ORIGINE")
@click.option("--dir", "folder", type=_FOLDER, default=_DEFAULT, show_default=True, help="Dossier du témoin.")
def leave(origin: str, folder: Path) -> None:
    """Ne plus suivre un journal ; sa dernière tête reste gardée.

    Par exemple quand son hébergeur l'a abandonné.
    """
    _known(folder, origin).store.leave(origin)
    click.echo(f"{origin} : n'est plus suivi.")


@witness.command("run")
@click.argument("urls", nargs=-1, metavar="URL…")
@click.option("--dir", "folder", type=_FOLDER, default=_DEFAULT, show_default=True, help="Dossier du témoin.")
@click.option("--once", is_flag=True, help="Regarder une fois chaque journal, puis rendre la main.")
@click.option(
    "--interval", type=click.FloatRange(min=1), default=60, show_default=True, help="Secondes entre deux regards."
)
@click.option("--listen", metavar="HÔTE:PORT", help="Répondre aussi aux hébergeurs (C2SP tlog-witness).")
@click.option("--trust-first-key", is_flag=True, help="Suivre un journal inconnu, après confirmation de sa clé.")
def run(
    urls: tuple[str, ...], folder: Path, once: bool, interval: float, listen: str | None, trust_first_key: bool
) -> None:
    """Vérifier et cosigner les journaux.

    Ce sont ceux des adresses URL, ou ceux déjà connus. Le jeton est dans ECLUSE_TOKEN.

    Code 1 : une bifurcation a été constatée (le témoin s'arrête et garde les preuves) ou, avec --once, un journal n'a
    pas pu être regardé.
    """
    import sqlite3

    from registry.witness.errors import Fork, Stopped, Unusable
    from server.witness.folder import open_witness

    if once and listen:
        raise click.UsageError("--once et --listen s'excluent.")
    opened = open_witness(folder)
    try:
        opened.require_running()
        if trust_first_key:
            for url in urls:
                _trust(opened, url)
        addresses = _addresses(opened, urls)
        if not addresses and not listen:
            raise click.UsageError("Donnez l'adresse d'un journal, par exemple https://hôte/ledger/convention/2026.")
        fine = _work(opened, addresses, once, interval, listen)
    except Fork as fork:
        raise SystemExit(_alarm(str(fork), folder)) from None
    except Stopped as error:
        raise SystemExit(_alarm(str(error), folder)) from None
    except Unusable as error:
        raise SystemExit(_failed(str(error))) from None
    except sqlite3.Error as error:
        raise SystemExit(_failed(f"L'état du témoin ne peut pas être gardé ({error}) : rien n'est cosigné.")) from error
    raise SystemExit(0 if fine else 1)


def _work(opened: Witness, urls: list[str], once: bool, interval: float, listen: str | None) -> bool:
    import asyncio

    from server.witness.looking import round_of, years
    from server.witness.running import bound, run

    def tell(sentence: str) -> None:
        click.echo(sentence, err=True)

    if once:
        return round_of(opened, [*urls, *years(opened, tell)], tell)
    listening = None
    if listen:
        host, _, port = listen.rpartition(":")
        if not host or not (port.isascii() and port.isdecimal() and int(port) <= 65535):
            raise click.UsageError("--listen attend HÔTE:PORT, par exemple 0.0.0.0:8440.")
        listening = bound(host.strip("[]"), int(port))
        tell(f"Le témoin écoute sur {host}:{listening.getsockname()[1]}.")
    asyncio.run(run(opened, urls, interval, listening, tell))
    return True


def _addresses(opened: Witness, urls: tuple[str, ...]) -> list[str]:
    """Those given, or those where followed logs were found."""
    return [url.rstrip("/") for url in urls] or [log.url for log in opened.store.logs() if log.url]


def _trust(opened: Witness, url: str) -> None:
    """Show the key found at an address and follow its log once the operator has confirmed it."""
    import json

    from registry.ledger.checkpoints import open_checkpoint
    from registry.ledger.errors import LedgerError
    from registry.witness.errors import Unusable
    from server.witness.folder import log_key
    from server.witness.looking import LogAddress

    host = LogAddress(url)
    try:
        key = log_key(json.loads(host.get("keys") or b"")["log"][-1])
        open_checkpoint(host.get("checkpoint") or b"", [key])
    except (LedgerError, ValueError, LookupError, TypeError, SettingError) as error:
        raise Unusable(f"{url} : pas de clé de journal utilisable à cette adresse ({error}).") from error
    if opened.store.find(key.name) is not None:
        return
    click.echo(f"Clé trouvée à {url} :\n  {key.vkey}", err=True)
    click.echo("Elle ne vaut que si l'hébergeur la confirme par une autre voie (courrier, téléphone).", err=True)
    if click.prompt("Suivre ce journal avec cette clé (oui ou non)", prompt_suffix=" ? ", err=True).strip() == "oui":
        opened.store.follow(key)


def _known(folder: Path, origin: str) -> Witness:
    from server.witness.folder import open_witness

    opened = open_witness(folder)
    if opened.store.find(origin) is None:
        known = ", ".join(log.origin for log in opened.store.logs()) or "aucun"
        raise SettingError(f"Le journal {origin} n'est pas suivi. Journaux suivis : {known}.")
    return opened


def _alarm(sentence: str, folder: Path) -> int:
    """What happened and whom to tell; the exit code."""
    click.echo(
        f"BIFURCATION. {sentence}\n"
        "Le témoin est arrêté : il ne cosigne plus rien. Ne supprimez rien. Prévenez les délégués à la protection des "
        f"données des parties à la convention et l'hébergeur, et transmettez-leur le dossier « {folder / 'evidence'} » "
        "par une autre voie que ce serveur. Une fois l'affaire tranchée : « ecluse witness resume » pour reprendre à "
        "partir de la tête gardée, ou « ecluse witness leave » si l'hébergeur a ouvert un nouveau journal.",
        err=True,
    )
    return 1


def _failed(sentence: str) -> int:
    click.echo(f"ecluse : {sentence}", err=True)
    return 1
