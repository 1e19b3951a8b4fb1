"""What a document breaks in its schema, in French, with a pointer to each place (RFC 6901)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice
from typing import Any

import jsonschema_rs

from schemas.documents import bundled
from schemas.pointers import pointer
from schemas.sentences import sentence, shape, unknown_key
from schemas.storable import obstacles, storable

MAX_VIOLATIONS = 100
_MAX_ERRORS = 1000
_MAX_KEY = 200

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

Schema = dict[str, Any]


@dataclass(frozen=True)
class Violation:
    """One place where a document is refused: `pointer` (RFC 6901) and the French sentence."""

    pointer: str
    message: str


def violations(name: str, document: Any) -> list[Violation]:
    """What the document breaks of schema `name`, in order of its places, at most `MAX_VIOLATIONS`; empty when it is
    valid. Never raises, whatever the document is; raises KeyError on an unknown schema.

    What cannot be stored at all is said first, alone: nothing else can be known of such a document.
    """
    validator = _compiled(name)
    if not storable(document):
        return [Violation(place, said) for place, said in islice(obstacles(document), MAX_VIOLATIONS)]
    if validator.is_valid(document):
        return []
    errors = sorted(islice(validator.iter_errors(document), _MAX_ERRORS), key=_place)
    said = (violation for error in errors for violation in _violations(error, bundled(name)))
    return list(dict.fromkeys(islice(said, MAX_VIOLATIONS)))


@cache
def _compiled(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(bundled(name), validate_formats=True, formats={"date": _is_date})


def _is_date(text: Any) -> bool:
    """Whether a text is a day of the calendar that `date` can hold (the standard's format also admits the year 0)."""
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        return not isinstance(text, str)
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _place(error: jsonschema_rs.ValidationError) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in error.instance_path]


def _violations(error: jsonschema_rs.ValidationError, root: Schema) -> Iterator[Violation]:
    """The sentences of one error; a choice between alternatives answers for the one the document looks like."""
    path, keyword = list(error.instance_path), error.kind.name
    place = pointer(path)
    owner = _at(root, error.schema_path[:-1])
    if keyword == "additionalProperties":
        for key in error.kind.as_dict()["unexpected"]:
            named = pointer([*path, key]) if len(key) <= _MAX_KEY else place
            yield Violation(named, unknown_key(key, owner.get("properties", {})))
    elif keyword == "required":
        yield Violation(pointer([*path, error.kind.as_dict()["property"]]), "Cette rubrique est obligatoire.")
    elif keyword == "oneOf":
        yield from _alternatives(error, owner, place, root)
    else:
        yield Violation(place, sentence(keyword, owner, error.instance))


def _alternatives(error: jsonschema_rs.ValidationError, owner: Schema, place: str, root: Schema) -> Iterator[Violation]:
    given = set(error.instance) if isinstance(error.instance, dict) else set()
    shared = [len(given & set(alternative["properties"])) for alternative in owner["oneOf"]]
    if max(shared) == 0:
        yield Violation(place, shape(owner["oneOf"]))
        return
    nearest: list[jsonschema_rs.ValidationError] = error.kind.as_dict()["context"][shared.index(max(shared))]
    for nested in sorted(nearest, key=_place):
        yield from _violations(nested, root)


def _at(root: Schema, path: list[str | int]) -> Schema:
    """The part of a schema that a path leads to; the validator has already followed the references."""
    found: Any = root
    for step in path:
        found = found[step]
    part: Schema = found
    return part
