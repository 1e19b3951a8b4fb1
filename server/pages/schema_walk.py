"""How a form goes through a JSON Schema: references followed, the control of each part, the parts that are asked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas import bundled

Described = Mapping[str, Any]

ADD, REMOVE = "_add", "_remove"
"""Buttons: a row more in the group of that name; away with the row of that name."""
NEW = "new-"
"""What stands for a row's number in the row that a script copies."""
_NUMBER = re.compile(r"(?<=/)(?:[0-9]+|new-[0-9]+)(?=/|$)", re.ASCII)
_DEFINITION = "#/$defs/"
_SHORT, _LINE = 500, 30


class Walk:
    """One schema, its references followed."""

    def __init__(self, name: str) -> None:
        self._bundle = bundled(name)
        self.root: Described = self._bundle

    def resolved(self, part: Described) -> Described:
        """A part, or what it refers to with what it says beside."""
        reference = part.get("$ref")
        if reference is None:
            return part
        found: Described = self._bundle["$defs"][str(reference).removeprefix(_DEFINITION)]
        return {**found, **{key: value for key, value in part.items() if key != "$ref"}}

    def properties(self, described: Described) -> dict[str, Described]:
        """The properties of an object; those of every alternative when it is a choice between shapes."""
        every: dict[str, Described] = dict(described.get("properties", {}))
        for alternative in described.get("oneOf", []):
            every |= self.resolved(alternative)["properties"]
        return {key: self.resolved(part) for key, part in every.items()}

    def items(self, part: Described) -> Described:
        """What each element of a list is."""
        return self.resolved(part.get("items", {}))

    def kind(self, part: Described) -> str:
        """The control of a part (`schema_form.Field`), "" for one that no form can show."""
        types = _types(part)
        if "object" in types or "properties" in part:
            return "section" if "properties" in part else ""
        if "array" in types:
            below = self.kind(self.items(part))
            return "group" if below == "section" else "lines" if below not in {"", "group", "lines"} else ""
        if "enum" in part:
            return "select"
        simple = {"boolean": "yes_no", "integer": "integer"}
        return next((simple[one] for one in simple if one in types), _of_text(part) if "string" in types else "")


def _types(part: Described) -> set[str]:
    found = part.get("type", [])
    return {found} if isinstance(found, str) else set(found)


def _of_text(part: Described) -> str:
    if part.get("format") == "date":
        return "date"
    examples = part.get("examples", [])
    short = part.get("maxLength", 0) <= _SHORT or (examples and len(examples[0]) <= _LINE)
    return "text" if short else "long"


def admits_null(part: Described) -> bool:
    """Whether « Je ne sais pas » is an answer."""
    return "null" in _types(part) or None in part.get("enum", [])


def pattern(name: str) -> str:
    """A name with `*` in the place of each row's number."""
    return _NUMBER.sub("*", name)


@dataclass(frozen=True)
class Selection:
    """What a form asks: the parts of these names (every part when None), the answers asked of these stages."""

    keys: tuple[str, ...] | None
    stages: frozenset[str] | None

    @classmethod
    def of(cls, keys: Sequence[str] | None, stages: frozenset[str] | None) -> "Selection":
        """A selection."""
        return cls(None if keys is None else tuple(keys), stages)

    def holds(self, name: str) -> bool:
        """Whether a part is among those of these names, holds one of them or is held by one."""
        if self.keys is None:
            return True
        place = pattern(name)
        return any(place == k or place.startswith(f"{k}/") or k.startswith(f"{place}/") for k in self.keys)

    def asks(self, part: Described) -> bool:
        """Whether an answer is asked of one of the stages."""
        return self.stages is None or part.get("x-stage") in self.stages

    def ordered(self, properties: Mapping[str, Described], place: str) -> Iterator[tuple[str, Described]]:
        """The properties of an object in the order in which the keys name them, else in the schema's."""
        order = list(properties)
        if self.keys is not None:
            prefix = f"{pattern(place)}/" if place else ""
            named = [key.removeprefix(prefix).partition("/")[0] for key in self.keys if key.startswith(prefix)]
            order = list(dict.fromkeys([*(key for key in named if key in properties), *order]))
        return ((key, properties[key]) for key in order)
