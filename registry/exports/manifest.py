"""The manifest of an export: what was exported, by whom, as of when, and the fingerprint of every record.

`{"manifest": 1, "format", …heading, "count", "records_sha256", "content_sha256", "file_sha256", "records": ["<sha256>
<version> <status> <reference>", …], "record", "head", "receipt"}`. `records_sha256` is the SHA-256 of the lines of
`records`, each ended by LF: what the export's signed event names is small whatever the register's size. `record` is
that event's signed record, `head` the last head known of its log, `receipt` the record's proof once it is published;
all are None when nobody signs. `file_sha256` is the file's own, for formats whose manifest travels beside them, else
None; `content_sha256` that of a JSON document's bytes before its manifest, else None.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from registry.exports.heading import Heading
from registry.processing.normal import digest

Document = dict[str, Any]

VERSION = 1
SUFFIX = ".manifeste.json"
"""Ends the name of a manifest that travels beside its file."""


class Manifest:
    """A manifest being made, a record at a time; holds about 120 bytes for each."""

    def __init__(self, form: str, heading: Heading) -> None:
        self._facts = {"manifest": VERSION, "format": form, **heading.document()}
        self._records: list[str] = []
        self._digest = hashlib.sha256()

    def note(self, line: Mapping[str, Any], record: Document) -> None:
        """Take down one line of the register, as it is exported; `record` in its normal form."""
        entered = f"{digest(record)} {line['version']} {line['status']} {line['reference']}"
        self._records.append(entered)
        self._digest.update(entered.encode() + b"\n")

    def facts(self, *, content_sha256: str | None = None, file_sha256: str | None = None) -> Document:
        """What the export's event signs: everything but the list of records."""
        return {
            **self._facts,
            "count": len(self._records),
            "records_sha256": self._digest.hexdigest(),
            "content_sha256": content_sha256,
            "file_sha256": file_sha256,
        }

    def document(self, facts: Document, seal: Mapping[str, Any]) -> Document:
        """The whole manifest, with what seals it: signed record, last head of its log, receipt."""
        sealed = {key: seal.get(key) for key in ("record", "head", "receipt")}
        return {**facts, "records": self._records, **sealed}


def records_digest(records: list[str]) -> str:
    """The `records_sha256` of these lines."""
    return hashlib.sha256("".join(line + "\n" for line in records).encode()).hexdigest()
