"""Checking an export offline: that no record changed since, and who took it out, when, by its signed record.

The record is worth what the keys kept by the party are worth: given the recorder's key, or the receipt of the export
(in its manifest, or beside it: `FILE.tlog-proof`) with a log's key, a policy or an older head, it is confirmed; else it
only agrees with itself.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.exports.manifest import records_digest
from registry.imports.exported import Exported, read_export
from registry.imports.items import Item
from registry.imports.rewriting import has_formula, strangers
from registry.ledger.canonical import canonical
from registry.ledger.checkpoints import Checkpoint
from registry.ledger.commitments import commit_facts
from registry.ledger.errors import LedgerError
from registry.ledger.receipts import MAX_BYTES
from registry.ledger.records import Record
from registry.ledger.verify.anchor import Anchor
from registry.ledger.verify.findings import Findings
from registry.ledger.verify.keyring import parse_facts
from registry.ledger.verify.receipt import Extra, ReceiptReport, parse_extra, read_record, verify_receipt_file
from registry.processing.normal import fingerprint

RECEIPT = ".tlog-proof"
_OWN = ("records", "record", "head", "receipt")

Document = dict[str, Any]


@dataclass
class ExportReport:
    """What is known of an export: its manifest, how many records agree, the signed record if it has one, and the head
    over that record if it has a receipt."""

    name: str
    manifest: Document
    agreeing: int = 0
    record: Record | None = None
    facts: Document | None = None
    head: Checkpoint | None = None
    anchors: set[str] = field(default_factory=set)
    witnesses: dict[str, int | None] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)

    @property
    def fine(self) -> bool:
        """Nothing wrong was found, and something that the caller kept confirms it."""
        return bool(self.anchors) and not self.findings


def verify_export(path: Path, anchor: Anchor) -> ExportReport:
    """Check an export of ours. Blocks; raises Unreadable when the file is none.

    1. The file, or its records and whatever else it says, against the manifest; 2. the record's signature; 3. the
    manifest against its facts; 4. the receipt beside the file, else the one in the manifest, if there is one.
    """
    exported = read_export(path)
    report = ExportReport(path.name, exported.manifest)
    try:
        if exported.manifest.get("file_sha256") is not None or exported.file_sha256 is not None:
            _check_file(exported, report)
        else:
            _check_records(path, exported, report)
        extra = _signed(exported.manifest)
    except (LookupError, TypeError, ValueError, AttributeError, LedgerError):
        report.findings.add("manifest-malformed", report.name)
        return report
    if extra is not None:
        _check_signature(exported.manifest, extra, anchor, report)
        _check_receipt(path.with_name(path.name + RECEIPT), anchor, report)
    return report


def _check_file(exported: Exported, report: ExportReport) -> None:
    if exported.manifest["file_sha256"] != exported.file_sha256:
        report.findings.add("export-file", report.name)
    else:
        report.agreeing = int(exported.manifest["count"])


def _check_records(path: Path, exported: Exported, report: ExportReport) -> None:
    """Every record by its fingerprint; then, if all are there, the rest of what the file shows."""
    lines = [str(entered).split(" ", 1) for entered in exported.manifest["records"]]
    left: dict[str, list[str]] = {}
    for digest, entered in lines:
        left.setdefault(entered.split(" ", 2)[2], []).append(digest)
    if exported.manifest["records_sha256"] != records_digest(exported.manifest["records"]):
        report.findings.add("export-record", report.name)
    read: dict[str, Document] = {}
    others = [item for item in exported.items if not _agrees(item, left, read)]
    report.agreeing = len(exported.items) - len(others)
    for item in others:
        _differs(item, left, report)
    for reference, digests in left.items():
        for _ in digests:
            report.findings.add("export-missing", report.name, reference=reference)
    if not report.findings:
        _check_rest(path, exported, [(entered, read[digest]) for digest, entered in lines], report)


def _reference(item: Item) -> str:
    return str(item.record.get("record_reference") or "").strip()


def _agrees(item: Item, left: dict[str, list[str]], read: dict[str, Document]) -> bool:
    """Strike the record's fingerprint from those `left` under its reference, and keep it as `read`, if it is there."""
    digest = fingerprint(item.record)
    wanted = left.get(_reference(item), [])
    if digest not in wanted:
        return False
    wanted.remove(digest)
    read[digest] = item.record
    return True


def _differs(item: Item, left: dict[str, list[str]], report: ExportReport) -> None:
    reference = _reference(item)
    if left.get(reference):
        left[reference].pop()
        report.findings.add("export-altered", item.place, reference=reference)
    else:
        report.findings.add("export-added", item.place, reference=reference or item.place)


def _check_rest(path: Path, exported: Exported, records: list[tuple[str, Document]], report: ExportReport) -> None:
    if exported.content_sha256 != exported.manifest["content_sha256"]:
        report.findings.add("export-content", report.name)
    if exported.sheets is None:
        return
    if has_formula(path):
        report.findings.add("export-formula", report.name)
    for place in strangers(exported.sheets, exported.manifest, records):
        report.findings.add("export-cell", place)


def _signed(manifest: Document) -> Extra | None:
    """What the manifest holds of its signed record, in a receipt's form; None when nobody signed."""
    signed = manifest["record"]
    if signed is None:
        return None
    return parse_extra(
        canonical({"record": signed["note"], "facts": signed["facts"], "opening": None, "recorder": signed["recorder"]})
    )


def _check_signature(manifest: Document, extra: Extra, anchor: Anchor, report: ExportReport) -> None:
    origin = extra.recorders[0].name.removesuffix("/recorder") if extra.recorders else ""
    kept = [key for key in anchor.keys if key.name == f"{origin}/recorder"]
    found = read_record(extra.record, kept or extra.recorders, origin, report.name, None, report.findings)
    if found is None:
        return
    report.record = found[0]
    if commit_facts(extra.facts.salt, extra.facts.text.encode()) != report.record.commit:
        report.findings.add("facts", report.name)
        return
    report.facts = parse_facts(extra.facts.text)
    told = {key: value for key, value in manifest.items() if key not in _OWN}
    if report.facts["derived"].get("manifest_sha256") != hashlib.sha256(canonical(told)).hexdigest():
        report.findings.add("export-record", report.name)
    if kept:
        report.anchors.add("key")


def _check_receipt(path: Path, anchor: Anchor, report: ExportReport) -> None:
    embedded = report.manifest.get("receipt")
    if path.is_file():
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    elif isinstance(embedded, str):
        raw = embedded.encode()
    else:
        return
    receipt: ReceiptReport = verify_receipt_file(raw, path.name, anchor)
    report.findings.join(receipt.findings)
    if report.record is not None and receipt.record != report.record:  # without one, that was found already
        report.findings.add("export-receipt", path.name)
    report.head = receipt.head
    report.anchors |= receipt.anchors
    report.witnesses = receipt.witnesses
