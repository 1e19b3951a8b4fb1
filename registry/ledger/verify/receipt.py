"""One record's receipt: its place in a signed head, its facts and the texts they stand for."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from registry.ledger.canonical import parse_canonical
from registry.ledger.checkpoints import Checkpoint, checkpoint_of
from registry.ledger.commitments import SALT_BYTES, commit_facts, commit_opening
from registry.ledger.encoding import decode_base64
from registry.ledger.errors import LedgerError, MalformedError, ProofError, SignatureError, UnknownKeyError
from registry.ledger.keys import Verifier, parse_vkey
from registry.ledger.merkle import leaf_hash
from registry.ledger.notes import open_note
from registry.ledger.openings import join
from registry.ledger.receipts import Receipt, parse_receipt, verify_receipt
from registry.ledger.records import Record, open_record, record_of
from registry.ledger.verify.anchor import Anchor
from registry.ledger.verify.findings import Findings
from registry.ledger.verify.heads import Head, Standing, open_head, parse_head
from registry.ledger.verify.keyring import parse_facts
from registry.ledger.verify.keys_file import require_fields, require_text


@dataclass(frozen=True)
class Opened:
    """A salt and the canonical JSON text it opens a commitment to."""

    salt: bytes
    text: str


@dataclass(frozen=True)
class Extra:
    """What a receipt carries beside its proof; nothing in it is believed before it is checked."""

    record: bytes
    facts: Opened
    opening: Opened | None
    recorders: tuple[Verifier, ...]


@dataclass
class ReceiptReport:
    """What a receipt proves.

    `recorder`: the key under the record; `leaf`: the record's leaf hash, hexadecimal, once it is proved; `texts`: None
    when their opening was erased; `anchors` as in a log's report, and « old-key »: the key that signed the head kept by
    the caller also signed this one, of another size.
    """

    name: str
    index: int | None = None
    head: Checkpoint | None = None
    record: Record | None = None
    facts: dict[str, Any] | None = None
    texts: list[str] | None = None
    recorder: Verifier | None = None
    leaf: str = ""
    anchors: set[str] = field(default_factory=set)
    witnesses: dict[str, int | None] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)

    @property
    def erased(self) -> bool:
        """Whether the texts were erased: the facts commit to an opening that is no longer there."""
        return self.facts is not None and self.texts is None

    @property
    def fine(self) -> bool:
        """Nothing wrong was found, and something that the caller kept confirms it."""
        return bool(self.anchors) and not self.findings

    def document(self) -> Any:
        """What the person sent, texts in their places. Only for a report with facts."""
        return join((self.facts or {}).get("input"), self.texts)


def verify_receipt_file(
    raw: bytes, name: str, anchor: Anchor, *, named: Sequence[Verifier] = (), policy: str | None = None
) -> ReceiptReport:
    """Verify a receipt's bytes; `name` says where they were.

    1. Read it; 2. check the head's signatures, with the caller's keys, else those `named` by a keys file beside it
    (`policy`: the text of the log's own); 3. the inclusion proof; 4. the record's signature; 5. facts against the
    record, texts against the facts.
    """
    report = ReceiptReport(name)
    try:
        receipt = parse_receipt(raw)
        extra = parse_extra(receipt.extra or b"")
    except LedgerError:
        report.findings.add("receipt-malformed", name)
        return report
    head = parse_head(receipt.checkpoint, name, report.findings)
    if head is None:
        return report
    report.index, report.head = receipt.index, head.checkpoint
    _stand(report, head, anchor, named, policy)
    _prove(report, receipt, extra)
    _open(report, extra)
    return report


def parse_extra(raw: bytes) -> Extra:
    """Read what a receipt carries, **nothing checked**. Raises MalformedError."""
    value = parse_canonical(raw)
    require_fields(value, {"record", "facts", "opening", "recorder"})
    if type(value["recorder"]) is not list:
        raise MalformedError("a list of vkeys is expected")
    return Extra(
        require_text(value["record"]).encode(),
        _opened(value["facts"]),
        None if value["opening"] is None else _opened(value["opening"]),
        tuple(parse_vkey(require_text(vkey)) for vkey in value["recorder"]),
    )


def _opened(value: Any) -> Opened:
    require_fields(value, {"salt", "text"})
    return Opened(decode_base64(require_text(value["salt"]), SALT_BYTES), require_text(value["text"]))


def _stand(report: ReceiptReport, head: Head, anchor: Anchor, named: Sequence[Verifier], policy: str | None) -> None:
    """The head's signatures, and the head the caller kept: the same one, or at least one of the same key."""
    kept = anchor.head_of(head.checkpoint.origin)
    same_key = [key for key in named if kept and _signed(kept.note, key)]
    trusting = replace(anchor, keys=(*anchor.keys, *same_key))
    standing: Standing = open_head(head, report.name, trusting, list(named), policy, report.findings)
    report.anchors, report.witnesses = set(standing.by), standing.witnesses
    if "key" in standing.by and not anchor.keys_of(head.checkpoint.origin):
        report.anchors = (report.anchors - {"key"}) | {"old-key"}
    if kept is None or kept.checkpoint.size != head.checkpoint.size:
        return
    if kept.checkpoint == head.checkpoint:
        report.anchors.add("old")
    else:
        report.findings.add("fork", report.name)


def _signed(note: bytes, key: Verifier) -> bool:
    try:
        checkpoint_of(open_note(note, [key]))
    except LedgerError:
        return False
    return True


def _prove(report: ReceiptReport, receipt: Receipt, extra: Extra) -> None:
    head = report.head
    if head is None:
        return
    try:
        verify_receipt(receipt, extra.record, head)
        report.leaf = leaf_hash(extra.record).hex()
    except ProofError:
        report.findings.add("proof", report.name, receipt.index)
    recorders = [key for key in extra.recorders if key.name == f"{head.origin}/recorder"]
    signed = read_record(extra.record, recorders, head.origin, report.name, receipt.index, report.findings)
    if signed is not None:
        report.record, report.recorder = signed


def read_record(
    note: bytes, recorders: Sequence[Verifier], origin: str, path: str, index: int | None, findings: Findings
) -> tuple[Record, Verifier] | None:
    """The record of a note of that log, and the key that signed it; None and a finding when it is not one."""
    try:
        opened = open_record(note, recorders)
        record = record_of(opened)
    except SignatureError:
        findings.add("record-signature", path, index)
    except UnknownKeyError:
        findings.add("record-unknown-key", path, index)
    except LedgerError:
        findings.add("record-malformed", path, index)
    else:
        if record.log == origin:
            return record, opened.signed_by[0]
        findings.add("record-other-log", path, index, origin=record.log)
    return None


def _open(report: ReceiptReport, extra: Extra) -> None:
    """Facts against the record, texts against the facts."""
    record, name, index = report.record, report.name, report.index
    if record is None:
        return
    if commit_facts(extra.facts.salt, extra.facts.text.encode()) != record.commit:
        report.findings.add("facts", name, index)
        return
    try:
        report.facts = parse_facts(extra.facts.text)
    except MalformedError:
        report.findings.add("facts-malformed", name, index)
        return
    committed, opening = report.facts["opening_commit"], extra.opening
    if opening is None:
        report.texts = [] if committed is None else None
        return
    report.texts = _texts(opening.text)
    if commit_opening(opening.salt, opening.text.encode()) != committed or not _fits(report):
        report.findings.add("opening", name, index)
        report.facts = report.texts = None  # no document can be made of them


def _texts(text: str) -> list[str]:
    try:
        value = parse_canonical(text.encode())
    except MalformedError:
        return []
    return value if type(value) is list and all(type(item) is str for item in value) else []


def _fits(report: ReceiptReport) -> bool:
    try:
        report.document()
    except (IndexError, RecursionError):
        return False
    return True
