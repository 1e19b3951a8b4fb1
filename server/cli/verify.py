"""`ecluse verify`: a file that somebody received, offline, without a database; or the database of this installation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from registry.ledger.receipts import MAX_BYTES as MAX_RECEIPT
from registry.ledger.verify.anchor import Anchor
from registry.ledger.verify.devices import Signed, check_alone
from registry.ledger.verify.evidence import EvidenceReport, verify_evidence
from registry.ledger.verify.receipt import ReceiptReport, verify_receipt_file
from registry.ledger.verify.sources import UnreachableError
from server.cli.anchors import anchor_options, read_anchor, read_file
from server.cli.timestamps import timestamp_lines
from server.cli.verdicts import Report, conclude, head_json, head_line
from server.cli.verify_database import verify_database

Verdict = tuple[Report, dict[str, Any], list[str]]


@click.command()
@click.argument("file", metavar="[FICHIER]", type=click.Path(path_type=Path), required=False)
@click.option("--database", is_flag=True, help="Vérifier la base de cette installation, au lieu d'un fichier.")
@anchor_options
@click.option("--tsa-ca", "authority", type=click.Path(path_type=Path), help="Certificat de l'autorité d'horodatage.")
@click.option("--json", "as_json", is_flag=True, help="Réponse pour une machine.")
def verify(
    file: Path | None,
    database: bool,
    keys: tuple[str, ...],
    policy: Path | None,
    max_age: int | None,
    old: tuple[Path, ...],
    authority: Path | None,
    as_json: bool,
) -> None:
    """Vérifier un reçu, des preuves, un registre exporté ou la base.

    FICHIER est un reçu (.tlog-proof), un dossier de preuves (zip) ou un registre exporté, vérifié hors ligne. Un
    registre exporté se vérifie avec son reçu à côté de lui (FICHIER.tlog-proof), ou la clé d'enregistrement.

    Avec --database, la base : chaque ligne contre les enregistrements signés qu'elle contient.

    Code 0 : vérifié ; 1 : refusé, ou comparé à rien que la partie ait conservé ; 2 : illisible.
    """
    if database == (file is not None):
        raise click.UsageError("Indiquez un fichier, ou --database.")
    anchor = read_anchor(keys, policy, max_age, old)
    if file is None:
        if anchor != Anchor(newest=anchor.newest):
            raise click.UsageError("--key, --policy et --old ne se comparent qu'à un fichier, ou à un journal publié.")
        verify_database(as_json=as_json)
        return
    start = read_file(file, 64)
    if not start.startswith(b"c2sp.org") and _exported(file):
        conclude([_export(file, anchor)], anchor, as_json=as_json)
    for beginning, verifier in _KINDS.items():
        if start.startswith(beginning):
            try:
                conclude([verifier(file, anchor, authority)], anchor, as_json=as_json)
            except UnreachableError as error:
                raise click.UsageError(str(error)) from error
    raise click.UsageError(f"« {file} » n'est ni un reçu (.tlog-proof), ni un dossier de preuves (zip), ni un export.")


def _exported(file: Path) -> bool:
    from registry.imports.exported import is_export

    return is_export(file)


def _export(file: Path, anchor: Anchor) -> Verdict:
    from registry.imports.verification import verify_export

    report = verify_export(file, anchor)
    manifest, record, facts = report.manifest, report.record, report.facts
    own = {
        "manifest": {key: value for key, value in manifest.items() if key != "records"}, "agreeing": report.agreeing,
        "record": record and vars(record), "facts": facts, "head": head_json(report.head),
    }  # fmt: skip
    whole = "complet" if manifest.get("complete") else "incomplet (filtré, ou version publique)"
    lines = [
        f"Registre de {manifest.get('party_name')} au {manifest.get('as_of')}, {whole}",
        f"Fiches conformes à l'export : {report.agreeing} sur {manifest.get('count')}",
    ]
    if record is not None and facts is not None:
        lines.append(f"Exporté pour {facts['party']} le {facts['on']} par {record.actor} (enregistré le {record.at})")
    else:
        lines.append("Cet export n'a pas d'enregistrement signé")
    if manifest.get("format") == "pdf":
        lines.append("Comparé : le registre joint au PDF ; ses pages, c'est le cachet du PDF qui les garantit")
    return report, own, [*lines, *head_line(report.head)]


def _receipt(file: Path, anchor: Anchor, _authority: Path | None) -> Verdict:
    report = verify_receipt_file(read_file(file, MAX_RECEIPT), file.name, anchor)
    signed = check_alone(report)
    record, facts = report.record, report.facts
    own = {
        "index": report.index, "head": head_json(report.head), "erased": report.erased,
        "record": record and vars(record), "facts": facts, "input": report.document() if facts else None,
        "device": signed,
    }  # fmt: skip
    journal = [f"Journal {report.head.origin}"] if report.head else []
    device = ["Signé sur l'appareil de son auteur : le dossier de preuves dit quand sa clé a été enregistrée"]
    return report, own, [*journal, *_act(report), *(device if signed else []), *head_line(report.head)]


def _act(report: ReceiptReport) -> list[str]:
    if report.record is None or report.facts is None:
        return []
    facts = report.facts
    act = f"Acte « {facts['act']} » de {facts['party']}, le {facts['on']} (enregistré le {report.record.at})"
    return [act, *(["Textes effacés : les faits et la preuve restent vérifiables"] if report.erased else [])]


def _evidence(file: Path, anchor: Anchor, authority: Path | None) -> Verdict:
    report = verify_evidence(file, anchor)
    stamped = timestamp_lines(file, authority, report, anchor)
    own = {
        "exchange": report.exchange, "reference": report.reference, "acts": len(report.acts),
        "erased": report.erased, "promised": report.promised, "attachments": report.pieces,
        "devices": [vars(one) for one in report.devices],
        "heads": [head_json(head) for head in report.heads.values()],
    }  # fmt: skip
    return report, own, [*_pack(report), *stamped]


def _pack(report: EvidenceReport) -> list[str]:
    lines = [
        f"Dossier {report.reference or report.exchange} ; actes prouvés : {len(report.acts)}, pièces : {report.pieces}"
    ]
    if report.erased:
        lines.append(f"Textes effacés, preuves intactes : révisions {', '.join(map(str, report.erased))}")
    if report.promised:
        lines.append(f"Promis, pas encore publiés : révisions {', '.join(map(str, report.promised))}")
    lines += [
        f"Révision {one.revision} ({one.act}) : signée sur l'appareil, {_enrolled(one)}" for one in report.devices
    ]
    for head in report.heads.values():
        lines += [f"Journal {head.origin}", *head_line(head)]
    return [*lines, "dossier.json et LISEZ-MOI.html sont des commodités : seuls les actes et les pièces sont prouvés"]


def _enrolled(one: Signed) -> str:
    if not one.enrolled_at:
        return "clé dont l'enregistrement manque"
    said = f"clé enregistrée le {one.enrolled_at}"
    return said if one.confirmed else f"{said}, dans un journal comparé à aucune clé connue"


_KINDS: dict[bytes, Callable[[Path, Anchor, Path | None], Verdict]] = {
    b"c2sp.org/tlog-proof@": _receipt,
    b"PK\x03\x04": _evidence,
}
"""How each kind of file begins, and what verifies it."""
