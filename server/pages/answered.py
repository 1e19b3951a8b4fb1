"""Answers that are not saved: what is wrong with them, and what somebody else answered in the meantime."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from registry.processing.differences import in_words
from registry.processing.normal import normal
from registry.refusals import Refusal
from schemas import schema
from server.pages.forms import errors_of


@dataclass(frozen=True)
class Differing:
    """A question, what was saved meanwhile, and what one was about to save; "" without an answer."""

    title: str
    theirs: str
    mine: str


@dataclass(frozen=True)
class Answered:
    """What a form shows beside the saved request: the answers, why they were refused, the row to go on at; and what
    differs from a version that was saved meanwhile."""

    answers: dict[str, Any]
    refusal: Refusal | None = None
    focus: str = ""
    differing: tuple[Differing, ...] = ()

    @property
    def errors(self) -> dict[str, str]:
        """The refusal's sentences by field."""
        found: dict[str, str] = errors_of(self.refusal)["errors"] if self.refusal else {}
        return found

    @property
    def sentence(self) -> str:
        """The refusal in one sentence, where nothing else tells it."""
        told = self.refusal is None or self.errors or self.differing
        return "" if told or self.refusal is None else self.refusal.sentence

    @property
    def status(self) -> int:
        """The status of the page."""
        return self.refusal.status if self.refusal else 200


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
