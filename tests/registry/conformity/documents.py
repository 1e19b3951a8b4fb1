"""Random documents: every request and convention that the schemas admit, every exchange file the vocabulary allows."""

import re
from datetime import date
from typing import Any

from hypothesis import strategies as st

from schemas import schema as schema_named
from schemas import vocabulary
from schemas.documents import referred

PARTIES = ("caf-rhone", "oullins", "pierre-benite", "oullins-pierre-benite", "saint-genis-laval", "nulle-part")
PEOPLE = ("dpd@caf.example", "dpd@oullins.example", "maire@oullins.example", "x@caf.example")
PHRASES = (
    "RSA", "santé", "toutes fins utiles", "Mieux connaître, etc.", "NIR", "n° allocataire", "titres de séjour",
    "Convention territoriale globale", "L. 121-6-2", "R. 131-6", "CRIP", "jugement", "toutes les données", " ", "",
    "toutes ﬁns utiles", "\u00a0", "{term}", "data_items.0", "data_items",
)  # fmt: skip
DAYS = ("2020-12-31", "2021-01-01", "2022-09-05", "2023-12-31", "2024-01-01", "2025-12-31", "2026-01-01", "0001-01-01",
        "9999-12-31")  # fmt: skip

days = st.sampled_from(DAYS) | st.dates().map(date.isoformat)
texts = st.sampled_from(PHRASES) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12
)


def of_schema(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Documents that a schema of ours admits, optional keys left out at random."""
    if "$ref" in schema:
        return of_schema(schema_named(referred(schema["$ref"])))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of(*(_kind(kind, schema) for kind in kinds))


def _kind(kind: str, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if kind == "object":
        return _object(schema)
    if kind == "array":
        least = schema.get("minItems", 0)
        return st.lists(of_schema(schema["items"]), min_size=least, max_size=max(least, 3))
    if kind == "string":
        return _text(schema)
    least, most = schema.get("minimum", 0), schema.get("maximum", 99)
    known = [n for n in (0, 1, 4, 5, 12, 13, 24, 25, 30, 31, 36, 37) if least <= n <= most]
    numbers = st.sampled_from(known) | st.integers(least, most)
    return {"integer": numbers, "boolean": st.booleans(), "null": st.none()}[kind]


def _object(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    known, due = schema.get("properties", {}), set(schema.get("required", []))
    if not known and isinstance(schema.get("additionalProperties"), dict):
        names = st.sampled_from(["information_drop", "decision"])
        return st.dictionaries(names, of_schema(schema["additionalProperties"]), max_size=2)
    return st.fixed_dictionaries(
        {key: of_schema(known[key]) for key in known if key in due},
        optional={key: of_schema(known[key]) for key in known if key not in due},
    )


def _text(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    longest = schema.get("maxLength", 8000)
    if schema.get("format") == "date":
        return days
    if "pattern" in schema:
        ids = all(re.match(schema["pattern"], party) for party in PARTIES)
        return st.sampled_from(PARTIES[:5]) if ids else st.from_regex(schema["pattern"], fullmatch=True)
    known = st.sampled_from(PARTIES) if longest == 64 else st.sampled_from(["US", "FR", "", "zz"])
    return known if longest <= 64 else texts.map(lambda text: text[:longest] or "x")


requests = of_schema(schema_named("request"))
conventions = of_schema(schema_named("convention"))


def _of_key(described: dict[str, Any]) -> st.SearchStrategy[Any]:
    kind = described["type"]
    if kind == "enumeration":
        return st.sampled_from(list(vocabulary()["enumerations"][described["enumeration"]]))
    return {
        "string": texts, "date": days, "integer": st.integers(0, 4), "boolean": st.booleans(),
        "party id": st.sampled_from(PARTIES), "user id": st.sampled_from(PEOPLE), "object": st.just({}),
    }[kind]  # fmt: skip


def _tree(keys: dict[str, Any]) -> dict[str, Any]:
    """The flat keys of the vocabulary as nested keys; a key that ends with [] is a list."""
    grown: dict[str, Any] = {}
    for path, described in keys.items():
        here = grown
        *steps, last = path.split(".")
        for step in steps:
            here = here.setdefault(step, {"": None})
        here.setdefault(last, {})[""] = described
    return grown


def _of_tree(name: str, node: dict[str, Any]) -> st.SearchStrategy[Any]:
    below = {key: child for key, child in node.items() if key}
    one = _of_key(node[""]) if not below else _of_branch(below)
    return st.none() | (st.lists(one, max_size=3) if name.endswith("[]") else one)


def _of_branch(below: dict[str, Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {}, optional={key.removesuffix("[]"): _of_tree(key, child) for key, child in below.items()}
    )


def _file_keys() -> dict[str, Any]:
    """The keys of the exchange file; those of a part of the study written once per part."""
    keys: dict[str, Any] = {}
    for path, described in vocabulary()["keys"]["file"].items():
        if path.startswith("study.*."):
            parts = ("opportunity", "feasibility", "compliance")
            keys |= {path.replace("*", part): described for part in parts}
        elif path not in {"request", "study.opportunity", "study.feasibility", "study.compliance"}:
            keys[path] = described
    return keys


around = _of_branch(_tree(_file_keys()))
"""The keys of an exchange file beside its request, any of them."""
files = st.builds(lambda request, beside: {**beside, "request": request}, requests, around)

roles = st.dictionaries(
    st.sampled_from(PEOPLE),
    st.dictionaries(st.sampled_from(PARTIES), st.frozensets(st.sampled_from(["dpo", "controller"])), max_size=2),
)
