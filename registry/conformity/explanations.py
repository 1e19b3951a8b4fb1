"""What people read about each check beside its message: when it speaks, in plain French, and how to see it speak."""

from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import msgspec

DAY = date(2023, 6, 1)
"""The day examples are read at, unless they say another."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """`when` is for people; the rest makes the example: paths changed, the transition or the day it is read at, the
    roles people hold then, how many exchanges are active, which paths of an approved version changed."""

    when: str
    change: dict[str, Any]
    moment: str | None = None
    today: date = DAY
    people: dict[str, dict[str, list[str]]] = {}
    active: int = 0
    changed: list[str] = []


@cache
def explanations() -> dict[str, Explanation]:
    """Every check's explanation, by id."""
    text = resources.files("registry.conformity").joinpath("explanations.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, Explanation])
