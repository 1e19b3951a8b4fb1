"""Posted answers read back into a document: valid in shape, and what was typed kept even when it is wrong."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from registry.processing.normal import normal
from server.pages.schema_walk import ADD, REMOVE, Described, Selection, Walk, admits_null

Posted = Mapping[str, Sequence[str]]
"""The fields of a form (`forms.Form.fields`): each name with its values."""

_INTEGER = re.compile(r"-?[0-9]{1,20}", re.ASCII)
_BLANKS = re.compile(r"[\s\u00a0\u202f]")
_FRENCH_DAY = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})", re.ASCII)
_NOTHING = object()


def document_of(
    schema_name: str,
    form: Posted,
    keys: Sequence[str] | None = None,
    *,
    before: Mapping[str, Any] | None = None,
    stages: frozenset[str] | None = None,
) -> dict[str, Any]:
    """The document that a form made by `fields_of` with the same `keys` and `stages` holds.

    An answer left empty is absent, or null where the schema requires the key. What cannot be right (letters for a
    number, an unknown id) stays as it was typed, for `schemas.violations` to say so and `fields_of` to show it again.
    `before` brings the parts that the form does not ask; an answer that says the same as there stays as it is there.
    """
    reader = _Reader(schema_name, form, Selection.of(keys, stages))
    return reader.object(reader.walk.root, "", before or {})


def rearranged(form: Posted) -> str:
    """The group whose rows a button asked to change, "" when the form was sent for good."""
    added, removed = _last(form, ADD), _last(form, REMOVE)
    return added or removed.rpartition("/")[0]


def last_row(document: Mapping[str, Any], group: str) -> str:
    """The name of the last row of a group: where one goes on after adding it; the group's own when there is none."""
    value: Any = document
    for step in group.split("/"):
        value = value[int(step)] if isinstance(value, list) else (value or {}).get(step)
    return f"{group}/{len(value) - 1}" if value else group


def _last(form: Posted, name: str) -> str:
    values = form.get(name, ())
    return values[-1].replace("\r\n", "\n").strip() if values else ""


class _Reader:
    """Reads one form by one schema."""

    def __init__(self, name: str, form: Posted, selection: Selection) -> None:
        self.walk = Walk(name)
        self._form, self._selection = form, selection
        self._added, self._removed = _last(form, ADD), _last(form, REMOVE)

    def object(self, described: Described, place: str, before: Any, *, row: bool = False) -> dict[str, Any]:
        """An object. Every part of a row is in the form, the others only where they are asked."""
        found = dict(before) if isinstance(before, Mapping) else {}
        for key, part in self.walk.properties(described).items():
            name = f"{place}/{key}" if place else key
            if not row and not self._selection.holds(name):
                continue
            was = found.get(key)
            value = self._value(part, name, was, row=row)
            if value is _NOTHING:
                if was is not None and normal([was]):
                    del found[key]
                if key in described.get("required", []) and key not in found and admits_null(part):
                    found[key] = None
            elif (
                was is None or self._adds_to(name) or not _same(value, was, ordered="enum" not in self.walk.items(part))
            ):
                found[key] = value
        return found

    def _adds_to(self, name: str) -> bool:
        """Whether an empty row was asked for in a part: it says nothing yet, and is to be shown."""
        return f"{self._added}/".startswith(f"{name}/")

    def _value(self, part: Described, name: str, was: Any, *, row: bool) -> Any:
        kind = self.walk.kind(part)
        if kind == "section":
            read = self.object(part, name, was, row=row)
            return read if read or isinstance(was, Mapping) else _NOTHING
        if not kind or not (row or self._selection.asks(part) or (kind == "group" and self._numbers(name))):
            return _NOTHING if was is None else was
        if kind == "group":
            return self._rows(part, name)
        return self._list(part, name) if kind == "lines" else self._one(kind, _last(self._form, name))

    def _rows(self, part: Described, name: str) -> Any:
        described = self.walk.items(part)
        kept = [number for number in self._numbers(name) if f"{name}/{number}" != self._removed]
        rows = [self.object(described, f"{name}/{number}", {}, row=True) for number in kept]
        found = [one for one in rows if not _blank(self.walk, described, one)]
        if name == self._added:
            found.append({})
        return found or _NOTHING

    def _numbers(self, name: str) -> list[int]:
        start = f"{name}/"
        steps = {key[len(start) :].partition("/")[0] for key in self._form if key.startswith(start)}
        return sorted(int(step) for step in steps if step.isascii() and step.isdecimal() and len(step) <= 6)

    def _list(self, part: Described, name: str) -> Any:
        kind = self.walk.kind(self.walk.items(part))
        typed = [line for value in self._form.get(name, ()) for line in value.replace("\r\n", "\n").split("\n")]
        typed += [_last(self._form, f"{name}/{number}") for number in self._numbers(name)]
        found = [self._one(kind, line.strip()) for line in typed if line.strip()]
        return found or _NOTHING

    @staticmethod
    def _one(kind: str, typed: str) -> Any:
        if not typed:
            return _NOTHING
        if kind == "yes_no":
            return {"true": True, "false": False}.get(typed, typed)
        if kind == "integer":
            digits = _BLANKS.sub("", typed)
            return int(digits) if _INTEGER.fullmatch(digits) else typed
        if kind == "date" and (day := _FRENCH_DAY.fullmatch(typed)):
            return f"{day[3]}-{int(day[2]):02}-{int(day[1]):02}"
        return typed


def _same(value: Any, was: Any, *, ordered: bool) -> bool:
    """Whether two answers say the same; several of one choice have no order and count once."""
    if not ordered and isinstance(value, list) and isinstance(was, list):
        return set(map(str, value)) == set(map(str, was))
    return bool(normal([value]) == normal([was]))


def _blank(walk: Walk, described: Described, row: Mapping[str, Any]) -> bool:
    """Whether a row says nothing: what its rules derive as « no » does not count."""
    parts = walk.properties(described)
    return not normal({key: one for key, one in row.items() if one or parts[key].get("x-stage") != "derived"})
