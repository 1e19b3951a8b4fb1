"""`ecluse register export`."""

import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from registry.clock import paris_day
from registry.exports import FORMATS, Heading
from registry.processing.lines import line_document
from registry.processing.selection import Selection
from registry.storage.conventions import convention_ids, load_convention
from registry.storage.engines import Transaction
from registry.storage.register import register_batches
from server.cli.installation import Installation, run


@click.group()
def register() -> None:
    """Registre des activités de traitement (RGPD, article 30)."""


@register.command("export")
@click.option("--party", required=True, help="Identifiant de la partie.")
@click.option("--format", "form", required=True, type=click.Choice(sorted(FORMATS)), help="Format du fichier.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Le registre tel qu'il était ce jour-là.")
@click.option("--audience", type=click.Choice(["full", "public"]), default="full", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Fichier, ou « - ».")
def export(party: str, form: str, as_of: datetime | None, audience: str, output: Path) -> None:
    """Écrire le registre d'une partie dans un fichier."""

    async def work(installation: Installation) -> int:
        today = paris_day(installation.settings.clock())
        day = as_of.date() if as_of else today
        name, scope = await installation.engine.read(lambda tx: _party(tx, party, today))
        lines = _documents(installation, scope, day, audience)
        heading = Heading(party, name, day, audience, today)
        return await _write(FORMATS[form](heading, lines), output)

    size = run(work)
    if str(output) != "-":
        click.echo(f"{output} : registre de {party}, {size} octets.", err=True)


async def _party(tx: Transaction, party: str, today: date) -> tuple[str, list[str]]:
    """The party's name and the parties whose register it holds."""
    known: set[str] = set()
    for convention_id in await convention_ids(tx):
        found = await load_convention(tx, convention_id)
        if found is None:
            continue
        convention = found.convention
        known |= {p["id"] for p in convention.parties()}
        if (record := convention.party(party)) is not None:
            held = [p for p in convention.predecessors(party) if convention.stands_for(p, today) == party]
            return str(record["name"]), [party, *held]
    raise click.UsageError(f"Partie inconnue : « {party} ». Parties : {', '.join(sorted(known))}.")


async def _documents(
    installation: Installation, scope: list[str], day: date, audience: str
) -> AsyncIterator[dict[str, Any]]:
    """The lines to write; the public register holds confirmed entries only."""
    selection = Selection(audience)
    async with aclosing(register_batches(installation.engine, scope, "controller", day)) as batches:
        async for batch in batches:
            for line in batch:
                if selection.holds(line):
                    yield line_document(line, audience)


async def _write(pieces: AsyncIterator[bytes], output: Path) -> int:
    size = 0
    if str(output) == "-":
        async for piece in pieces:
            size += sys.stdout.buffer.write(piece)
        return size
    partial = output.with_name(output.name + ".part")
    with partial.open("wb") as file:
        async for piece in pieces:
            size += file.write(piece)
    partial.replace(output)
    return size
