"""Finding a NIR (numéro de sécurité sociale) in a text, whatever its spaces and dots.

A NIR is 13 characters (sex, year, month, department with Corsica's 2A and 2B, commune, rank) and a key of two digits:
97 − (number mod 97), 2A counting as 19 and 2B as 18. One number in 97 has a right key by chance, so that:

1. 15 characters with a right key are a NIR, however they are written;
2. the six groups of the card (`1 84 12 76 451 089`) are one too, with or without a key, right or wrong;
3. 13 characters alone, or 15 with a wrong key, are one when a word beside them says so, or when several different ones
   stand in the same text: alone, such a number may be an article's code or a time in milliseconds.

SIRET (14 digits), telephone numbers, IBAN and dates never have these lengths between two separators. The six groups
and the key of the card in neighbouring cells of a table are one when the key is right. Digits of other scripts, the
dashes and spaces of typography and invisible characters are read as the plain ones they stand for.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import NamedTuple

_S = "[ .\\-_/'\u2019\u00a0\u202f\u2007\u2009]{0,2}"
"""What may separate two characters of one number. A comma, a semicolon or a new line begins another one."""
_D2, _D3 = f"[0-9]{_S}[0-9]", f"[0-9]{_S}[0-9]{_S}[0-9]"
_CANDIDATE = re.compile(
    # The lookbehind comes after the first character so that the search jumps from digit to digit.
    rf"([1-478])(?<![0-9].){_S}({_D2}){_S}({_D2}){_S}({_D2}|2{_S}[ABab]){_S}({_D3}){_S}({_D3})"
    rf"(?:(?:{_S}[^\S\n]?|[^\S\n]?[(\[]|{_S}[(,]?[^\S\n]?cl[ée][^\S\n]?:?[^\S\n]?)({_D2}))?(?![0-9])"
)
_GROUPED = re.compile(
    r"[0-9]([^0-9A-Za-z])[0-9]{2}\1[0-9]{2}\1(?:[0-9]{2}|2[ABab])\1[0-9]{3}\1[0-9]{3}(?:[^0-9A-Za-z]{1,2}[0-9]{2})?"
)
_CELLS = re.compile(
    r"(?<![0-9])([1-478])([^\S\n]?[,;|\t][^\S\n]?)([0-9]{2})\2([0-9]{2})\2([0-9]{2}|2[ABab])\2([0-9]{3})\2([0-9]{3})\2"
    r"([0-9]{2})(?![0-9])"
)
_BEYOND_LATIN = re.compile("[^\x00-\x7f\u00c0-\u024f]")
_DECIMAL = re.compile(r"[0-9]*[.][0-9]+")
_SAID = re.compile(
    r"\b(?:nirs?|s[ée]cu|s[ée]curit[ée] sociale|immatriculation|num[ée]ros? insee)(?![^\W\d_])", re.IGNORECASE
)
_BESIDE = 80
_MOST = 10_000
"""Candidates read in one text: what holds more holds numbers of another kind, or was made to keep us busy."""
_DIGITS = re.compile(r"[^0-9ABab]")


class Found(NamedTuple):
    """A number found: where it stands in the text, and what may be shown of it."""

    start: int
    end: int
    masked: str


def possible(text: str) -> bool:
    """Whether the text is worth `numbers`: a quick look, on the path of every write."""
    plain = _plainly(text)
    return _CANDIDATE.search(plain) is not None or _CELLS.search(plain) is not None


def numbers(text: str) -> list[Found]:
    """The NIR of a text, in order."""
    text = _plainly(text)
    sure, doubtful = list(_in_cells(text)), {}
    for match in islice(_candidates(text), _MOST):
        sex, year, month, department, commune, rank, key = (_plain(part) for part in match.groups(""))
        if not _plausible(month, department, rank) or _is_decimal(text, match):
            continue
        found = Found(match.start(), match.end(), f"{sex} {year} ●● …")
        number = sex + year + month + department + commune + rank
        if (key and int(key) == key_of(number)) or _GROUPED.fullmatch(match.group()) or _is_said(text, match):
            sure.append(found)
        elif sex in "12" and 1 <= int(month) <= 12:
            doubtful[number] = found
    return sorted([*sure, *doubtful.values()] if len(doubtful) > 1 else sure)


def _plainly(text: str) -> str:
    """The text with plain digits, dashes and spaces, character for character."""
    return text if text.isascii() else _BEYOND_LATIN.sub(lambda match: _plain_character(match.group()), text)


@cache
def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" or character in "\u2212\u00b7\u2022\u2027":
        return "-"
    return " " if category in {"Zs", "Cf"} else character


def _in_cells(text: str) -> Iterator[Found]:
    """The numbers whose groups stand in neighbouring cells, with their right key."""
    for match in islice(_CELLS.finditer(text), _MOST):
        sex, _, year, month, department, commune, rank, key = match.groups()
        number = sex + year + month + department.upper() + commune + rank
        if _plausible(month, department, rank) and int(key) == key_of(number):
            yield Found(match.start(), match.end(), f"{sex} {year} ●● …")


def _candidates(text: str) -> Iterator[re.Match[str]]:
    """Every candidate, those that overlap included: a number may follow another that is none."""
    place = 0
    while match := _CANDIDATE.search(text, place):
        yield match
        place = match.start() + 1


def _plain(part: str) -> str:
    return _DIGITS.sub("", part).upper()


def _plausible(month: str, department: str, rank: str) -> bool:
    """Months from 20 and from 50 are those of births whose date is not fully known."""
    born = int(month)
    known = 1 <= born <= 12 or 20 <= born <= 42 or born >= 50
    return known and department != "00" and rank != "000"


def _is_decimal(text: str, match: re.Match[str]) -> bool:
    """Whether these are the digits of a measure, such as a latitude."""
    before = text[max(match.start() - 2, 0) : match.start()]
    inside = match.group().isdecimal() and len(before) == 2 and before[0].isdecimal() and before[1] in ".,"
    return inside or _DECIMAL.fullmatch(match.group()) is not None


def key_of(number: str) -> int:
    """The key of a 13-character number."""
    digits = number.replace("2A", "19").replace("2B", "18") if not number.isdecimal() else number
    return 97 - int(digits) % 97


def _is_said(text: str, match: re.Match[str]) -> bool:
    before = text[max(match.start() - _BESIDE, 0) : match.start()].rpartition("\n")[2]
    after = text[match.end() : match.end() + _BESIDE].partition("\n")[0]
    return _SAID.search(before) is not None or _SAID.search(after) is not None
