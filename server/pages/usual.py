"""What is asked most often: usual requests to begin from, and usual data with what their rules need to know."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from registry.conformity import proposed
from registry.convention import Convention
from registry.processing.selection import folded
from server.pages.schema_answers import Posted
from server.pages.schema_form import as_text

Document = dict[str, Any]
PICKED = "_pick"
"""The field of the usual data to add."""
_ITEMS = "data_items"
_DERIVED = ("nir", "article_9", "article_10")


@cache
def _read(name: str) -> Any:
    return json.loads(resources.files("server.pages").joinpath(f"usual/{name}.json").read_text(encoding="utf-8"))


def usual_requests() -> dict[str, Document]:
    """Requests to begin from, by id: `title`, `description`, `holder_kind` (of the party usually asked), `request`."""
    found: dict[str, Document] = _read("requests")
    return found


def usual_data() -> list[Document]:
    """Usual data items, each a `data_items[]` of a request."""
    found: list[Document] = _read("data")
    return found


def begun_with(name: str, convention: Convention) -> Document:
    """The request of a usual one; its holder where the convention has a single party of the kind. Raises KeyError."""
    found = usual_requests()[name]
    kind = found["holder_kind"]
    holders = [party["id"] for party in convention.parties() if kind and party.get("kind") == kind]
    request: Document = json.loads(json.dumps(found["request"]))
    return {**request, "holder": holders[0]} if len(holders) == 1 else request


def beside(row: str) -> str:
    """The name of the hidden field that says beside which category a row's derived answers were shown."""
    return f"_category/{row}"


def settled(form: Posted) -> dict[str, list[str]]:
    """The form with the usual data that were picked; a row whose label is usual takes its category; a row whose
    category changed leaves its derived answers to their rules, unless somebody had corrected them."""
    found = {name: list(values) for name, values in form.items()}
    rows = sorted({int(n) for name in found if (n := _row_of(name)).isdecimal()})
    for number in rows:
        row = f"{_ITEMS}/{number}"
        _category_of_label(found, row)
        _derived_anew(found, row)
    picked = found.pop(PICKED, [])
    for number, one in enumerate((one for one in usual_data() if one["label"] in picked), 1 + max(rows, default=-1)):
        found |= {f"{_ITEMS}/{number}/{key}": [as_text(value)] for key, value in one.items()}
    return found


def _row_of(name: str) -> str:
    first, _, rest = name.partition("/")
    number = rest.partition("/")[0]
    return number if first == _ITEMS and number.isascii() and len(number) <= 6 else ""


def _category_of_label(form: dict[str, list[str]], row: str) -> None:
    known = _by_label().get(folded(_last(form, f"{row}/label")))
    if known is None or _last(form, f"{row}/cnil_category"):
        return
    for key, value in known.items():
        if not _last(form, f"{row}/{key}"):
            form[f"{row}/{key}"] = [as_text(value)]


@cache
def _by_label() -> Mapping[str, Document]:
    return {folded(one["label"]): one for one in usual_data()}


def _derived_anew(form: dict[str, list[str]], row: str) -> None:
    was, now = _last(form, beside(row)), _last(form, f"{row}/cnil_category")
    if beside(row) not in form or was == now:
        return
    for key, value in _rules(was).items():
        if _last(form, f"{row}/{key}") == as_text(value):
            form[f"{row}/{key}"] = [""]


def _rules(category: str) -> Document:
    """What the rules derive from a category."""
    item: Document = proposed({"data_items": [{"cnil_category": category or None}]}, {})["data_items"][0]
    return {key: item[key] for key in _DERIVED}


def _last(form: Posted, name: str) -> str:
    values = form.get(name, ())
    return values[-1].strip() if values else ""
