"""The vocabulary: ids of every enumeration and key, with their French labels."""

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def vocabulary() -> dict[str, Any]:
    """The whole vocabulary, read once; not to be modified."""
    text = resources.files("schemas").joinpath("vocabulary.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@cache
def enumeration(name: str) -> list[str]:
    """The ids of an enumeration, in order. Raises KeyError on an unknown one."""
    return list(vocabulary()["enumerations"][name])


@cache
def label(name: str, value: str) -> str:
    """The French label of an enumeration's id; an unknown id is its own label."""
    found = vocabulary()["enumerations"][name].get(value)
    return str(found["label"]) if found else value
