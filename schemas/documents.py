"""The schemas as files of this package (JSON Schema 2020-12), by name; each has versions, and old ones stay readable.

A name alone is the schema of today; `name:version` is one version of it, as its `$id` and the facts of an event write
it. What was recorded under an old version is read by that version, so a version's file never changes: a schema that
changes goes to `versions/` under its old number, and the new one takes the next number.
"""

import json
import re
from functools import cache
from importlib import resources
from typing import Any

_SUFFIX = ".schema.json"
_URN = "urn:ecluse:schema:"
_VERSION = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)

Schema = dict[str, Any]


@cache
def names() -> list[str]:
    """The names of every schema, sorted."""
    files = (file.name for file in resources.files("schemas").iterdir())
    return sorted(name.removesuffix(_SUFFIX) for name in files if name.endswith(_SUFFIX))


@cache
def schema(name: str) -> Schema:
    """One schema as written, its references to others unresolved. Raises KeyError on an unknown name or version."""
    base, _, asked = name.partition(":")
    if base not in names():
        raise KeyError(name)
    found = _read(base + _SUFFIX)
    if asked and asked != version_of(found):
        if not _VERSION.fullmatch(asked) or int(asked) > int(version_of(found)):
            raise KeyError(name)
        found = _read(f"versions/{base}.{asked}{_SUFFIX}")
    return found


def _read(path: str) -> Schema:
    text = resources.files("schemas").joinpath(path).read_text(encoding="utf-8")
    found: Schema = json.loads(text)
    return found


def version_of(found: Schema) -> str:
    """The version that a schema's `$id` ends with."""
    return str(found["$id"]).rpartition(":")[2]


@cache
def versioned(name: str) -> str:
    """The name of a schema with the version of today, as events record it: `request` -> `request:1`."""
    return f"{name}:{version_of(schema(name))}"


def referred(reference: str) -> str:
    """The versioned name of the schema that a reference such as `urn:ecluse:schema:party:1` points to."""
    return reference.removeprefix(_URN)


@cache
def bundled(name: str) -> Schema:
    """One schema made self-contained: the schemas it refers to are in its `$defs`. Raises KeyError as `schema` does."""
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
        key = other.partition(":")[0]
        if key not in definitions:
            definitions[key] = {}
            plain = {k: v for k, v in schema(other).items() if k not in {"$schema", "$id"}}
            definitions[key] = _bundled(plain, definitions)
        return {**value, "$ref": f"#/$defs/{key}"}
    return {key: _bundled(item, definitions) for key, item in value.items()}
