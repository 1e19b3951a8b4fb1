"""Verdicts of the offline verifications, for people and for machines."""

import sys
from datetime import UTC, datetime
from typing import Any, NoReturn, Protocol

import click
import msgspec

from registry.ledger.checkpoints import Checkpoint
from registry.ledger.encoding import encode_base64
from registry.ledger.verify.anchor import Anchor
from registry.ledger.verify.findings import Findings

_ANCHORS = {
    "key": "la clé donnée",
    "policy": "le quorum de témoins de la politique donnée",
    "old": "la tête conservée",
    "old-key": "la clé qui a signé la tête conservée (autre taille : la continuité ne se vérifie que sur le journal)",
}
_SPACES = "\u00a0\u202f"
_NOT_COMPARED = "Cohérent, mais non comparé à une clé connue : donnez --key, --policy ou --old."
_OF_ANOTHER_LOG = "Cohérent, mais non comparé à une clé connue : ce qui est donné ne concerne pas ce journal."


class Report(Protocol):
    """What every verification answers."""

    name: str
    anchors: set[str]
    witnesses: dict[str, int | None]
    findings: Findings

    @property
    def fine(self) -> bool:
        """Whether the answer is yes."""


def conclude(reports: list[tuple[Report, dict[str, Any], list[str]]], anchor: Anchor, *, as_json: bool) -> NoReturn:
    """Print each report (with its own keys for machines, its own lines for people) and exit, 0 when all are fine."""
    fine = bool(reports) and all(report.fine for report, _, _ in reports)
    if as_json:
        value = {"fine": fine, "reports": [_as_json(report, own) for report, own, _ in reports]}
        click.echo(msgspec.json.format(msgspec.json.encode(value), indent=1).decode())
    else:
        for report, _, lines in reports:
            click.echo(_as_text(report, lines, anchor))
    sys.exit(0 if fine else 1)


def head_line(head: Checkpoint | None) -> list[str]:
    """The head in words: how many records, which root."""
    return [f"Tête : {head.size} enregistrements, racine {encode_base64(head.root)}"] if head else []


def head_json(head: Checkpoint | None) -> dict[str, Any] | None:
    """The head for machines."""
    return {"origin": head.origin, "size": head.size, "root": encode_base64(head.root)} if head else None


def _as_text(report: Report, lines: list[str], anchor: Anchor) -> str:
    shown = [report.name, *(f"  {line}" for line in lines)]
    if report.witnesses:
        source = "" if anchor.policy else " (d'après le journal lui-même)"
        shown.append(f"  {_witnesses(report.witnesses)}{source}")
    shown += [f"  ✗ {one}" for one in report.findings.kept]
    if (hidden := report.findings.total - len(report.findings.kept)) > 0:
        shown.append(f"  ✗ et {hidden} autres constats.")
    if report.findings:
        shown.append(f"  Vérification refusée ; constats : {report.findings.total}.")
    elif report.fine:
        shown.append(f"  Vérifié, et confirmé par {', '.join(_ANCHORS[one] for one in sorted(report.anchors))}.")
    else:
        given = anchor.keys or anchor.policy or anchor.heads
        shown.append(f"  {_OF_ANOTHER_LOG if given else _NOT_COMPARED}")
    return "\n".join(_visible(line) for line in shown)


def _visible(line: str) -> str:
    """One line whatever the file says of itself: its names could otherwise add lines or rewrite those above."""
    return "".join(
        char if char.isprintable() or char in _SPACES else char.encode("unicode_escape").decode() for char in line
    )


def _witnesses(witnesses: dict[str, int | None]) -> str:
    times = [at for at in witnesses.values() if at is not None]
    since = f", la dernière le {_date(max(times))}" if times else ""
    return f"Témoins : {len(times)} sur {len(witnesses)} ont cosigné{since}"


def _date(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%d/%m/%Y à %H h %M} UTC"
    except (OverflowError, ValueError, OSError):
        return f"{seconds} s"


def _as_json(report: Report, own: dict[str, Any]) -> dict[str, Any]:
    findings = [
        {"kind": one.kind, "path": one.path, "index": one.index, "message": one.message} for one in report.findings.kept
    ]
    return {
        "name": report.name, "fine": report.fine, "anchors": sorted(report.anchors), "witnesses": report.witnesses,
        "findings": findings, "findings_total": report.findings.total, **own,
    }  # fmt: skip
