"""Differences between two versions of a request, in words and by question: what was added, withdrawn, changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from registry.processing.normal import normal
from schemas import schema
from server.pages.asked import GROUPS
from server.pages.words import Item, Line, item, line

Described = Mapping[str, Any]

_OTHERS = "Autres réponses"
ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True)
class Change:
    """One difference: where it is, in words, what was said and what is said (None on the side that says nothing)."""

    kind: str
    where: str
    before: Item | None = None
    after: Item | None = None


@dataclass(frozen=True)
class Question:
    """A question, with what changed in its answers."""

    question: str
    changes: list[Change]


def compared(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Question]:
    """The questions whose answers are not the same, in the order in which they are asked; null, blank and absent are
    the same answer."""
    before, after = normal(dict(old)), normal(dict(new))
    properties = schema("request")["properties"]
    asked = {key for _, keys in GROUPS for key in keys}
    groups = (*GROUPS, (_OTHERS, tuple(key for key in properties if key not in asked)))
    found = [
        Question(question, [change for key in keys for change in _value(properties[key], key, before, after, "")])
        for question, keys in groups
    ]
    return [question for question in found if question.changes]


def _value(described: Described, key: str, before: Any, after: Any, trail: str) -> Iterator[Change]:
    old, new = (side.get(key) if isinstance(side, Mapping) else None for side in (before, after))
    if old == new:
        return
    where = f"{trail}{described['title']}"
    if "properties" in described:
        for below, part in described["properties"].items():
            yield from _value(part, below, old or {}, new or {}, f"{where}, ")
    elif "items" in described:
        yield from _list(described["items"], old or [], new or [], where)
    else:
        shown = [None if side is None else _said(line(key, described, side)) for side in (old, new)]
        yield Change(_kind(old, new), where, *shown)


def _kind(old: Any, new: Any) -> str:
    return ADDED if old is None else REMOVED if new is None else CHANGED


def _said(answer: Line) -> Item:
    return Item(answer.text)


def _list(described: Described, old: list[Any], new: list[Any], where: str) -> Iterator[Change]:
    """Items of one name are compared with each other, in order; others were added or withdrawn."""
    gone, come = _less(old, new), _less(new, old)
    if not gone and not come:
        yield Change(CHANGED, where, Item("Même contenu"), Item("Ordre ou nombre de répétitions modifié"))
    by_name: dict[str, list[Any]] = {}
    for one in come:
        by_name.setdefault(_name(described, one), []).append(one)
    paired: list[int] = []
    for one in gone:
        same = by_name.get(_name(described, one)) if "properties" in described else None
        if not same:
            yield Change(REMOVED, where, before=item(described, one))
            continue
        other = same.pop(0)
        paired.append(id(other))
        for key, part in described["properties"].items():
            yield from _value(part, key, one, other, f"{where}, « {_name(described, one)} », ")
    for one in come:
        if id(one) not in paired:
            yield Change(ADDED, where, after=item(described, one))


def _less(items: list[Any], others: list[Any]) -> list[Any]:
    """The items that the other list does not hold; both may be long."""
    known = {repr(other) for other in others}
    return [one for one in items if repr(one) not in known]


def _name(described: Described, value: Any) -> str:
    """What names an item in its list: the first answer of its schema, or the item itself."""
    first = next(iter(described.get("properties", {})), None)
    return str(value.get(first, "")) if first is not None and isinstance(value, Mapping) else str(value)
