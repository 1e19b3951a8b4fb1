"""The least document that a schema admits: enough for a rule to look at who asks before what is asked."""

from __future__ import annotations

from typing import Any

from schemas import bundled

_UUID = "00000000-0000-4000-8000-000000000000"


def minimal(name: str) -> Any:
    """A valid document of a schema, with its required keys alone."""
    root = bundled(name)
    return _value(root, root)


def _value(schema: dict[str, Any], root: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _value(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "oneOf" in schema:
        return _value(schema["oneOf"][0], root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "null" in schema["type"]:
        return None
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    if kind == "object":
        return {key: _value(schema["properties"][key], root) for key in schema.get("required", [])}
    if kind == "array":
        return [_value(schema["items"], root) for _ in range(schema.get("minItems", 0))]
    if kind == "string":
        return _text(schema)
    return {"integer": schema.get("minimum", 1), "number": schema.get("minimum", 1), "boolean": False}[kind]


def _text(schema: dict[str, Any]) -> str:
    pattern = schema.get("pattern", "")
    if schema.get("format") == "date":
        return "2023-03-01"
    if "-4" in pattern:
        return _UUID
    if "{64}" in pattern:
        return "0" * 64
    if "@" in pattern:
        return "dpd@caf.example"
    if pattern.startswith("^[A-Z]"):
        return "CONS-03"
    return "purposes" if pattern.startswith("^[a-z0-9_]") else "x" * max(1, schema.get("minLength", 1))
