"""Facts and texts of a document: what is kept for ever, and what people typed and may be erased.

A string is a *fact* when its schema says so (`x-fact`), enumerates it, or gives it a date format; any other string is a
*text*. `split` puts the mark `{"text": n}` in the place of the nth text; `registry.ledger.openings.join` puts them
together again. No valid document can hold such an object: no schema has a number under the key `text`.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from schemas.documents import bundled

_MARK = "text"
_KEPT = {"x-fact", "enum", "const"}
_DATES = {"date", "date-time"}

Split = Callable[[Any, list[str]], Any]
Schema = dict[str, Any]


def split(name: str, document: Any) -> tuple[Any, list[str]]:
    """The facts of a document valid for schema `name`, and its texts in the order of their marks."""
    texts: list[str] = []
    return _splitter(name)(document, texts), texts


@cache
def _splitter(name: str) -> Split:
    root = bundled(name)
    return _compiled(root, root.get("$defs", {}))


def _compiled(schema: Schema, definitions: Schema) -> Split:
    """A function that splits values of one schema; compiled once, so that a document is walked without looking at its
    schema again."""
    if "$ref" in schema:
        return _compiled(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "oneOf" in schema:
        return _compiled(_merged(schema["oneOf"], definitions), definitions)
    children = {key: _compiled(item, definitions) for key, item in schema.get("properties", {}).items()}
    others = schema.get("additionalProperties")
    other = _compiled(others, definitions) if isinstance(others, dict) else _text
    items = _compiled(schema["items"], definitions) if "items" in schema else _text
    own = _fact if _KEPT & set(schema) or schema.get("format") in _DATES else _text

    def walk(value: Any, texts: list[str]) -> Any:
        kind = type(value)
        if kind is str:
            return own(value, texts)
        if kind is dict:
            return {
                key: item if item is None or type(item) is bool else children.get(key, other)(item, texts)
                for key, item in value.items()
            }
        return [items(item, texts) for item in value] if kind is list else value

    return walk


def _merged(alternatives: list[Schema], definitions: Schema) -> Schema:
    """The properties of every alternative; ours never give one key two meanings."""
    properties: Schema = {}
    for alternative in alternatives:
        properties |= alternative.get("properties", {})
    return {"properties": properties}


def _fact(value: Any, _texts: list[str]) -> Any:
    return value


def _text(value: Any, texts: list[str]) -> Any:
    """A text is set aside; anything a schema does not describe is treated as text, the erasable side."""
    if type(value) is str:
        texts.append(value)
        return {_MARK: len(texts) - 1}
    if type(value) is dict:
        return {key: _text(item, texts) for key, item in value.items()}
    return [_text(item, texts) for item in value] if type(value) is list else value
