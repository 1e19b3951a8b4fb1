"""`ecluse ledger verify`: whole logs, from a folder or an address, offline or online, without a database."""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from registry.ledger.verify.anchor import Anchor
from registry.ledger.verify.log import LogReport, cited_by, verify_log
from registry.ledger.verify.sources import FolderSource, Source, UnreachableError
from registry.ledger.verify.web import UrlSource
from server.cli.anchors import anchor_options, read_anchor
from server.cli.verdicts import conclude, head_json, head_line

_JOBS = min(os.cpu_count() or 1, 4)
"""Processes by default: each takes about 30 MB."""


@click.command()
@click.argument("place", metavar="DOSSIER|URL")
@anchor_options
@click.option("--jobs", type=click.IntRange(1, 64), default=_JOBS, show_default=True, help="Processus en parallèle.")
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
def verify(
    place: str,
    keys: tuple[str, ...],
    policy: Path | None,
    max_age: int | None,
    old: tuple[Path, ...],
    jobs: int,
    as_json: bool,
) -> None:
    """Tout recalculer à partir des enregistrements d'un journal.

    DOSSIER est un journal, ou l'export de tous (DOSSIER/titulaire/année).

    Code 0 : vérifié ; 1 : refusé, ou comparé à rien que la partie ait conservé ; 2 : illisible.
    """
    anchor = read_anchor(keys, policy, max_age, old)
    try:
        reports = verify_all(sources_of(place), anchor, jobs)
    except UnreachableError as error:
        raise click.UsageError(str(error)) from error
    except BrokenProcessPool as error:
        raise click.UsageError("Un processus de vérification a été arrêté : mémoire insuffisante ?") from error
    except sqlite3.Error as error:
        raise click.UsageError(f"Le fichier temporaire de la vérification ne peut pas être écrit ({error}).") from error
    _require_all_used(anchor, reports)
    conclude([(report, _own(report), _lines(report)) for report in reports], anchor, as_json=as_json)


def sources_of(place: str) -> list[Source]:
    """The logs of a place: an address, a log's folder, or a folder of logs. Raises UnreachableError when none is."""
    if "://" in place:
        url = urlsplit(place)
        if url.scheme not in {"http", "https"} or not url.netloc:
            raise UnreachableError(f"« {place} » n'est pas une adresse http ou https.")
        return [UrlSource(place, os.environ.get("ECLUSE_TOKEN") or None)]
    folder = Path(place)
    if not folder.is_dir():
        raise UnreachableError(f"« {place} » n'est pas un dossier lisible.")
    if (folder / "checkpoint").exists() or (folder / "tile").exists():
        return [FolderSource(folder)]
    logs = sorted({path.parent for name in ("checkpoint", "tile", "keys") for path in folder.glob(f"*/*/{name}")})
    if not logs:
        raise UnreachableError(f"« {place} » ne contient aucun journal.")
    return [FolderSource(log, f"/{log.parent.name}/{log.name}") for log in logs]


def verify_all(sources: list[Source], anchor: Anchor, jobs: int) -> list[LogReport]:
    """The report of each log; those of one owner are also held to what the following year's first record cites."""
    cited = [one for source in sources if len(sources) > 1 and (one := cited_by(source))]
    reports = []
    for source in sources:
        with _progress(source.name) as told:
            reports.append(verify_log(source, anchor, jobs=jobs, progress=told, cited=cited))
    return reports


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr, at a terminal only."""
    with click.progressbar(length=1, label=name, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def told(done: int, size: int) -> None:
            bar.length = size
            bar.update(done - bar.pos)

        yield told


def _require_all_used(anchor: Anchor, reports: list[LogReport]) -> None:
    """A head kept of a log that is not there was compared with nothing: better said than passed over."""
    origins = {report.head.origin for report in reports if report.head}
    for kept in anchor.heads:
        if kept.checkpoint.origin not in origins and all(report.head for report in reports):
            raise click.UsageError(f"La tête conservée est celle d'un autre journal : {kept.checkpoint.origin}.")


def _own(report: LogReport) -> dict[str, Any]:
    return {"head": head_json(report.head), "records": report.records}


def _lines(report: LogReport) -> list[str]:
    origin = [f"Journal {report.head.origin}"] if report.head else []
    return [*origin, f"Enregistrements relus : {report.records}", *head_line(report.head)]
