"""A record in its normal form, and its fingerprint: what an export's manifest lists and a reader computes again."""

import hashlib
import re
from typing import Any

from registry.ledger.canonical import canonical

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 (§2.2) cannot hold."""


def clean(text: str) -> str:
    """The text as any office format can hold it: LF line ends, U+FFFD in the place of what XML forbids."""
    return _FORBIDDEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def normal(value: Any) -> Any:
    """The value without what says nothing (null, blank texts, empty lists and objects) and with clean texts.

    Two records that read the same have the same normal form. White space around a text says nothing either.
    """
    if isinstance(value, str):
        return clean(value).strip()
    if isinstance(value, dict):
        kept = {key: normal(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in (None, "", [], {})}
    if isinstance(value, list):
        return [item for item in map(normal, value) if item not in (None, "", [], {})]
    return value


def fingerprint(record: Any) -> str:
    """SHA-256 (hex) of the canonical JSON (RFC 8785) of the record's normal form."""
    return hashlib.sha256(canonical(normal(record))).hexdigest()
