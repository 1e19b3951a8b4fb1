"""`ecluse check` and `ecluse checks list`: the conformity checks, offline, no database."""

import sys
from datetime import date
from pathlib import Path

import click
import msgspec

from registry.clock import paris_day, system_clock
from registry.conformity import catalogue, readable
from registry.conformity.offline import Unreadable, check_document
from schemas import label
from schemas.references import reference
from server.cli.install import read_json, valid_convention
from server.cli.parameters import DAY


@click.command()
@click.argument("request", metavar="DEMANDE", type=click.Path(path_type=Path))
@click.option(
    "--convention", type=click.Path(path_type=Path), help="Fichier de la convention (par défaut, celle de référence)."
)
@click.option("--today", type=DAY, help="Jour du contrôle (par défaut, aujourd'hui).")
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
def check(request: Path, convention: Path | None, today: date | None, as_json: bool) -> None:
    """Contrôler une demande ou un dossier d'échange, hors ligne.

    DEMANDE est un fichier JSON : la demande seule, ou un dossier d'échange, dont la clé « request » porte la demande.

    Code 0 : rien ne bloque ; 1 : un constat bloque ; 2 : document illisible ou non conforme à son schéma.
    """
    document = read_json(request)
    agreed = valid_convention(read_json(convention)) if convention else reference("convention")
    try:
        report = check_document(document, agreed, today or paris_day(system_clock()))
    except Unreadable as error:
        raise click.UsageError(f"« {request} » : {error}") from error
    if report.ignored:
        click.echo(f"Rubriques inconnues, ignorées : {', '.join(report.ignored)}.", err=True)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(report.as_json()), indent=1).decode())
    else:
        click.echo(report.as_text())
    sys.exit(1 if report.blocks else 0)


@click.group()
def checks() -> None:
    """Catalogue des contrôles."""


@checks.command("page")
def print_page() -> None:
    """Écrire la page de documentation des contrôles (Markdown)."""
    from registry.conformity.page import page

    click.echo(page(), nl=False)


@checks.command("list")
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
def list_checks(as_json: bool) -> None:
    """Lister les contrôles : identifiant, gravité, condition, source."""
    if as_json:
        items = [readable(one) for one in catalogue()]
        click.echo(msgspec.json.format(msgspec.json.encode(items), indent=1).decode())
        return
    for one in catalogue():
        said = readable(one)
        click.echo(f"{one.id:<10} {label('severity', one.severity):<14} {said['when']} [{one.source}]")
