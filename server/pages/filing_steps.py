"""The steps of a request's form: which questions each one asks, and the short path of data that are not personal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.processing.normal import normal
from schemas import schema
from server.pages.words import Line, line, lines

ASKED = frozenset({"filing", "derived"})
"""What is asked of who files: the derived answers too, since each of them can be corrected."""
REVIEW = "relecture"
_SIDES = frozenset({"holder", "requester"})
_NOT_PERSONAL = frozenset({"non_personal", "aggregated", "anonymous"})


@dataclass(frozen=True)
class Step:
    """A step: its name in addresses, its title, what it is about, and the names of its fields."""

    id: str
    title: str
    lead: str
    keys: tuple[str, ...]


_FIRST = (
    Step(
        "echange",
        "L'échange en quelques mots",
        "De quoi s'agit-il, et à qui vous adressez-vous ?",
        ("title", "holder", "requester", "convention_field", "action_sheet"),
    ),
    Step(
        "usage",
        "L'usage",
        "À quoi serviront les données, et peut-on reconnaître quelqu'un ?",
        ("purposes", "data_nature"),
    ),
)
_LONG = (
    *_FIRST,
    Step("donnees", "Les données", "Chaque information demandée, et pourquoi.", ("data_items", "exchange_mode")),
    Step(
        "personnes",
        "Les personnes concernées",
        "De qui parle-t-on, et combien sont-ils ?",
        ("data_subjects", "volume/count", "volume/scope", "volume/cell_threshold"),
    ),
    Step(
        "destinataires",
        "Les destinataires",
        "Désignez des services et des fonctions, jamais une personne par son nom.",
        ("recipients",),
    ),
    Step(
        "duree",
        "La durée et le rythme",
        "Combien de temps garder les données, et à quel rythme les recevoir ?",
        ("retention", "frequency", "period"),
    ),
)
_SHORT = (
    *_FIRST,
    Step(
        "donnees",
        "Les informations demandées",
        "Des chiffres ou des documents, sans rien qui permette de reconnaître quelqu'un.",
        ("data_items/*/label", "data_items/*/precision", "volume/cell_threshold", "frequency", "period"),
    ),
)


def not_personal(request: Mapping[str, Any]) -> bool:
    """Whether the data are said not to be personal: the request leaves the circuit of article 7."""
    return request.get("data_nature") in _NOT_PERSONAL


def steps_of(request: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps that a request has, in order; a re-reading follows them."""
    return _SHORT if not_personal(request) else _LONG


def begun(step: Step, request: Mapping[str, Any]) -> bool:
    """Whether something of a step is answered, beside what comes from the account."""
    return any(normal([_at(request, key)]) for key in step.keys if key not in _SIDES)


def told(step: Step, request: Mapping[str, Any]) -> list[Line]:
    """The answers of a step, in words."""
    answers, properties, found = normal(dict(request)), schema("request")["properties"], []
    for key in dict.fromkeys(name.split("/")[0] for name in step.keys):
        if key in answers and key not in _SIDES:
            described = properties[key]
            nested = "properties" in described
            found += lines(described, answers[key]) if nested else [line(key, described, answers[key])]
    return found


def step_of_place(place: str, steps: tuple[Step, ...]) -> Step | None:
    """The step that asks for a place of the request (a pointer without its leading slash)."""
    first = place.split("/", maxsplit=1)[0]
    return next((step for step in steps if any(key.split("/")[0] == first for key in step.keys)), None)


def _at(request: Mapping[str, Any], key: str) -> Any:
    value: Any = request
    for name in key.split("/*", maxsplit=1)[0].split("/"):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
