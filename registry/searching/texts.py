"""What of an exchange is searched: all that people typed in it and may still be read, its reference and its parties."""

from collections.abc import Iterator
from typing import Any

import msgspec

from registry.exchange.file import File
from registry.searching.words import with_stems
from schemas import split

_TYPED = frozenset({
    "text", "reasons", "alternative", "proof", "question", "answer", "items", "file_name", "outcome_reasons",
    "urgency_reason", "override_reasons", "dpo_advice", "departure_reasons", "evidence", "authorised_users",
    "record_reference",
})  # fmt: skip
"""Keys of the file under which people typed something, wherever they are; requests are read by their schema."""
_MOST = 10_000


def texts_of(file: File) -> list[str]:
    """The texts of an exchange as it stands, its reference first."""
    return [file.reference, *_typed(msgspec.to_builtins(file))]


def _typed(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from split("request", item)[1] if name == "request" else _typed(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _typed(item, key)
    elif isinstance(value, str) and key in _TYPED:
        yield value


def words_of(file: File) -> str:
    """The words that find an exchange, in order, separated by spaces; with a mark for each of its parties."""
    marks = {mark(party) for party in (file.requester, file.holder, file.initiated_by) if party}
    named = (party.replace("-", " ") for party in (file.requester, file.holder))
    return " ".join(sorted(marks | with_stems([*texts_of(file), *named], _MOST)))


def mark(party: str) -> str:
    """What stands for a party among words: no text gives a word that begins so. A search is narrowed by it to the
    exchanges of the party that searches before anything else is read."""
    return "_" + party.replace("-", "_")
