"""One row of `event` against the record it holds: signature, columns, leaf hash, commitment to the facts."""

from dataclasses import dataclass
from typing import Any

from registry.ledger.commitments import commit_facts
from registry.ledger.errors import LedgerError, SignatureError, UnknownKeyError
from registry.ledger.merkle import leaf_hash
from registry.ledger.records import Record, open_record, record_of
from registry.storage.reconcile.findings import Report
from registry.storage.reconcile.naming import Named

COLUMNS = "seq, object, revision, type, at, actor, facts, salt, record, leaf_hash"


@dataclass(frozen=True)
class EventRow:
    """A row of `event`, its bytes as bytes."""

    seq: int
    object: str
    revision: int
    type: str
    at: str
    actor: str
    facts: bytes
    salt: bytes
    record: bytes
    leaf_hash: bytes

    @classmethod
    def of(cls, values: Any) -> "EventRow":
        """From the values of COLUMNS."""
        return cls(*values[:6], *map(bytes, values[6:]))

    @property
    def key(self) -> str:
        """How the row is named in a finding."""
        return f"seq {self.seq}, objet {self.object}, révision {self.revision}"


def check_row(row: EventRow, origin: str, named: Named, report: Report) -> bytes:
    """Check a row and answer its leaf hash, computed anew."""
    hashed = leaf_hash(row.record)
    if hashed != row.leaf_hash:
        report.add("leaf-hash", "event", row.key)
    record = _opened(row, named, report)
    if record is not None:
        _check_columns(row, record, origin, report)
        if not _commits(row, record):
            report.add("facts", "event", row.key)
    return hashed


def _opened(row: EventRow, named: Named, report: Report) -> Record | None:
    try:
        opened = open_record(row.record, [*named.recorders, *named.parties])
        if not set(opened.signed_by) & set(named.recorders):
            report.add("signature", "event", row.key)
        return record_of(opened)
    except (SignatureError, UnknownKeyError):
        report.add("signature", "event", row.key)
    except LedgerError:
        report.add("record", "event", row.key)
    return None


def _check_columns(row: EventRow, record: Record, origin: str, report: Report) -> None:
    if record.log != origin:
        report.add("column", "event", row.key, column="log")
    for column in ("object", "revision", "type", "at", "actor"):
        if getattr(row, column) != getattr(record, column):
            report.add("column", "event", row.key, column=column)


def _commits(row: EventRow, record: Record) -> bool:
    try:
        return commit_facts(row.salt, row.facts) == record.commit
    except LedgerError:
        return False
