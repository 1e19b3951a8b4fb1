"""`ecluse ledger policy`: which witnesses the logs of an owner rely on, and how many it takes."""

from pathlib import Path

import click

from registry.clock import paris_day
from registry.ledger.errors import LedgerError
from registry.ledger.policy import MAX_BYTES, parse_policy
from registry.publishing.announcing import announce_recorder, record_key
from registry.publishing.comparing import log_keys
from registry.publishing.policies import complete, recorded_policy, witness_lines
from registry.storage.conventions import convention_ids
from registry.storage.engines import Transaction
from registry.storage.logs import Log, every_log, lock_log, log_of_year
from server.cli.accounts import require_party
from server.cli.anchors import read_file
from server.cli.installation import Installation, run
from server.home import load_log_signer


@click.command("policy")
@click.argument("owner", metavar="TITULAIRE")
@click.argument("file", metavar="[FICHIER]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--log", "segment", help="Journal d'une autre année, par exemple 2025 (sans FICHIER).")
def policy(owner: str, file: Path | None, segment: str | None) -> None:
    """Écrire la politique des témoins, ou en enregistrer une.

    TITULAIRE est une convention ou une partie. Sans FICHIER : la politique en vigueur, précédée de la clé d'un journal
    de TITULAIRE (le plus récent, ou --log) ; c'est le fichier que prend « --policy », un par journal. Avec FICHIER :
    les lignes witness, group et quorum du fichier sont enregistrées dans le journal de l'année ; celles des journaux
    (log) sont ajoutées par l'hébergeur. Une nouvelle politique remplace la précédente.
    """
    if file is None:
        click.echo(run(lambda installation: _complete(installation, owner, segment)), nl=False)
        return
    if segment:
        raise click.UsageError("--log choisit le journal à écrire : il ne va pas avec FILE.")
    origin = run(lambda installation: _record(installation, owner, read_file(file, MAX_BYTES)))
    click.echo(
        f"{origin} : politique enregistrée. Remettez-la aux parties : « ecluse ledger policy {owner} ».", err=True
    )


async def _complete(installation: Installation, owner: str, segment: str | None) -> str:
    async def work(tx: Transaction) -> str:
        lines, logs = await recorded_policy(tx, owner), await every_log(tx, owner)
        chosen = [log for log in logs if segment in {None, log.segment}]
        if lines is None or not chosen:
            known = ", ".join(log.segment for log in logs) or "aucun"
            raise click.UsageError(f"{owner} n'a pas de politique, ou pas ce journal (journaux : {known}).")
        return complete(lines, await _vkeys(tx, installation, chosen[-1]))

    return await installation.engine.read(work)


async def _record(installation: Installation, owner: str, raw: bytes) -> str:
    recorder, now = installation.recorder, installation.settings.clock()

    async def work(tx: Transaction) -> str:
        if owner not in await convention_ids(tx):
            await require_party(tx, owner)
        log = await log_of_year(tx, owner, now, recorder)
        lines = await _checked(tx, installation, log, raw)
        await announce_recorder(tx, log, recorder, now, paris_day(now))
        await lock_log(tx, log)
        signer = recorder.signer(log.origin)
        await record_key(tx, log, signer, "policy.set", {"policy": lines}, now, paris_day(now))
        return log.origin

    return await installation.engine.transact(work)


async def _checked(tx: Transaction, installation: Installation, log: Log, raw: bytes) -> str:
    """The lines to record. Raises click.UsageError when the file is not a policy, or a log would witness itself."""
    try:
        lines = witness_lines(raw.decode())
        parse_policy(complete(lines, await _vkeys(tx, installation, log)).encode())
    except (LedgerError, UnicodeDecodeError) as error:
        raise click.UsageError(f"La politique n'est pas lisible (C2SP tlog-policy) : {error}.") from error
    return lines


async def _vkeys(tx: Transaction, installation: Installation, log: Log) -> list[str]:
    return [key.vkey for key in await log_keys(tx, log, load_log_signer(installation.settings))]
