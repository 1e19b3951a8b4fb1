"""`ecluse ledger keys|export|rotate|party-key`: what the host hands out, and its keys."""

from collections.abc import Iterator
from pathlib import Path

import click

from registry.ledger.tiles import Tile
from registry.publishing import serving
from registry.storage.engines import Transaction
from registry.storage.logs import Log, every_log
from server.cli.installation import Installation, run
from server.home import SIGNING, create_party_key, end_rotation, load_log_signer, load_recorder, rotate_key
from server.settings import read_settings

_STEP = 64
"""Tiles read in one transaction."""


@click.command("keys")
def keys() -> None:
    """Écrire les clés de vérification des journaux, une par ligne.

    C'est ce que chaque partie garde de son côté. Celles de l'année suivante y sont déjà, pour que les parties les aient
    avant le changement d'année.
    """

    async def work(installation: Installation) -> list[str]:
        logs = await installation.engine.read(every_log)
        recorder, signer = load_recorder(installation.settings), load_log_signer(installation.settings)
        coming = {recorder.origin(log.owner, installation.settings.clock().year + 1) for log in logs}
        origins = [*dict.fromkeys([*(log.origin for log in logs), *sorted(coming)])]
        return [key.vkey for origin in origins for key in signer.signers(origin)]

    for vkey in run(work):
        click.echo(vkey)


@click.command("export")
@click.argument("folder", metavar="DOSSIER", type=click.Path(path_type=Path, file_okay=False))
def export(folder: Path) -> None:
    """Écrire les journaux dans un dossier, tels qu'ils sont servis.

    Chacun est dans DOSSIER/titulaire/année.
    """

    async def work(installation: Installation) -> int:
        logs = await installation.engine.read(every_log)
        return sum([await _export(installation, log, folder / log.owner / log.segment) for log in logs])

    click.echo(f"{run(work)} journaux écrits dans « {folder} ».", err=True)


async def _export(installation: Installation, log: Log, folder: Path) -> int:
    """One log, its head last: an export that was cut short has none. 0 when nothing of it was shown yet."""

    async def opening(tx: Transaction) -> tuple[int, bytes, bytes] | None:
        head = await serving.witnessed_head(tx, log)
        if head is None:
            return None
        return head.size, await serving.checkpoint(tx, log, head), await serving.keys(tx, log, head.size)

    found = await installation.engine.read(opening)
    if found is None:
        return 0
    size, note, named = found
    with click.progressbar(_steps(size), label=log.origin, length=_steps_count(size)) as steps:
        for step in steps:
            for tile, content in await installation.engine.read(lambda tx, step=step: _tiles(tx, log, step, size)):  # type: ignore[misc]
                _write(folder / tile.path, content)
    _write(folder / "keys", named)
    _write(folder / "checkpoint", note)
    return 1


def _steps(size: int) -> Iterator[list[Tile]]:
    step: list[Tile] = []
    for tile in serving.tiles_to_export(size):
        step.append(tile)
        if len(step) == _STEP:
            yield step
            step = []
    if step:
        yield step


def _steps_count(size: int) -> int:
    return -(-sum(1 for _ in serving.tiles_to_export(size)) // _STEP)


async def _tiles(tx: Transaction, log: Log, tiles: list[Tile], size: int) -> list[tuple[Tile, bytes]]:
    return [(tile, await serving.tile_bytes(tx, log, tile, size) or b"") for tile in tiles]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(content)
    partial.replace(path)


@click.command("rotate")
@click.argument("key", type=click.Choice(sorted(SIGNING)))
@click.option("--end", is_flag=True, help="Mettre fin au remplacement : l'ancienne clé est détruite.")
def rotate(key: str, end: bool) -> None:
    """Remplacer une clé de signature.

    « log » signe les têtes, « recorder » les enregistrements. L'ancienne reste à côté jusqu'à « --end » : le journal
    annonce la nouvelle au redémarrage du serveur, et les têtes portent les deux signatures. Donnez la nouvelle clé aux
    parties (« ecluse ledger keys ») avant d'y mettre fin.
    """
    settings = read_settings()
    if end:
        end_rotation(settings, key)
        click.echo(f"L'ancienne clé « {key} » est détruite.")
        return
    rotate_key(settings, key)
    click.echo(f"Nouvelle clé « {key} » en place, l'ancienne gardée à côté : redémarrez le serveur.")


@click.command("party-key")
@click.argument("party", metavar="PARTIE")
def party_key(party: str) -> None:
    """Créer la clé d'une partie qui la confie à cet hébergeur.

    Elle signera aussi les enregistrements des actes de cette partie.
    """

    async def work(installation: Installation) -> str:
        from server.cli.accounts import require_party

        await installation.engine.read(lambda tx: require_party(tx, party))
        return create_party_key(installation.settings, party).vkey

    click.echo(run(work))
