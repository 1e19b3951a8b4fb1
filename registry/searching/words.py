"""Words: accents folded, endings cut by the French stemmer of Snowball.

Folding comes first, so that « agées » typed without its accents is cut where « âgées » is. A word is made of ASCII
letters and digits: neither engine has anything to interpret in it.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from unicodedata import normalize

from snowballstemmer import stemmer

_STEMMER = stemmer("french")
_WORD = re.compile(r"[a-z]{2,}[0-9]*|[0-9]+[a-z]*|[a-z][0-9]+")
_FOLDED = {ord("œ"): "oe", ord("æ"): "ae", **dict.fromkeys(range(0x300, 0x370))}
LONGEST = 40
"""Longer words are cut, in exchanges and in what is typed alike."""


def words(text: str) -> Iterator[str]:
    """The words of a text, in order, folded; single letters (l', d', à…) are left out."""
    plain = text if text.isascii() else normalize("NFKD", text.casefold().translate(_FOLDED)).translate(_FOLDED)
    for word in _WORD.findall(plain.lower()):
        yield word[:LONGEST]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A folded word without its ending. The stemmer takes some sixty microseconds, and a convention has few words."""
    return str(_STEMMER.stemWord(word))


def with_stems(texts: Iterable[str], most: int) -> set[str]:
    """The words of texts and their stems: the whole words serve those who have not typed theirs to the end. Beyond
    `most` words, what follows is not indexed."""
    found: dict[str, None] = {}
    for text in texts:
        found |= dict.fromkeys(words(text))
        if len(found) >= most:
            break
    kept = list(found)[:most]
    return {*kept, *map(stem, kept)}
