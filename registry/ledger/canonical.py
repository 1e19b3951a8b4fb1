"""Canonical JSON (RFC 8785) within the ledger's subset: ASCII keys, strings, integers below 2^53, no floats."""

import json
from typing import Any

LIMIT = 2**53


def canonical(value: Any) -> bytes:
    """The one byte string that stands for a JSON value, UTF-8.

    Within the subset the standard encoder, keys sorted and no spaces, writes exactly what RFC 8785 asks.
    Raises ValueError on a float, an integer of 2^53 or more, a key that is not ASCII text, or a lone surrogate.
    """
    _require_subset(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def _require_subset(value: Any) -> None:
    if value is None or value is True or value is False or type(value) is str:
        return
    if type(value) is int:
        if not -LIMIT < value < LIMIT:
            raise ValueError("an integer of the ledger is smaller than 2^53")
    elif type(value) is dict:
        for key, item in value.items():
            if type(key) is not str or not key.isascii():
                raise ValueError("a key of the ledger is ASCII text")
            _require_subset(item)
    elif type(value) is list:
        for item in value:
            _require_subset(item)
    else:
        raise ValueError(f"{type(value).__name__} has no canonical form in the ledger")
