"""Strict base64 and decimals: one text for each value, so that no byte of a signed file can change unnoticed.

Python's own readers are lenient: `b64decode(validate=True)` accepts leftover bits before the padding, `int()` takes
signs, spaces, underscores, leading zeros and the digits of every script.
"""

import base64
import binascii
import re

from registry.ledger.errors import MalformedError

LARGEST = 2**63 - 1
"""The largest size, index or time: C2SP's bound for times, and what a database's bigint holds."""
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def encode_base64(raw: bytes) -> str:
    """Standard base64 with padding (RFC 4648 §4)."""
    return base64.b64encode(raw).decode()


def decode_base64(text: str, size: int | None = None) -> bytes:
    """The bytes of standard base64, `size` of them when given. Raises MalformedError on any other spelling."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("base64 is expected") from error
    if encode_base64(raw) != text:
        raise MalformedError("base64 in its one canonical spelling is expected")
    if size is not None and len(raw) != size:
        raise MalformedError(f"{size} bytes are expected in base64")
    return raw


def decode_decimal(text: str) -> int:
    """An ASCII decimal from 0 to 2^63 - 1, no sign, no leading zero. Raises MalformedError."""
    if not _DECIMAL.fullmatch(text) or (value := int(text)) > LARGEST:
        raise MalformedError("a decimal without sign or leading zero is expected")
    return value
