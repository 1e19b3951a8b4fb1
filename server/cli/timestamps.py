"""`--tsa-ca`: the RFC 3161 tokens of an evidence pack, checked with the authority's certificate that one trusts."""

import re
import zipfile
from datetime import datetime
from pathlib import Path

import click
from cryptography.x509 import Certificate, load_pem_x509_certificates

from registry.ledger.checkpoints import open_checkpoint
from registry.ledger.errors import LedgerError
from registry.ledger.keys import Verifier, parse_vkey
from registry.ledger.verify.anchor import Anchor
from registry.ledger.verify.evidence import DAMAGED, EvidenceReport
from registry.ledger.verify.keys_file import parse_keys_file
from server.cli.anchors import read_file

_TOKEN = re.compile(r"horodatages/([^/]+/[^/]+)/[0-9]+\.tsr")
_LIMIT = 1_000_000


def timestamp_lines(file: Path, authority: Path | None, report: EvidenceReport, anchor: Anchor) -> list[str]:
    """What the pack's tokens say, in words; a false one becomes a finding of the report.

    A token proves that a signed head existed at an instant: the head's own signature is checked too, with the keys that
    the caller kept, else with those the pack names, which the rest of the verification judges.
    """
    with zipfile.ZipFile(file) as archive:
        tokens = [name for name in archive.namelist() if _TOKEN.fullmatch(name)]
        if not tokens:
            return []
        if authority is None:
            return [f"Jetons d'horodatage non vérifiés : {len(tokens)} (donnez --tsa-ca)"]
        roots = _roots(authority)
        return [line for name in tokens for line in _checked(archive, name, roots, report, anchor)]


def _checked(
    archive: zipfile.ZipFile, name: str, roots: list[Certificate], report: EvidenceReport, anchor: Anchor
) -> list[str]:
    from registry.publishing.timestamping import BadToken, verify_token

    match = _TOKEN.fullmatch(name)
    folder = match.group(1) if match else ""
    try:
        note = _member(archive, name.removesuffix(".tsr") + ".checkpoint")
        named = _named(_member(archive, f"journaux/{folder}/keys"))
        head = open_checkpoint(note, anchor.keys_of(named[0].name) or named)
        seen = verify_token(_member(archive, name), note, roots)
    except (BadToken, LedgerError, LookupError, ValueError, *DAMAGED):
        report.findings.add("timestamp", name)
        return []
    shown = report.heads.get(head.origin)
    if shown is None or head.size > shown.size or (head.size == shown.size and head.root != shown.root):
        report.findings.add("timestamp", name)
        return []
    return [f"Horodatage : la tête de {head.size} enregistrements de {head.origin} existait le {_instant(seen)}"]


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        return member.read(_LIMIT)


def _named(keys: bytes) -> list[Verifier]:
    return [parse_vkey(vkey) for vkey in parse_keys_file(keys).log]


def _instant(seen: datetime) -> str:
    return f"{seen:%d/%m/%Y à %H h %M} UTC"


def _roots(path: Path) -> list[Certificate]:
    try:
        return load_pem_x509_certificates(read_file(path, _LIMIT))
    except ValueError as error:
        raise click.UsageError(f"« {path} » ne contient pas de certificat PEM lisible.") from error
