"""Records, the leaves of a log: one line of canonical JSON in a signed note."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.ledger.canonical import LIMIT, canonical
from registry.ledger.errors import MalformedError
from registry.ledger.keys import Signer, Verifier
from registry.ledger.notes import Note, open_note, sign_note

TYPES = frozenset({"exchange", "register", "convention", "key", "export", "erasure", "account"})
"""Coarse and closed: whoever reads the log learns that something happened, the act itself is in the facts."""
MAX_BYTES = 65_535
"""An entry's largest size: entry bundles count it on two bytes."""
_VERSION = 1
_TEXT = re.compile(
    r'\{"actor":"(?P<actor>[!#-\[\]-~]{1,64})'
    r'","at":"(?P<at>[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}\.[0-9]{3}Z)'
    r'","commit":"(?P<commit>[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)'  # 32 bytes: the last two bits are zero
    r'","log":"(?P<log>[^\s+"\\\x00-\x1f\ud800-\udfff]+)'
    r'","object":"(?P<object>[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})'
    rf'","revision":(?P<revision>[1-9][0-9]{{0,15}}),"type":"(?P<type>{"|".join(sorted(TYPES))})'
    rf'","v":{_VERSION}\}}\n'
)
"""The one canonical text of a valid record: no text in it needs an escape, so that one match reads and checks all.

Reading JSON, writing it again and checking each field would cost a tenth of the signature's own check.
"""


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
    text = canonical(vars(record)).decode() + "\n"
    _read(text)
    note = sign_note(text, signers)
    if len(note) > MAX_BYTES:
        raise MalformedError("a record has at most 65,535 bytes")
    return note


def parse_record(note: bytes, verifiers: Iterable[Verifier]) -> Record:
    """The record of a note that a known key signed.

    1. Check the size and the signatures; only then 2. read the one line of canonical JSON, every field checked.
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
    return _read(opened.text)


def _read(text: str) -> Record:
    match = _TEXT.fullmatch(text)
    if not match:
        raise MalformedError("the record is not the canonical text of its version's fields")
    fields: dict[str, Any] = match.groupdict()
    fields["revision"] = int(fields["revision"])
    if fields["revision"] >= LIMIT:
        raise MalformedError("an integer of the ledger is smaller than 2^53")
    try:
        datetime.fromisoformat(fields["at"])
    except ValueError as error:
        raise MalformedError("the record's instant does not exist") from error
    return Record(**fields)
