"""Values as people type them in cells: labels, dates, numbers, countries; each refused in words where it is unknown."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

from registry.exports.cnil.fiche import countries
from registry.processing.selection import folded
from schemas import vocabulary

_FRENCH = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_EPOCH = date(1899, 12, 30)
"""Day 0 of spreadsheets."""


class Unknown(Exception):
    """A value that cannot be read; the message is the French sentence."""


def plain(text: str) -> str:
    """A label as it is compared: case, accents, kinds of apostrophe and white space put aside."""
    return " ".join(folded(text).replace("\u00a0", " ").split()).rstrip(" :")


@cache
def _ids(name: str) -> Mapping[str, str]:
    """Ids by every label that names one alone, ours or the CNIL's."""
    found: dict[str, set[str]] = {}
    for key, described in vocabulary()["enumerations"][name].items():
        for wording in (described["label"], described.get("cnil_label"), key):
            if wording:
                found.setdefault(plain(wording), set()).add(key)
    return {wording: keys.pop() for wording, keys in found.items() if len(keys) == 1}


def known(name: str, text: str) -> str | None:
    """The id that a label names alone in an enumeration, None when none or several."""
    return _ids(name).get(plain(text))


def one_of(name: str) -> Callable[[str], str]:
    """A reader of an enumeration's labels."""

    def read(text: str) -> str:
        found = known(name, text)
        if found is None:
            labels = [str(item["label"]) for item in vocabulary()["enumerations"][name].values()]
            raise Unknown(f"Valeur inconnue : « {text[:80]} ». Valeurs admises : {' · '.join(labels)}.")
        return found

    return read


def day(text: str) -> str:
    """A date, as people or spreadsheets write it, in ISO form."""
    text = text.strip()
    match = _FRENCH.fullmatch(text)
    try:
        if match:
            return date(int(match[3]), int(match[2]), int(match[1])).isoformat()
        if text.isdecimal() and len(text) == len("44986"):
            return (_EPOCH + timedelta(days=int(text))).isoformat()
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Unknown(f"« {text[:40]} » n'est pas une date (JJ/MM/AAAA attendu).") from None


def number(text: str) -> int:
    """A whole number."""
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise Unknown(f"« {text[:40]} » n'est pas un nombre entier.")
    return int(text)


@cache
def _codes() -> Mapping[str, str]:
    return {plain(name): code for code, name in countries().items()}


def country(text: str) -> str:
    """A country's ISO 3166-1 code, from its French name or the code itself."""
    found = _codes().get(plain(text))
    if found is None and len(text.strip()) > 2:
        raise Unknown(f"Pays inconnu : « {text[:80]} ».")
    return found or text.strip()


def by_schema(described: Mapping[str, Any]) -> Callable[[str], Any]:
    """A reader of the values that a schema describes."""
    if "x-enumeration" in described:
        return one_of(described["x-enumeration"])
    if described.get("format") == "date":
        return day
    return number if "integer" in described.get("type", ()) else str.strip
