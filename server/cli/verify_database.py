"""`ecluse verify --database`: the database against its own signed records."""

import sys
from collections.abc import Mapping

import click
import msgspec

from registry.ledger.checkpoints import Checkpoint
from registry.storage.reconcile import Report, reconcile
from server.cli.installation import Installation, run
from server.home import load_guard


def verify_database(*, as_json: bool) -> None:
    """Reconcile, print what was found, exit 1 when anything was. Raises what opening an installation raises."""
    report = run(_work)
    click.echo(_as_json(report) if as_json else _as_text(report))
    sys.exit(0 if report.fine else 1)


async def _work(installation: Installation) -> Report:
    guard = load_guard(installation.settings)
    heads: Mapping[str, Checkpoint] | None = guard.heads() if guard.exists() else None
    with click.progressbar(length=1, label="Relecture", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        return await reconcile(installation.engine, installation.vault, installation.settings.clock(), heads, progress)


def _as_text(report: Report) -> str:
    lines = [f"{report.events} événements de {report.objects} objets relus, dans {len(report.logs)} journaux."]
    lines += [f"  {origin} : {size} enregistrements numérotés" for origin, size in report.logs.items()]
    if report.erased:
        lines.append(f"  {report.erased} actes aux textes effacés, chacun par un effacement enregistré")
    lines += [f"  {note}" for note in report.notes]
    lines += [f"  ✗ {one}" for one in report.kept]
    if (hidden := report.total - len(report.kept)) > 0:
        lines.append(f"  ✗ et {hidden} autres constats.")
    if report.fine:
        return "\n".join([*lines, "La base dit exactement ce que disent ses enregistrements signés."])
    return "\n".join([*lines, f"Vérification refusée : {report.total} constat(s)."])


def _as_json(report: Report) -> str:
    findings = [vars(one) for one in report.kept]
    value = {
        "fine": report.fine, "events": report.events, "objects": report.objects, "erased": report.erased,
        "logs": report.logs, "notes": report.notes, "findings": findings, "findings_total": report.total,
    }  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode()
