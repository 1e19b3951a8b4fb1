"""Refusing a document or a piece that holds exchanged data: what was found where, masked."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from registry.exchanged_data.nir import numbers, possible
from registry.exchanged_data.persons import LINES, person_lines
from registry.exchanged_data.pieces import texts_of
from registry.refusals import Detail, Refusal
from schemas.pointers import escaped

_SENTENCE = (
    "Écluse ne reçoit jamais les données échangées. Rien n'a été enregistré : retirez ces informations, décrivez les "
    "données par catégories et sans nommer personne."
)
_WORTH_READING = re.compile(r"[\d@]")
_SHOWN = 10
_BLOCK, _OVERLAP = 200_000, 100


class ExchangedData(Refusal):
    """Personal data of the exchange itself stand in what was sent."""

    slug, status, title = "exchanged-data", 422, "Données échangées"


def refuse_in_document(document: Any) -> None:
    """Raise ExchangedData when a text of a JSON document holds a NIR, or its texts a list of persons."""
    texts = list(_texts(document))
    worth = [text for text in texts if len(text) > _SHOWN and _WORTH_READING.search(text)]
    if possible("\n".join(worth)) or len({means for text in worth for means in person_lines(text)}) >= LINES:
        details = list(_details(document))
        if details:
            raise ExchangedData(_SENTENCE, details)


def _texts(document: Any) -> Iterator[str]:
    level = [document]
    while level:
        below: list[Any] = []
        for value in level:
            kind = type(value)
            if kind is str:
                yield value
            elif kind is dict:
                below.extend(value.values())
            elif kind is list:
                below.extend(value)
        level = below


def _placed(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, (dict, list)):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _placed(item, f"{place}/{escaped(step)}")


def _details(document: Any) -> Iterator[Detail]:
    """Each place of a NIR; each place that holds lines of a list, when the document holds enough of them."""
    placed = list(_placed(document))
    begins = list(accumulate((len(text) + 1 for _, text in placed), initial=0))
    for found in numbers("\n".join(text for _, text in placed))[:_SHOWN]:
        place = placed[bisect_right(begins, found.start) - 1][0]
        yield Detail(pointer=place, message=_number_sentence(found.masked))
    named = [(place, lines) for place, text in placed if (lines := person_lines(text))]
    if len({means for _, lines in named for means in lines}) >= LINES:
        for place, lines in named[:_SHOWN]:
            yield Detail(pointer=place, message=_list_sentence(lines))


def refuse_in_piece(content: bytes) -> None:
    """Raise ExchangedData when an uploaded file holds a NIR or a list of persons, or cannot be read within bounds.
    Reads text, tables, office documents and the text of PDF files; CPU-bound, up to a second on the largest."""
    for text in texts_of(content):
        persons: dict[str, str] = {}
        for block in _blocks(text):
            if possible(block) and (found := numbers(block)):
                raise ExchangedData(_SENTENCE, [Detail(pointer="/file", message=_number_sentence(found[0].masked))])
            persons |= person_lines(block)
            if len(persons) >= LINES:
                raise ExchangedData(_SENTENCE, [Detail(pointer="/file", message=_list_sentence(persons))])


def _blocks(text: str) -> Iterator[str]:
    """A long text in parts, cut between lines where it has some: one search holds the interpreter while it lasts."""
    start = 0
    while start < len(text):
        end = len(text) if len(text) - start <= _BLOCK else text.rfind("\n", start, start + _BLOCK) + 1
        if end <= start:
            yield text[start : start + _BLOCK + _OVERLAP]
            end = start + _BLOCK
        else:
            yield text[start:end]
        start = end


def _number_sentence(masked: str) -> str:
    return f"Un numéro de sécurité sociale semble figurer ici : « {masked} »."


def _list_sentence(found: dict[str, str]) -> str:
    lines = "1 ligne" if len(found) == 1 else f"{len(found)} lignes"
    return f"Une liste de personnes semble figurer ici ({lines}) : « {next(iter(found.values()))} »."
