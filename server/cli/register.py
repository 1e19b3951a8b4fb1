"""`ecluse register`: exports of the Article 30 registers, and imports into them."""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from registry.clock import paris_day
from registry.exports import FORMATS, SUFFIX, Seal, sealed, write_export
from registry.gate import Gate
from registry.gate.export_events import seal_export
from registry.gate.exporting import heading, holder, line_batches
from registry.gate.gate import operator_of
from registry.gate.importing import Plan, import_file, preview_import
from registry.gate.own_records import add_own_record
from registry.gate.session import Session, new_id
from registry.imports import read_file
from registry.processing.fields import KINDS
from registry.processing.lines import AUDIENCES
from registry.processing.selection import STATUSES, Selection
from registry.refusals import AlreadyDone
from registry.storage.engines import Transaction
from schemas import enumeration
from server.cli.accounts import require_party
from server.cli.installation import Installation, run
from server.seals import seal_of

Command = Callable[..., Any]
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def register() -> None:
    """Registres des activités de traitement (RGPD, article 30)."""


def _filters(command: Command) -> Command:
    """The options that select lines of a register."""
    for option in (
        click.option("--kind", type=click.Choice(KINDS), default="controller", show_default=True,
                     help="Registre du responsable de traitement (30(1)) ou de sous-traitant (30(2))."),
        click.option("--as-of", type=_DAY, help="Le registre tel qu'il était ce jour-là."),
        click.option("--audience", type=click.Choice(AUDIENCES), default="full", show_default=True,
                     help="Registre entier, ou ce qui peut être communiqué à quiconque."),
        click.option("--status", type=click.Choice(STATUSES), help="Fiches dans cet état seulement."),
        click.option("--field", type=click.Choice(enumeration("convention_field")),
                     help="Fiches d'un champ de la convention."),
        click.option("--state", type=click.Choice(enumeration("state")), help="Fiches dont l'échange est à cet état."),
        click.option("--legal-basis", type=click.Choice(enumeration("article_6")), help="Fiches de cette base légale."),
        click.option("--category", type=click.Choice(enumeration("cnil_category")),
                     help="Fiches qui portent sur cette catégorie de données."),
        click.option("--query", "q", help="Fiches qui contiennent ces mots."),
        click.option("--review-before", type=_DAY, help="Fiches à relire avant ce jour."),
        click.option("--entry", help="Une seule fiche, par son identifiant."),
    ):  # fmt: skip
        command = option(command)
    return command


@register.command("export")
@click.option("--party", required=True, help="Identifiant de la partie.")
@click.option("--format", "form", required=True, type=click.Choice(sorted(FORMATS)), help="Format du fichier.")
@_filters
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Fichier, ou « - ».")
def export(
    party: str,
    form: str,
    kind: str,
    as_of: datetime | None,
    review_before: datetime | None,
    output: Path,
    **filters: Any,
) -> None:
    """Écrire un registre, ou un choix de fiches, dans un fichier.

    Le manifeste voyage dedans, ou à côté.
    """
    chosen = FORMATS[form]
    if kind not in chosen.kinds:
        raise click.UsageError(f"Le format {form} ne connaît pas le registre de sous-traitant.")
    selection = Selection(review_before=review_before.date() if review_before else None, **filters)

    async def work(installation: Installation) -> dict[str, Any]:
        now = installation.settings.clock()
        day = as_of.date() if as_of else paris_day(now)
        held = await installation.engine.read(lambda tx: holder(tx, party, paris_day(now)))
        lines = line_batches(installation.engine, held.scope, kind, day, selection)
        with _target(output) as file:
            form_with_seal = sealed(chosen, seal_of(installation.settings, party, held.party["name"]))
            about = heading(held, kind, day, selection, now, None)
            return await write_export(form_with_seal, about, lines, file, _seal(installation, party))

    manifest = run(work)
    if str(output) != "-":
        if not chosen.embeds:
            beside = output.with_name(output.name + SUFFIX)
            beside.write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        click.echo(f"{output} : registre de {party}, {manifest['count']} fiches.", err=True)


def _seal(installation: Installation, party: str) -> Seal:
    """The export recorded as an event of the party's log, by the installation's operator."""
    gate = Gate(installation.engine, installation.vault, installation.recorder, installation.settings.clock)

    async def seal(facts: dict[str, Any]) -> dict[str, Any]:
        return await seal_export(gate, operator_of(party), new_id(), facts)

    return seal


@register.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--party", required=True, help="Identifiant de la partie.")
@click.option("--dry-run", is_flag=True, help="Dire ce que l'import changerait, sans rien changer.")
@click.option("--json", "as_json", is_flag=True, help="Réponse pour les machines.")
def import_(file: Path, party: str, *, dry_run: bool, as_json: bool) -> None:
    """Importer un registre : tout, ou rien.

    FICHIER est un export JSON, le modèle de la CNIL (ODS, XLSX) ou un classeur de CISO Assistant.
    """
    reading = read_file(file)

    async def work(installation: Installation) -> Plan:
        gate = Gate(installation.engine, installation.vault, installation.recorder, installation.settings.clock)

        async def transaction(tx: Transaction) -> Plan:
            session = gate.acting(tx, operator_of(party))
            held = await holder(tx, party, session.today)
            if dry_run:
                return await preview_import(session, party, reading, held.scope)
            done = await import_file(session, party, reading, held.scope)
            assert done.value is not None  # noqa: S101 - only a replayed call has no value
            return done.value

        engine = installation.engine
        return await (engine.read(transaction) if dry_run else engine.transact(transaction))

    plan = run(work)
    document = plan.document(done=not dry_run)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        _tell(document)
    if plan.refused:
        sys.exit(1)


def _tell(plan: dict[str, Any]) -> None:
    """A plan, for people."""
    for title, key in (("Créée", "created"), ("Modifiée", "changed")):
        for change in plan[key]:
            click.echo(f"{title} : {change['reference'] or 'sans référence'} — {change['title'] or 'sans nom'}")
            for sentence in change["changes"]:
                click.echo(f"  {sentence}")
    for title, key in (("Refusé", "refused"), ("Non repris", "ignored")):
        for problem in plan[key]:
            click.echo(f"{title} : {problem['place'] or 'fichier'} : {problem['message']}", err=True)
    verb = "" if plan["done"] else "seraient "
    click.echo(
        f"Fiches : {len(plan['created'])} {verb}créées, {len(plan['changed'])} {verb}modifiées, "
        f"{plan['unchanged']} inchangées."
    )


class _target:  # noqa: N801 - a context manager, used as a function
    """The file to write, given its name once it is complete; « - » is the standard output."""

    def __init__(self, output: Path) -> None:
        self._output = output
        self._partial = None if str(output) == "-" else output.with_name(output.name + ".part")

    def __enter__(self) -> BinaryIO:
        self._file: Any = tempfile.TemporaryFile() if self._partial is None else self._partial.open("w+b")
        file: BinaryIO = self._file
        return file

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        with self._file as file:
            if self._partial is None and failed is None:
                file.seek(0)
                shutil.copyfileobj(file, sys.stdout.buffer)
        if self._partial is not None:
            if failed is None:
                self._partial.replace(self._output)
            else:
                self._partial.unlink()


@register.command("own")
@click.option("--party", required=True, help="Partie dont le registre reçoit la fiche.")
@click.option("--host", help="Partie qui héberge, si c'en est une.")
def own(party: str, host: str | None) -> None:
    """Ajouter au registre d'une partie le brouillon de la fiche d'Écluse.

    Ce brouillon n'entre au registre qu'une fois complété et enregistré par la partie.
    """

    async def work(installation: Installation) -> str:
        gate = Gate(installation.engine, installation.vault, installation.recorder, installation.settings.clock)
        periods = installation.settings.periods

        async def add(session: Session) -> str:
            for named in filter(None, (party, host)):
                await require_party(session.tx, named)
            made = (await add_own_record(session, party, periods, host)).value
            return made.entry.reference if made is not None else ""

        return await gate.record(operator_of(party), add)

    try:
        click.echo(f"Brouillon ajouté : fiche {run(work)}, à compléter par la partie.")
    except AlreadyDone as refusal:
        click.echo(refusal.sentence)
