"""Documents in plain words: what a schema describes, as titled lines for templates, without ids or blank answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.conformity.countries import country_name
from registry.processing.differences import in_words
from schemas import schema

Described = Mapping[str, Any]


@dataclass(frozen=True)
class Item:
    """One line of a list: what names it, what else is said of it, and what it is marked with (its « yes » answers)."""

    text: str
    lines: "tuple[Line, ...]" = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """An answer: its title, and a text or a list."""

    title: str
    text: str = ""
    items: tuple[Item, ...] = field(default=())


def lines(described: Described, value: Mapping[str, Any], leave: frozenset[str] = frozenset()) -> list[Line]:
    """Every answer of an object in normal form, in its schema's order, nested objects flattened; less some keys."""
    found: list[Line] = []
    for key, item in described["properties"].items():
        if key not in value or key in leave:
            continue
        if "properties" in item:
            found += lines(item, value[key], leave)
        else:
            found.append(line(key, item, value[key]))
    return found


_FOR_REGISTERS = frozenset({"cnil_category"})
"""What a list's items say for the registers' sake alone: their marks already tell what is sensitive."""


def line(key: str, described: Described, value: Any) -> Line:
    """One answer."""
    if isinstance(value, list):
        return Line(described["title"], items=tuple(item(described["items"], one) for one in value))
    return Line(_title(key, described), _text(key, described, value))


def item(described: Described, value: Any) -> Item:
    """One item of a list."""
    if "properties" not in described:
        return Item(in_words(described, value))
    (first, titled), *others = ((k, d) for k, d in described["properties"].items() if k in value)
    told = [(k, d) for k, d in others if not isinstance(value[k], bool) and k not in _FOR_REGISTERS]
    marks = tuple(d["title"] for k, d in others if value[k] is True)
    return Item(_text(first, titled, value[first]), tuple(line(k, d, value[k]) for k, d in told), marks)


def _title(key: str, described: Described) -> str:
    return "Pays" if key == "country" else "Durée" if key == "months" else str(described["title"])


def _text(key: str, described: Described, value: Any) -> str:
    if key == "country":
        return country_name(value)
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, int):
        return f"{value} mois" if key == "months" else f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return in_words(described, value)


def place(path: str, request: Mapping[str, Any]) -> str:
    """Where a dotted path or a pointer leads in a request, in words: « Données demandées : Quotient familial »."""
    described: Described = schema("request")
    value: Any = request
    titles: list[str] = []
    for step in path.strip("/").replace("/", ".").split("."):
        if "items" in described and step.isdecimal():
            described = described["items"]
            value = value[int(step)] if isinstance(value, list) and int(step) < len(value) else None
            titles.append(_named(described, value, int(step)))
        elif step in described.get("properties", {}):
            described = described["properties"][step]
            value = value.get(step) if isinstance(value, Mapping) else None
            titles.append(str(described["title"]))
        elif step != "request":
            return ""
    return ", ".join(titles)


def _named(described: Described, value: Any, index: int) -> str:
    """What names an item of a list, else its place."""
    first = next(iter(described.get("properties", {})), None)
    name = value.get(first) if isinstance(value, Mapping) and first else value
    return f"« {name} »" if isinstance(name, str) and name else f"n° {index + 1}"
