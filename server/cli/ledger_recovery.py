"""`ecluse ledger recover|reopen`: after the loss of the guard, or of the end of a log."""

import time
from pathlib import Path

import click

from registry.ledger.errors import LedgerError
from registry.ledger.receipts import MAX_BYTES, parse_receipt
from registry.publishing.recovery import Outside, alone, recover, reopen
from registry.publishing.witnesses import Witnesses
from registry.storage.engines import Transaction
from server.cli.anchors import read_file
from server.cli.installation import Installation, run
from server.home import load_guard, load_log_signer
from server.logs import configure_logs
from server.outgoing import ask

_FILE = click.Path(path_type=Path, dir_okay=False)
_RECEIPT = b"c2sp.org/tlog-proof@"


@click.command("recover")
@click.option("--head", "heads", multiple=True, type=_FILE, help="Tête gardée par une partie, ou un reçu (répétable).")
def recover_guard(heads: tuple[Path, ...]) -> None:
    """Refaire la garde des têtes signées.

    La base est d'abord comparée aux témoins joignables et aux têtes données. Refusé si quelqu'un détient une autre
    histoire que la base, ou plus longue. À faire serveur arrêté.
    """
    given = [_outside(path) for path in heads]

    async def work(installation: Installation) -> int:
        guard, log_signer = load_guard(installation.settings), load_log_signer(installation.settings)
        async with alone(installation.engine, int(time.time())):
            found = [*given, *await _held(installation)]
            notes = await installation.engine.read(lambda tx: recover(tx, guard, log_signer, found))
            guard.adopt(notes)
        return len(notes)

    click.echo(f"La garde des têtes signées est refaite : {run(work)} journaux.")


@click.command("reopen")
@click.argument("owner", metavar="TITULAIRE")
@click.option("--head", required=True, type=_FILE, help="Dernière tête connue du journal perdu, ou un reçu.")
def reopen_log(owner: str, head: Path) -> None:
    """Abandonner un journal dont la fin est perdue.

    Un nouveau s'ouvrira pour TITULAIRE en citant la tête donnée. À faire serveur arrêté, quand aucune base plus récente
    n'existe plus. Remettez ensuite aux parties les nouvelles clés (« ecluse ledger keys ») et la nouvelle politique.
    """
    given = _outside(head)

    async def work(installation: Installation) -> tuple[str, str]:
        settings, log_signer = installation.settings, load_log_signer(installation.settings)
        guard, now = load_guard(settings), settings.clock()
        async with alone(installation.engine, int(time.time())):
            known = await _held(installation)
            if guard.exists():
                known += [Outside("La garde", guard.note(origin) or b"") for origin in guard.heads()]

            async def leaving(tx: Transaction) -> tuple[str, str]:
                left, origin = await reopen(tx, owner, given, known, (log_signer, installation.recorder), now)
                return left.origin, origin

            return await installation.engine.transact(leaving)

    left, origin = run(work)
    click.echo(f"{left} est abandonné. Le prochain acte ouvrira {origin}, qui cite la tête donnée.")


async def _held(installation: Installation) -> list[Outside]:
    """What the witnesses that answer hold."""
    settings = installation.settings
    configure_logs()
    witnesses = Witnesses(installation.engine, load_log_signer(settings), ask, settings.clock)
    return [Outside(f"Le témoin {name}", note) for name, note in await witnesses.held()]


def _outside(path: Path) -> Outside:
    """A file's head: a checkpoint, or the one a receipt is built on."""
    raw = read_file(path, MAX_BYTES)
    if not raw.startswith(_RECEIPT):
        return Outside(str(path), raw)
    try:
        return Outside(str(path), parse_receipt(raw).checkpoint)
    except LedgerError as error:
        raise click.UsageError(f"« {path} » n'est pas un reçu lisible ({error}).") from error
