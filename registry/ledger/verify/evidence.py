"""An exchange's evidence pack (zip): every act proved and written as it was recorded, every piece accounted for."""

import hashlib
import re
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from registry.ledger.canonical import canonical
from registry.ledger.checkpoints import Checkpoint, parse_checkpoint
from registry.ledger.commitments import commit_facts
from registry.ledger.errors import MalformedError
from registry.ledger.notes import MAX_BYTES as MAX_NOTE
from registry.ledger.notes import split_note
from registry.ledger.receipts import MAX_BYTES as MAX_RECEIPT
from registry.ledger.receipts import parse_receipt
from registry.ledger.verify.anchor import Anchor
from registry.ledger.verify.devices import Signed, check_pack
from registry.ledger.verify.findings import Findings
from registry.ledger.verify.heads import open_head, parse_head
from registry.ledger.verify.keyring import OPENED, Keyring, told_by
from registry.ledger.verify.keys_file import MAX_BYTES as MAX_KEYS
from registry.ledger.verify.keys_file import KeysFile, parse_keys_file, read_json, require_fields, require_text
from registry.ledger.verify.receipt import ReceiptReport, read_record, verify_receipt_file
from registry.ledger.verify.sources import FileTooLongError, MissingFileError, UnreachableError, read_whole

MANIFEST = "manifest.json"
MAX_MEMBER = 64 * 1024 * 1024
"""Bytes of one file of the pack: attachments are smaller."""
MAX_MEMBERS = 50_000
_LOG = re.compile(r"journaux/[^/]+/[0-9]{4}(?:-[0-9]+)?/")
_ACT = re.compile(r"actes/([0-9]{4,9})-[a-z-]+\.json")
_PROOF = re.compile(r"preuves/([0-9]{4,9})\.(tlog-proof|note)")
_KEY = re.compile(r"cles/([0-9a-f]{64})\.(tlog-proof|note)")
"""The enrolment of a key that signed on a device, named by the leaf hash of its record."""
_PIECE = re.compile(r"pieces/([0-9a-f]{64})-[^/\\]+")
_EXPECTED = re.compile(
    rf"{re.escape(MANIFEST)}|LISEZ-MOI\.html|dossier\.json|{_ACT.pattern}|{_PROOF.pattern}|{_KEY.pattern}|{_PIECE.pattern}"
    rf"|{_LOG.pattern}(?:checkpoint|keys|ouverture\.tlog-proof)"
    r"|horodatages/[^/]+/[0-9]{4}(?:-[0-9]+)?/[0-9]+\.(?:tsr|checkpoint)"
)
"""Every place of a pack: a file anywhere else would look proved beside those that are."""
_MANIFEST_FIELDS = {"exchange", "reference", "convention", "made_at", "files"}
_ACT_FIELDS = {"revision", "act", "at", "by", "party", "on", "input", "derived", "erased"}
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
"""What reading a damaged or encrypted member raises."""


@dataclass
class EvidenceReport:
    """What a pack proves: `acts` by revision; `promised`: the revisions signed but not published yet.

    `heads`: by origin; `anchors`: what the caller kept that confirms those of the acts, see `LogReport` and
    `ReceiptReport`. `devices`: the acts signed on their authors' devices; their keys are enrolled in the parties' logs.
    """

    name: str
    exchange: str = ""
    reference: str = ""
    acts: dict[int, ReceiptReport] = field(default_factory=dict)
    promised: list[int] = field(default_factory=list)
    pieces: int = 0
    devices: list[Signed] = field(default_factory=list)
    heads: dict[str, Checkpoint] = field(default_factory=dict)
    anchors: set[str] = field(default_factory=set)
    witnesses: dict[str, int | None] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)

    @property
    def erased(self) -> list[int]:
        """The revisions whose texts were erased."""
        return [revision for revision, act in self.acts.items() if act.erased]

    @property
    def fine(self) -> bool:
        """Nothing wrong was found, and something that the caller kept confirms every log."""
        return bool(self.anchors) and not self.findings


def verify_evidence(file: Path, anchor: Anchor) -> EvidenceReport:
    """Verify a pack.

    1. The manifest lists every file and its SHA-256; 2. each log's head, keys and first record; 3. each receipt,
    on the head beside it; 4. each act, written again from its receipt and compared; 5. each signature made on a
    device, with its key's enrolment; 6. each piece named by an act, and nothing else in the pack.
    Raises UnreachableError when the file is no readable archive.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            return _Pack(archive, file.name, anchor).verify()
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise UnreachableError(f"« {file} » n'est pas une archive lisible.") from error


class _Archive:
    """The members of an opened archive, read as the files of a source are."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def read(self, path: str, limit: int) -> bytes:
        try:
            with self._archive.open(path) as file:
                return read_whole(file, limit)
        except KeyError as error:
            raise MissingFileError(path) from error


class _Pack:
    def __init__(self, archive: zipfile.ZipFile, name: str, anchor: Anchor) -> None:
        self._source = _Archive(archive)
        self._anchor = anchor
        self._report = EvidenceReport(name)
        self._findings = self._report.findings
        self._names = [info.filename for info in archive.infolist() if not info.is_dir()]
        self._rings: dict[str, Keyring] = {}
        self._standing: list[tuple[str, set[str]]] = []
        self._enrolments: list[ReceiptReport] = []
        self._logs: set[str] = set()

    def verify(self) -> EvidenceReport:
        if len(self._names) > MAX_MEMBERS or len(set(self._names)) < len(self._names):
            self._findings.add("archive", self._report.name)
            return self._report
        self._manifest()
        self._logs = {_origin(raw) for name, _ in self._matching(_PROOF) if (raw := self._quietly(name))}
        for folder in sorted({match[0] for name in self._names if (match := _LOG.match(name))}):
            self._log(folder)
        for name, match in self._matching(_PROOF):
            self._proof(name, int(match[1]), promise=match[2] == "note")
        for name, match in self._matching(_KEY):
            self._enrolment(name, match[1], promise=match[2] == "note")
        self._acts()
        self._report.devices = check_pack(self._report.acts, self._enrolments, self._findings)
        self._pieces()
        for name in self._names:
            if not _EXPECTED.fullmatch(name):
                self._findings.add("unexpected", name)
        self._report.anchors = self._anchors()
        return self._report

    def _anchors(self) -> set[str]:
        """What confirms the logs of the acts; those that only hold enrolments of keys say so of each (`devices`)."""
        standing = [anchors for origin, anchors in self._standing if not self._logs or origin in self._logs]
        return set.intersection(*standing) if standing else set()

    def _anchor_of(self, origin: str) -> Anchor:
        """What the caller kept, for one log. A policy is meant for the logs of acts: one that only holds enrolments of
        keys is asked for it when the policy names it."""
        named = self._anchor.policy and any(log.key.name == origin for log in self._anchor.policy.logs)
        return self._anchor if named or not self._logs or origin in self._logs else replace(self._anchor, policy=None)

    def _quietly(self, path: str) -> bytes:
        """A member's bytes, empty when they cannot be had: that is found when it is read for itself."""
        try:
            return self._source.read(path, MAX_RECEIPT)
        except (MissingFileError, FileTooLongError, *DAMAGED):
            return b""

    def _matching(self, pattern: re.Pattern[str]) -> list[tuple[str, re.Match[str]]]:
        return [(name, match) for name in sorted(self._names) if (match := pattern.fullmatch(name))]

    def _read(self, path: str, limit: int = MAX_MEMBER) -> bytes | None:
        """A member's bytes; None and a finding when they cannot be had."""
        try:
            return self._source.read(path, limit)
        except MissingFileError:
            self._findings.add("missing", path)
        except FileTooLongError:
            self._findings.add("too-long", path)
        except DAMAGED:
            self._findings.add("archive", path)
        return None

    def _manifest(self) -> None:
        raw = self._read(MANIFEST)
        if raw is None:
            return
        try:
            value = read_json(raw)
            require_fields(value, _MANIFEST_FIELDS)
            files = value["files"]
            if type(files) is not dict:
                raise MalformedError("an object is expected")  # noqa: TRY301 - one refusal for all that is not as expected
            self._report.exchange = require_text(value["exchange"])
            self._report.reference = str(value["reference"] or "")
        except MalformedError:
            self._findings.add("manifest-malformed", MANIFEST)
            return
        for path in files.keys() - set(self._names):
            self._findings.add("missing", path)
        for path in self._names:
            if path == MANIFEST:
                continue
            if path not in files:
                self._findings.add("unlisted", path)
            elif (content := self._read(path)) is not None and hashlib.sha256(content).hexdigest() != files[path]:
                self._findings.add("manifest", path)

    def _log(self, folder: str) -> None:
        """A log's head, its keys file, and the receipt of its first record."""
        note = self._read(f"{folder}checkpoint", MAX_NOTE)
        keys = self._read(f"{folder}keys", MAX_KEYS)
        opening = self._read(f"{folder}ouverture.tlog-proof", MAX_RECEIPT)
        head = parse_head(note, f"{folder}checkpoint", self._findings) if note is not None else None
        if keys is None or opening is None or head is None:
            return
        try:
            file = parse_keys_file(keys)
        except MalformedError:
            self._findings.add("keys-malformed", f"{folder}keys")
            return
        origin, found = head.checkpoint.origin, Findings()
        ring = told_by(file, 0, found)
        first = self._receipt(f"{folder}ouverture.tlog-proof", opening, ring)
        open_head(head, "checkpoint", self._anchor_of(origin), ring.logs, ring.policy, found)
        if not _opens(first, file):
            found.add("not-opened", "ouverture.tlog-proof", 0)
        if file.origin != origin or not origin.endswith(folder.removeprefix("journaux").removesuffix("/")):
            found.add("misplaced", "checkpoint", origin=origin)
        self._findings.join(found, folder)
        self._rings[origin], self._report.heads[origin] = ring, head.checkpoint
        self._same_head(first)

    def _receipt(self, path: str, raw: bytes, ring: Keyring | None) -> ReceiptReport:
        named, policy = (ring.logs, ring.policy) if ring else ([], None)
        receipt = verify_receipt_file(raw, path, self._anchor_of(_origin(raw)), named=named, policy=policy)
        self._findings.join(receipt.findings)
        self._standing.append((receipt.head.origin if receipt.head else "", receipt.anchors))
        self._report.witnesses = self._report.witnesses or receipt.witnesses
        known = [key for _, key in ring.recorders] if ring else []
        if receipt.recorder and receipt.recorder not in known:
            self._findings.add("recorder", path)
        return receipt

    def _same_head(self, receipt: ReceiptReport) -> None:
        if receipt.head is None:
            return
        head = self._report.heads.get(receipt.head.origin)
        if head != receipt.head:
            fork = head is not None and head.size == receipt.head.size
            self._findings.add("fork" if fork else "head-differs", receipt.name)

    def _proof(self, path: str, revision: int, *, promise: bool) -> None:
        raw = self._read(path, MAX_RECEIPT)
        if raw is None:
            return
        if promise:
            self._promise(path, raw, revision)
            return
        ring = self._rings.get(_origin(raw))
        receipt = self._receipt(path, raw, ring)
        self._same_head(receipt)
        if receipt.record is None or receipt.facts is None:
            return
        if (receipt.record.object, receipt.record.revision) != (self._report.exchange, revision):
            self._findings.add("reference", path, receipt.index)
        self._report.acts[revision] = receipt

    def _enrolment(self, path: str, leaf: str, *, promise: bool) -> None:
        """The receipt of the record by which a key was enrolled."""
        raw = self._read(path, MAX_RECEIPT)
        if raw is None:
            return
        if promise:
            self._findings.add("promised", path)
            return
        receipt = self._receipt(path, raw, self._rings.get(_origin(raw)))
        self._same_head(receipt)
        if receipt.leaf != leaf:
            self._findings.add("reference", path, receipt.index)
        self._enrolments.append(receipt)

    def _promise(self, path: str, raw: bytes, revision: int) -> None:
        """A record signed but not published yet: nothing proves that it will be, nor what it says.

        The keys that may have signed it are those the pack gives, of which only the first is proved.
        """
        for origin, ring in self._rings.items():
            attempt = Findings()
            signed = read_record(raw, [key for _, key in ring.recorders], origin, path, None, attempt)
            if signed is not None:
                record, _ = signed
                if (record.object, record.revision) != (self._report.exchange, revision):
                    self._findings.add("reference", path)
                self._report.promised.append(revision)
                self._findings.add("promised", path)
                return
        self._findings.add("record-unknown-key", path)

    def _acts(self) -> None:
        written: dict[int, str] = {}
        for path, match in self._matching(_ACT):
            revision = int(match[1])
            written[revision] = path
            if revision in self._report.acts:
                self._act(path, self._report.acts[revision])
            elif revision not in self._report.promised:
                self._findings.add("act-without-proof", path)
        known = {*written, *self._report.acts, *self._report.promised}
        for revision in range(1, max(known, default=0) + 1):
            if revision not in written:
                self._findings.add("act-missing", "actes", revision=revision)

    def _act(self, path: str, receipt: ReceiptReport) -> None:
        raw = self._read(path)
        if raw is None or receipt.facts is None or receipt.record is None:
            return
        facts = receipt.facts
        expected = {key: facts[key] for key in ("act", "by", "party", "on", "derived")} | {
            "revision": receipt.record.revision, "at": receipt.record.at, "input": receipt.document(),
            "erased": receipt.erased,
        }  # fmt: skip
        try:
            same = canonical(read_json(raw)) == canonical(expected)  # in Python 1, 1.0 and True are equal
        except (MalformedError, TypeError):
            same = False
        if not same:
            self._findings.add("act-differs", path)

    def _pieces(self) -> None:
        named = {
            str(act.facts["derived"].get("sha256")): act
            for act in self._report.acts.values()
            if act.facts and act.facts["act"] == "attachments" and type(act.facts["derived"]) is dict
        }
        present = set()
        for path, match in self._matching(_PIECE):
            content = self._read(path)
            present.add(match[1])
            if content is not None and hashlib.sha256(content).hexdigest() != match[1]:
                self._findings.add("attachment", path)
            if match[1] not in named and not self._report.promised:
                self._findings.add("attachment-unknown", path)
        self._report.pieces = len(present)
        for sha256, act in named.items():
            if sha256 not in present and not act.erased:
                self._findings.add("attachment-missing", act.name, act.index, sha256=sha256)


def _opens(first: ReceiptReport, file: KeysFile) -> bool:
    """Whether the receipt proves that the log's first record is what the keys file opens as such."""
    told = file.openings[0] if file.openings else None
    return (
        first.facts is not None
        and first.record is not None
        and first.index == 0
        and first.facts["act"] == OPENED
        and told is not None
        and told.index == 0
        and commit_facts(told.salt, told.facts.encode()) == first.record.commit
    )


def _origin(receipt: bytes) -> str:
    """The origin a receipt's head is of; empty when it cannot be read (said elsewhere)."""
    try:
        return parse_checkpoint(split_note(parse_receipt(receipt).checkpoint)[0]).origin
    except MalformedError:
        return ""
