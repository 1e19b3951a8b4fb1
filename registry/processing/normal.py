"""A record in its normal form, and its fingerprint: what an export's manifest lists and a reader computes again."""

import hashlib
import re
from typing import Any

from registry.ledger.canonical import canonical
from schemas import enumeration

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 (§2.2) cannot hold."""


_CHANGED = re.compile("[\x00-\x09\x0b-\x1f\ufffe\uffff]")
"""Those, and what `clean` writes otherwise."""


def clean(text: str) -> str:
    """The text as any office format can hold it: LF line ends, a space for a tab (spreadsheets have none inside a
    cell), U+FFFD in the place of what XML forbids."""
    if not _CHANGED.search(text):
        return text
    return _FORBIDDEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


def normal(value: Any) -> Any:
    """The value without what says nothing (null, blank texts, empty lists and objects) and with clean texts.

    Two records that read the same have the same normal form. White space around a text says nothing either, nor does
    the order of the categories of data.
    """
    kind = type(value)
    if kind is str:
        return clean(value).strip()
    if kind is dict:
        kept = {key: found for key, item in value.items() if (found := normal(item)) or type(found) in _NUMBERS}
        if _CATEGORIES in kept:
            kept[_CATEGORIES] = _ordered(kept[_CATEGORIES])
        return kept
    if kind is list:
        return [found for item in value if (found := normal(item)) or type(found) in _NUMBERS]
    return value


_NUMBERS = frozenset({int, float, bool})
"""What says something even when it is zero or false."""
_CATEGORIES = "categories_of_personal_data"


def _ordered(value: Any) -> Any:
    """Categories of data in the order of the CNIL's register, which has a fixed row for each."""
    if type(value) is not list or not all(type(item) is dict for item in value):
        return value
    order = {name: number for number, name in enumerate(enumeration("cnil_category"))}
    return sorted(value, key=lambda item: order.get(item.get("category"), len(order)))


def fingerprint(record: Any) -> str:
    """SHA-256 (hex) of the canonical JSON (RFC 8785) of the record's normal form."""
    return digest(normal(record))


def digest(record: Any) -> str:
    """The fingerprint of a record that is already in its normal form."""
    return hashlib.sha256(canonical(record)).hexdigest()
