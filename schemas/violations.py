"""What a document breaks in its schema, in French, with a pointer to each place (RFC 6901).

Valid documents take the short way: a compiled validator says yes in microseconds. Only a refused document is read again
by the reference implementation, whose errors are turned into sentences.
"""

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator, ValidationError

from schemas.documents import bundled

MAX_DEPTH = 64
MAX_VIOLATIONS = 100
_LIMIT = 2**53

_TYPES = {
    "object": "un objet",
    "array": "une liste",
    "string": "un texte",
    "integer": "un nombre entier",
    "number": "un nombre",
    "boolean": "vrai ou faux",
    "null": "rien",
}


@dataclass(frozen=True)
class Violation:
    """One place where a document is refused: `pointer` (RFC 6901) and the French sentence."""

    pointer: str
    message: str


def violations(name: str, document: Any) -> list[Violation]:
    """What the document breaks of schema `name`, in order of its places; empty when it is valid. Never raises, whatever
    JSON the document is."""
    found = list(_unstorable(document, "", 0))
    if found:
        return found[:MAX_VIOLATIONS]
    if _compiled(name).is_valid(document):
        return []
    errors = sorted(_validator(name).iter_errors(document), key=lambda error: [str(step) for step in error.absolute_path])
    sentences = (violation for error in errors for violation in _violations(error))
    return list(dict.fromkeys(sentences))[:MAX_VIOLATIONS]


@cache
def _compiled(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(bundled(name), validate_formats=True)


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(bundled(name), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _unstorable(value: Any, pointer: str, depth: int) -> Iterator[Violation]:
    """What no schema refuses and no store can hold: NUL, lone surrogates, numbers beyond 2^53, endless nesting."""
    kind = type(value)
    if kind is str:
        if "\x00" in value or not value.isascii() and not _is_unicode(value):
            yield Violation(pointer, "Ce texte contient un caractère qui ne peut pas être enregistré.")
    elif kind is dict:
        if depth > MAX_DEPTH:
            yield Violation(pointer, "Le document est trop imbriqué.")
            return
        for key, item in value.items():
            if item is None or type(item) is bool:
                continue
            yield from _unstorable(item, f"{pointer}/{_step(key)}", depth + 1)
    elif kind is list:
        if depth > MAX_DEPTH:
            yield Violation(pointer, "Le document est trop imbriqué.")
            return
        for index, item in enumerate(value):
            yield from _unstorable(item, f"{pointer}/{index}", depth + 1)
    elif kind is float:
        yield Violation(pointer, "Un nombre entier est attendu, sans décimale.")
    elif kind is int and not -_LIMIT < value < _LIMIT:
        yield Violation(pointer, "Ce nombre est trop grand.")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _step(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _pointer(error: ValidationError) -> str:
    return "".join(f"/{_step(step)}" for step in error.absolute_path)


def _violations(error: ValidationError) -> list[Violation]:
    """The sentences of one error; alternatives answer for the one that is nearest to what was sent."""
    pointer = _pointer(error)
    if error.validator == "oneOf" and error.context:
        return [v for nested in _nearest(error) for v in _violations(nested)]
    if error.validator == "additionalProperties":
        return [
            Violation(f"{pointer}/{_step(key)}", _unknown(key, error.schema["properties"]))
            for key in error.instance
            if key not in error.schema["properties"]
        ]
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return [Violation(f"{pointer}/{_step(key)}", "Cette rubrique est obligatoire.") for key in missing]
    say = _SENTENCES.get(str(error.validator), lambda _: "Cette valeur n'est pas admise.")
    return [Violation(pointer, say(error))]


def _nearest(error: ValidationError) -> list[ValidationError]:
    """The errors of the alternative that shares most keys with the document."""
    given = set(error.instance) if isinstance(error.instance, dict) else set()
    shared = [len(given & set(alternative.get("properties", {}))) for alternative in error.validator_value]
    best = shared.index(max(shared))
    return [nested for nested in error.context if nested.schema_path[0] == best]


def _unknown(key: str, known: dict[str, Any]) -> str:
    near = difflib.get_close_matches(key[:80], known, 1)
    hint = f" Vouliez-vous « {near[0]} » ?" if near else ""
    return f"Rubrique inconnue : « {key[:80]} ».{hint}"


def _type(error: ValidationError) -> str:
    kinds = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    wanted = " ou ".join(_TYPES[kind] for kind in kinds if kind != "null") or "rien"
    return f"Cette rubrique attend {wanted}."


def _enum(error: ValidationError) -> str:
    known = [str(value) for value in error.validator_value if value is not None]
    shown = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    return f"Valeur inconnue : « {str(error.instance)[:80]} ». Valeurs admises : {shown}."


def _pattern(error: ValidationError) -> str:
    if error.validator_value == r"\S":
        return "Cette rubrique ne peut pas rester vide."
    return f"« {str(error.instance)[:80]} » n'a pas la forme attendue."


_SENTENCES: dict[str, Callable[[ValidationError], str]] = {
    "type": _type,
    "enum": _enum,
    "pattern": _pattern,
    "format": lambda error: f"« {str(error.instance)[:40]} » n'est pas une date (AAAA-MM-JJ).",
    "minimum": lambda error: f"Ce nombre doit être au moins {error.validator_value}.",
    "maximum": lambda error: f"Ce nombre doit être au plus {error.validator_value}.",
    "minLength": lambda error: f"Ce texte demande au moins {error.validator_value} caractère(s).",
    "maxLength": lambda error: f"Ce texte dépasse {error.validator_value} caractères.",
    "minItems": lambda error: f"Cette liste demande au moins {error.validator_value} ligne(s).",
    "maxItems": lambda error: f"Cette liste dépasse {error.validator_value} lignes.",
}
