"""What an exchange asks for, in plain words: the request's answers, grouped by the questions people ask of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.processing.normal import normal
from schemas import schema
from server.pages.words import Line, line, lines

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("À quoi serviront les données ?", ("purposes", "convention_field", "action_sheet")),
    ("Quelles données ?", ("data_items", "data_nature", "exchange_mode")),
    ("Sur qui portent-elles ?", ("data_subjects", "volume")),
    ("Qui les verra ?", ("recipients", "processors", "transfers")),
    ("Combien de temps ?", ("retention", "frequency", "period")),
    ("Par quelle voie ?", ("channel",)),
    ("Qu'est-ce qui l'autorise ?", ("legal_basis", "origin", "controllership", "article_26_arrangement")),
    ("Qu'est-ce qui protège les personnes ?", ("information", "dpia", "uses", "open_data_alternatives")),
)
"""The questions, each with the keys of the request that answer it."""
FIRST = 5
"""How many groups answer what everybody asks first; the others are for those who study the request."""


@dataclass(frozen=True)
class Group:
    """A question and the answers to it."""

    question: str
    lines: list[Line]


def asked(request: Mapping[str, Any]) -> list[Group]:
    """The groups in order, those without any answer included: an answer that is missing is shown as missing."""
    answers, properties = normal(dict(request)), schema("request")["properties"]
    return [Group(question, _answers(properties, answers, keys)) for question, keys in GROUPS]


def _answers(properties: Mapping[str, Any], answers: Mapping[str, Any], keys: tuple[str, ...]) -> list[Line]:
    found: list[Line] = []
    for key in keys:
        if key not in answers:
            continue
        described = properties[key]
        found += lines(described, answers[key]) if "properties" in described else [line(key, described, answers[key])]
    return found
