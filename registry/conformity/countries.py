"""Countries: those of the European Economic Area, and French names for messages."""

from functools import cache
from typing import Any
from unicodedata import normalize

from babel import Locale

EEA = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
"""ISO 3166-1 codes of the European Economic Area: the Union, Iceland, Liechtenstein and Norway."""

_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
"""Codes of other things among those of countries."""


@cache
def _names() -> dict[str, str]:
    return {code: str(name) for code, name in Locale("fr").territories.items()}


def country_name(code: Any) -> str:
    """The French name of a country code; the code itself when it is unknown."""
    return _names().get(str(code), str(code)) if code else ""


def country_names() -> list[tuple[str, str]]:
    """The countries' ISO 3166-1 codes with their French names, in the order of a French dictionary."""
    named = [(code, name) for code, name in _names().items() if len(code) == 2 and code not in _NO_COUNTRIES]
    return sorted(named, key=lambda one: normalize("NFD", one[1]).casefold())
