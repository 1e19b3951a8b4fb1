"""The French sentences of refused values, one per keyword of our schemas."""

import difflib
from collections.abc import Callable, Iterable
from typing import Any

from schemas.vocabulary import label

Schema = dict[str, Any]

_KINDS = {
    "object": "un objet",
    "array": "une liste",
    "string": "un texte",
    "integer": "un nombre entier",
    "boolean": "vrai ou faux",
}
_FEW = 8
_SHOWN = 40


def sentence(keyword: str, schema: Schema, value: Any) -> str:
    """What is wrong with a value, given the keyword it breaks and the schema that holds this keyword."""
    say = _SENTENCES.get(keyword)
    return say(schema, value) if say else "Cette valeur n'est pas admise."


def unknown_key(key: str, known: Iterable[str]) -> str:
    """A key that the schema does not know, with the nearest one it knows."""
    near = difflib.get_close_matches(key[:80], list(known), 1)
    hint = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
    return f"Rubrique inconnue : « {_short(key)} ».{hint}"


def shape(alternatives: list[Schema]) -> str:
    """The shapes a document may take, when it looks like none of them."""
    shapes = (f"{a['title']} ({', '.join(a['required'])})" for a in alternatives)
    return f"Ce document doit avoir l'une de ces formes : {' ; '.join(shapes)}."


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _type(schema: Schema, value: Any) -> str:
    allowed = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    wanted = " ou ".join(_KINDS[kind] for kind in allowed if kind != "null")
    if value is None:
        return f"Cette rubrique ne peut pas être nulle : elle attend {wanted}."
    return f"Cette rubrique attend {wanted}, et non {_kind(value)}."


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "vrai ou faux"
    names = ((dict, "un objet"), (list, "une liste"), (str, "un texte"))
    return next((name for kind, name in names if isinstance(value, kind)), "un nombre")


def _enum(schema: Schema, value: Any) -> str:
    ids = [option for option in schema["enum"] if option is not None]
    near = difflib.get_close_matches(str(value)[:80], ids, 3, 0.5)
    if len(ids) <= _FEW:
        hint = f"Valeurs admises : {_listed(schema, ids)}."
    elif near:
        hint = f"Valeurs proches : {_listed(schema, near)}."
    else:
        hint = f"{len(ids)} valeurs sont admises : {', '.join(ids)}."
    given = f" : « {_short(value)} »" if isinstance(value, str) else ""
    return f"Valeur inconnue{given}. {hint}"


def _listed(schema: Schema, ids: list[str]) -> str:
    return ", ".join(_named(schema, option) for option in ids)


def _named(schema: Schema, option: str) -> str:
    enumeration = schema.get("x-enumeration")
    return f"{option} ({label(enumeration, option)})" if enumeration else option


def _pattern(schema: Schema, value: Any) -> str:
    if not value.strip():
        return _empty(schema, value)
    examples = schema.get("examples")
    hint = f", par exemple « {examples[0]} »" if examples else ""
    return f"« {_short(value)} » n'a pas la forme attendue{hint}."


def _format(_schema: Schema, value: Any) -> str:
    return f"« {_short(value)} » n'est pas une date du calendrier (AAAA-MM-JJ)."


def _empty(_schema: Schema, _value: Any) -> str:
    return "Cette rubrique ne peut pas rester vide."


def _bound(text: str, keyword: str, unit: str = "") -> Callable[[Schema, Any], str]:
    def say(schema: Schema, _value: Any) -> str:
        limit = schema[keyword]
        plural = f"{unit}s" if unit and limit > 1 else unit
        return text.format(f"{limit} {plural}" if unit else limit)

    return say


_SENTENCES: dict[str, Callable[[Schema, Any], str]] = {
    "type": _type,
    "enum": _enum,
    "pattern": _pattern,
    "format": _format,
    "minLength": _empty,
    "minimum": _bound("Ce nombre doit être au moins {}.", "minimum"),
    "maximum": _bound("Ce nombre doit être au plus {}.", "maximum"),
    "maxLength": _bound("Ce texte dépasse {}.", "maxLength", "caractère"),
    "minItems": _bound("Cette liste demande au moins {}.", "minItems", "ligne"),
    "maxItems": _bound("Cette liste dépasse {}.", "maxItems", "ligne"),
}
