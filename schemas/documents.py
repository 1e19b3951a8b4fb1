"""The schemas as files of this package (JSON Schema 2020-12), by name."""

import json
from functools import cache
from importlib import resources
from typing import Any

_SUFFIX = ".schema.json"
_URN = "urn:ecluse:schema:"

Schema = dict[str, Any]


@cache
def names() -> list[str]:
    """The names of every schema, sorted."""
    files = (file.name for file in resources.files("schemas").iterdir())
    return sorted(name.removesuffix(_SUFFIX) for name in files if name.endswith(_SUFFIX))


@cache
def schema(name: str) -> Schema:
    """One schema as written, its references to others unresolved. Raises KeyError on an unknown name."""
    if name not in names():
        raise KeyError(name)
    text = resources.files("schemas").joinpath(name + _SUFFIX).read_text(encoding="utf-8")
    found: Schema = json.loads(text)
    return found


def referred(reference: str) -> str:
    """The name of the schema that a reference such as `urn:ecluse:schema:party:1` points to."""
    return reference.removeprefix(_URN).partition(":")[0]


@cache
def bundled(name: str) -> Schema:
    """One schema made self-contained: the schemas it refers to are in its `$defs`."""
    definitions: Schema = {}
    root = _bundled(schema(name), definitions)
    return {**root, "$defs": definitions} if definitions else root


def _bundled(value: Any, definitions: Schema) -> Any:
    if isinstance(value, list):
        return [_bundled(item, definitions) for item in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if isinstance(reference, str) and reference.startswith(_URN):
        other = referred(reference)
        if other not in definitions:
            definitions[other] = {}
            plain = {k: v for k, v in schema(other).items() if k not in {"$schema", "$id"}}
            definitions[other] = _bundled(plain, definitions)
        return {**value, "$ref": f"#/$defs/{other}"}
    return {key: _bundled(item, definitions) for key, item in value.items()}
