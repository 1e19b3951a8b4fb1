"""What two people answered differently at the same time, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from registry.processing.differences import in_words
from registry.processing.normal import normal
from schemas import schema


@dataclass(frozen=True)
class Differing:
    """A question, what was saved meanwhile, and what one was about to save; "" without an answer."""

    title: str
    theirs: str
    mine: str


def differing(keys: Iterable[str], theirs: Mapping[str, Any], mine: Mapping[str, Any]) -> tuple[Differing, ...]:
    """The questions of these names that two versions of a request answer differently."""
    properties, found = schema("request")["properties"], []
    for key in dict.fromkeys(name.split("/")[0] for name in keys):
        there, here = normal({key: theirs.get(key)}), normal({key: mine.get(key)})
        if there != here:
            described = properties[key]
            words = (in_words(described, answers[key]) if key in answers else "" for answers in (there, here))
            found.append(Differing(str(described["title"]), *words))
    return tuple(found)
