"""Canonical JSON (RFC 8785) within the ledger's subset: ASCII keys, strings, integers below 2^53, no floats."""

import json
from typing import Any

LIMIT = 2**53
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_PLAIN = frozenset({str, bool, type(None)})


def canonical(value: Any) -> bytes:
    """The one byte string that stands for a JSON value, UTF-8.

    Within the subset the standard encoder, keys sorted and no spaces, writes exactly what RFC 8785 asks.
    Raises ValueError on a float, an integer of 2^53 or more, a key that is not ASCII text, or a lone surrogate;
    TypeError on a key that is not text.
    """
    _require_subset(value)
    return _ENCODER.encode(value).encode()


def _require_subset(value: Any) -> None:
    kind = type(value)
    if kind is dict:
        if not "".join(value).isascii():
            raise ValueError("a key of the ledger is ASCII text")
        for item in value.values():
            if type(item) not in _PLAIN:
                _require_subset(item)
    elif kind is list:
        for item in value:
            if type(item) not in _PLAIN:
                _require_subset(item)
    elif kind is int:
        if not -LIMIT < value < LIMIT:
            raise ValueError("an integer of the ledger is smaller than 2^53")
    elif kind not in _PLAIN:
        raise ValueError(f"{type(value).__name__} has no canonical form in the ledger")
