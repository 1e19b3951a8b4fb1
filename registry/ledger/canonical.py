"""Canonical JSON (RFC 8785) within the ledger's subset: ASCII keys, strings, integers below 2^53, no floats."""

import json
from typing import Any

from registry.ledger.errors import MalformedError

LIMIT = 2**53
"""Integers are strictly smaller, in absolute value: RFC 8785 writes numbers as IEEE doubles."""
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_PLAIN = frozenset({str, bool, type(None)})


def canonical(value: Any) -> bytes:
    """The one byte string that stands for a JSON value, UTF-8.

    Within the subset the standard encoder, keys sorted and no spaces, writes exactly what RFC 8785 asks; outside it
    would not (key order beyond the BMP, floats), hence the refusals.
    Raises MalformedError on a float, an integer of 2^53 or more, a key that is not ASCII, a lone surrogate, or a value
    nested too deeply to be walked; TypeError on a key that is not text.
    """
    try:
        _require_subset(value)
        return _ENCODER.encode(value).encode()
    except (RecursionError, UnicodeEncodeError) as error:
        raise MalformedError("the value is nested too deeply, or a text of it is not Unicode") from error


def parse_canonical(raw: bytes) -> Any:
    """The JSON value of canonical bytes. Raises MalformedError on bytes that `canonical` would not have written.

    Duplicate keys, spaces, other escapes, other spellings of a number: all are found by writing the value again.
    """
    try:
        value = json.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise MalformedError("canonical JSON is expected") from error
    if canonical(value) != raw:
        raise MalformedError("the JSON is not in canonical form")
    return value


def _require_subset(value: Any) -> None:
    kind = type(value)
    if kind is dict:
        if not "".join(value).isascii():
            raise MalformedError("a key of the ledger is ASCII text")
        for item in value.values():
            if type(item) not in _PLAIN:
                _require_subset(item)
    elif kind is list:
        for item in value:
            if type(item) not in _PLAIN:
                _require_subset(item)
    elif kind is int:
        if not -LIMIT < value < LIMIT:
            raise MalformedError("an integer of the ledger is smaller than 2^53")
    elif kind not in _PLAIN:
        raise MalformedError(f"{kind.__name__} has no canonical form in the ledger")
