"""A record in its normal form, and its fingerprint: what an export's manifest lists and a reader computes again."""

import hashlib
import re
from typing import Any

from registry.ledger.canonical import canonical
from schemas import enumeration

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 (§2.2) cannot hold."""


def clean(text: str) -> str:
    """The text as any office format can hold it: LF line ends, a space for a tab (spreadsheets have none inside a
    cell), U+FFFD in the place of what XML forbids."""
    return _FORBIDDEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


def normal(value: Any) -> Any:
    """The value without what says nothing (null, blank texts, empty lists and objects) and with clean texts.

    Two records that read the same have the same normal form. White space around a text says nothing either, nor does
    the order of the categories of data.
    """
    if isinstance(value, str):
        return clean(value).strip()
    if isinstance(value, dict):
        kept = {key: _ordered(key, normal(item)) for key, item in value.items()}
        return {key: item for key, item in kept.items() if not is_nothing(item)}
    if isinstance(value, list):
        return [item for item in map(normal, value) if not is_nothing(item)]
    return value


def is_nothing(value: Any) -> bool:
    """Whether a normal value says nothing."""
    return value is None or value in ("", [], {})


def _ordered(key: str, value: Any) -> Any:
    """Categories of data in the order of the CNIL's register, which has a fixed row for each."""
    if key != "categories_of_personal_data" or not isinstance(value, list):
        return value
    order = {name: number for number, name in enumerate(enumeration("cnil_category"))}
    return sorted(value, key=lambda item: order.get(item.get("category"), len(order)))


def fingerprint(record: Any) -> str:
    """SHA-256 (hex) of the canonical JSON (RFC 8785) of the record's normal form."""
    return digest(normal(record))


def digest(record: Any) -> str:
    """The fingerprint of a record that is already in its normal form."""
    return hashlib.sha256(canonical(record)).hexdigest()
