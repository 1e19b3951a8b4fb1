"""Countries: those of the European Economic Area, and French names for messages."""

from functools import cache
from typing import Any

from babel import Locale

EEA = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
"""ISO 3166-1 codes of the European Economic Area: the Union, Iceland, Liechtenstein and Norway."""


@cache
def _names() -> dict[str, str]:
    return {code: str(name) for code, name in Locale("fr").territories.items()}


def country_name(code: Any) -> str:
    """The French name of a country code; the code itself when it is unknown."""
    return _names().get(str(code), str(code)) if code else ""
