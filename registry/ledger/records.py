"""Records, the leaves of a log: one line of canonical JSON in a signed note (ledger.md §1.3)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from registry.ledger.canonical import LIMIT, canonical, parse_canonical
from registry.ledger.errors import MalformedError
from registry.ledger.keys import Signer, Verifier, require_name
from registry.ledger.notes import Note, open_note, sign_note

TYPES = frozenset({"exchange", "register", "convention", "key", "export", "erasure", "account"})
"""Coarse and closed: whoever reads the log learns that something happened, the act itself is in the facts."""
MAX_BYTES = 65_535
"""An entry's largest size: entry bundles count it on two bytes."""
_VERSION = 1
_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_OBJECT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_ACTOR = re.compile(r"[!-~]{1,64}")
_COMMIT = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")
"""32 bytes in canonical base64: the last character carries two bits that must be zero."""


@dataclass(frozen=True)
class Record:
    """What a leaf says.

    `log`: the log's origin; `object`: a random UUIDv4; `revision`: the position in that object's history, +1 each
    record, from 1; `at`: the server's UTC instant, `YYYY-MM-DDTHH:MM:SS.mmmZ`; `type`: one of TYPES; `actor`: a random
    pseudonym of that log; `commit`: the commitment to the facts, base64; `v`: the version of this schema.
    """

    log: str
    object: str
    revision: int
    at: str
    type: str
    actor: str
    commit: str
    v: int = _VERSION


def sign_record(record: Record, signers: Iterable[Signer]) -> bytes:
    """The record's note, as stored and hashed, UTF-8. Raises MalformedError on a field not allowed or its size."""
    _require_valid(record)
    note = sign_note(canonical(vars(record)).decode() + "\n", signers)
    if len(note) > MAX_BYTES:
        raise MalformedError("a record has at most 65,535 bytes")
    return note


def parse_record(note: bytes, verifiers: Iterable[Verifier]) -> Record:
    """The record of a note that a known key signed.

    1. Check the size and the signatures; only then 2. read the one line of canonical JSON; 3. check every field.
    That `log` is the log it was found in is the caller's to check. Raises a LedgerError.
    """
    return record_of(open_record(note, verifiers))


def open_record(note: bytes, verifiers: Iterable[Verifier]) -> Note:
    """The opened note of a record, for callers who ask which of the known keys signed. Raises a LedgerError."""
    if len(note) > MAX_BYTES:
        raise MalformedError("a record has at most 65,535 bytes")
    return open_note(note, verifiers)


def record_of(opened: Note) -> Record:
    """The record of an opened note: `parse_record` after its first step. Raises MalformedError."""
    text = opened.text
    value = parse_canonical(text[:-1].encode())  # canonical JSON has no newline: this is the one line
    if type(value) is not dict or value.keys() != Record.__dataclass_fields__.keys():
        raise MalformedError("the fields of the record are not those of its version")
    record = Record(**value)
    _require_valid(record)
    return record


def _require_valid(record: Record) -> None:
    texts = (record.log, record.object, record.at, record.type, record.actor, record.commit)
    valid = (
        # `type … is`: True equals 1 in Python, not in JSON
        type(record.v) is int
        and record.v == _VERSION
        and type(record.revision) is int
        and 0 < record.revision < LIMIT
        and all(type(text) is str for text in texts)
        and record.type in TYPES
        and _AT.fullmatch(record.at)
        and _OBJECT.fullmatch(record.object)
        and _ACTOR.fullmatch(record.actor)
        and _COMMIT.fullmatch(record.commit)
    )
    if not valid:
        raise MalformedError("a field of the record is not what its version allows")
    require_name(record.log)
    try:
        datetime.fromisoformat(record.at)
    except ValueError as error:
        raise MalformedError("the record's instant does not exist") from error
