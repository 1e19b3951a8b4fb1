"""`ecluse init` and `ecluse rebuild`."""

import asyncio
import codecs
import re
from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec

from registry.convention import inconsistencies
from registry.exchanged_data import refuse_in_document
from registry.gate import Gate
from registry.gate.conventions import load_document
from registry.gate.gate import operator_of
from registry.gate.own_records import add_own_record
from registry.refusals import Detail, Invalid
from registry.storage.engines import Transaction, engine_for
from registry.storage.migrations import migrate
from registry.storage.rebuild import rebuild as refold
from schemas import decoded, violations
from server.cli.installation import Installation, run
from server.home import create_keys, create_secrets_key, load_recorder, load_vault, remove_keys
from server.settings import Settings, read_settings


def read_json(path: Path) -> object:
    """The JSON of a file, with or without the mark of its encoding. Raises click.UsageError when it cannot be read."""
    try:
        found: object = decoded(path.read_bytes().removeprefix(codecs.BOM_UTF8))
    except FileNotFoundError as error:
        raise click.UsageError(f"Le fichier « {path} » n'existe pas.") from error
    except OSError as error:
        raise click.UsageError(f"Le fichier « {path} » ne peut pas être lu (erreur {error.errno}).") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        place = re.search(r"byte ([0-9]+)", str(error))
        where = f" (octet {place.group(1)})" if place else ""
        raise click.UsageError(f"« {path} » n'est pas un document JSON lisible{where}.") from error
    return found


def valid_convention(document: object) -> dict[str, Any]:
    """A convention's document, checked by its schema. Raises Invalid with pointers."""
    found = violations("convention", document)
    if found or not isinstance(document, dict):
        details = [Detail(pointer=v.pointer, message=v.message) for v in found]
        raise Invalid("La convention ne respecte pas son schéma.", details)
    wrong = [Detail(pointer=pointer, message=sentence) for pointer, sentence in inconsistencies(document)]
    if wrong:
        raise Invalid("La convention se contredit.", wrong)
    refuse_in_document(document)
    return document


@click.command()
@click.argument("convention", metavar="CONVENTION", type=click.Path(path_type=Path))
@click.option("--host", metavar="PARTIE", help="Partie qui héberge l'installation, si c'en est une.")
def init(convention: Path, host: str | None) -> None:
    """Créer la base, la convention, ses parties et les clés.

    Le registre de chaque partie reçoit le brouillon de la fiche d'Écluse, à compléter.
    """
    settings = read_settings()
    document = valid_convention(read_json(convention))
    if host is not None and host not in [party["id"] for party in document["parties"]]:
        raise click.UsageError(f"« {host} » n'est pas une partie de cette convention.")
    create_keys(settings)
    try:
        asyncio.run(_install(settings, document, host))
    except BaseException:
        remove_keys(settings)  # they protect nothing yet, and would stand in the way of another try
        raise
    click.echo(f"Installation créée dans « {settings.home} » : convention {document['id']}.")


async def _install(settings: Settings, document: dict[str, Any], host: str | None) -> None:
    engine = engine_for(settings.database_url)
    await engine.open(create=True)
    try:
        await migrate(engine)
        vault, recorder = load_vault(settings), load_recorder(settings)

        async def work(tx: Transaction) -> None:
            await load_document(tx, document, settings.clock(), vault, recorder)

        await engine.transact(work)
        gate = Gate(engine, vault, recorder, settings.clock)
        for party in document["parties"]:
            add = partial(add_own_record, party=party["id"], periods=settings.periods, host=host)
            await gate.record(operator_of(party["id"]), add)
    finally:
        await engine.close()


@click.command("migrate")
def migrate_database() -> None:
    """Mettre la base au niveau de cette version, sans perte."""
    settings = read_settings()
    vault = load_vault(settings)

    async def work() -> list[str]:
        engine = engine_for(settings.database_url)
        await engine.open()
        try:
            if ran := await migrate(engine):
                await refold(engine, vault)  # projections that are new, or have new columns
            return ran
        finally:
            await engine.close()

    ran = asyncio.run(work())
    create_secrets_key(settings)
    click.echo(f"Migrations passées : {', '.join(ran)}." if ran else "La base est déjà à jour.")


@click.command()
def rebuild() -> None:
    """Refaire toutes les projections à partir des événements signés."""

    async def work(installation: Installation) -> int:
        return await refold(installation.engine, installation.vault)

    click.echo(f"Projections refaites à partir de {run(work)} événements.")
