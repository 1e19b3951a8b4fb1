"""Reading JSON as JSON Schema understands it: a whole number is an integer, also with decimals or an exponent."""

from typing import Any

import msgspec


def decoded(text: bytes) -> Any:
    """The JSON value of a text. Raises msgspec.DecodeError, UnicodeDecodeError or RecursionError."""
    return _DECODER.decode(text)


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number


_DECODER = msgspec.json.Decoder(float_hook=_number)
