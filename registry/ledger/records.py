"""Records, the leaves of a log: one line of canonical JSON in a signed note (ledger.md §1.3)."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from registry.ledger.canonical import LIMIT, canonical
from registry.ledger.keys import Signer, Verifier
from registry.ledger.notes import open_note, sign_note

TYPES = frozenset({"exchange", "register", "convention", "key", "export", "erasure", "account"})
MAX_BYTES = 65_535
"""An entry's largest size: entry bundles count it on two bytes."""
_VERSION = 1
_AT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", re.ASCII)
_OBJECT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
_COMMIT = re.compile(r"[A-Za-z0-9+/]{43}=", re.ASCII)


class RecordError(ValueError):
    """The record is signed but is not one this version knows."""


@dataclass(frozen=True)
class Record:
    """`object` is a random UUIDv4, `revision` its position in that object's history from 1, `at` the server's UTC
    instant with milliseconds, `actor` a pseudonym of the log, `commit` the commitment to the facts."""

    log: str
    object: str
    revision: int
    at: str
    type: str
    actor: str
    commit: str
    v: int = _VERSION


def sign_record(record: Record, signers: Iterable[Signer]) -> bytes:
    """The record's note, as it is stored and hashed. Raises ValueError when it is not a record or is too large."""
    _require_valid(record)
    note = sign_note(canonical(_fields(record)).decode() + "\n", signers)
    if len(note) > MAX_BYTES:
        raise RecordError("a record has at most 65,535 bytes")
    return note


def parse_record(note: bytes, verifiers: Sequence[Verifier]) -> Record:
    """The record of a note that a known key signed; its JSON is read only once the signature is checked.

    Raises NoteError or RecordError.
    """
    if len(note) > MAX_BYTES:
        raise RecordError("a record has at most 65,535 bytes")
    text = open_note(note, verifiers).text
    line, newline, rest = text.partition("\n")
    if not newline or rest:
        raise RecordError("a record is one line")
    try:
        value = json.loads(line)
        record = Record(**value)
        known = canonical(_fields(record)).decode() == line
    except (ValueError, TypeError, RecursionError) as error:
        raise RecordError("the record cannot be read") from error
    if not known:
        raise RecordError("the record is not in canonical form")
    _require_valid(record)
    return record


def _fields(record: Record) -> dict[str, str | int]:
    """The record's fields by name (much cheaper than `dataclasses.asdict`, which copies deeply)."""
    return vars(record)


def _require_valid(record: Record) -> None:
    texts = (record.log, record.object, record.at, record.type, record.actor, record.commit)
    valid = (
        record.v == _VERSION
        and all(isinstance(text, str) and text for text in texts)
        and record.type in TYPES
        and type(record.revision) is int
        and 0 < record.revision < LIMIT
        and _AT.fullmatch(record.at)
        and _OBJECT.fullmatch(record.object)
        and _COMMIT.fullmatch(record.commit)
    )
    if not valid:
        raise RecordError("a field of the record is not what its version allows")
