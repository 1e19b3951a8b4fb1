"""What somebody types in a search field, as an expression of words. Whatever is typed is words, never an operator."""

from collections.abc import Sequence
from typing import NamedTuple

from registry.searching.texts import mark
from registry.searching.words import stem, words

_COMMON = frozenset({
    "au", "aux", "avec", "ce", "ces", "cette", "dans", "de", "des", "du", "elle", "en", "est", "et", "il", "la", "le",
    "les", "leur", "leurs", "ne", "nos", "notre", "nous", "on", "ou", "par", "pas", "pour", "qu", "que", "qui", "sa",
    "se", "ses", "son", "sont", "sur", "un", "une", "vos", "votre", "vous",
})  # fmt: skip
_MOST = 12


class Query(NamedTuple):
    """Stems that must all be there, and the last word, which may be the beginning of one when it is `completed`."""

    stems: tuple[str, ...]
    last: str
    completed: bool = True

    def fts5(self, parties: Sequence[str]) -> str:
        """The expression for SQLite's FTS5, among the exchanges of parties."""
        marks = " OR ".join(f'"{mark(party)}"' for party in parties)
        word = f'"{stem(self.last)}"'
        last = f'("{self.last}"* OR {word})' if self.completed else word
        return " AND ".join([f"({marks})", *(f'"{one}"' for one in self.stems), last])

    def tsquery(self, parties: Sequence[str]) -> str:
        """The same for PostgreSQL, as the text of a `tsquery`."""
        marks = " | ".join(f"'{mark(party)}'" for party in parties)
        word = f"'{stem(self.last)}'"
        last = f"('{self.last}':* | {word})" if self.completed else word
        return " & ".join([f"({marks})", *(f"'{one}'" for one in self.stems), last])


def asked(text: str) -> Query | None:
    """The query of a typed text, of its first words if there are many; None when there is no word in it. Articles and
    the like count only when nothing else was typed."""
    typed = list(dict.fromkeys(words(text)))
    told = ([word for word in typed if word not in _COMMON] or typed)[:_MOST]
    if not told:
        return None
    *whole, last = told
    return Query(tuple(dict.fromkeys(map(stem, whole))), last)
