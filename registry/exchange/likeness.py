"""How alike two requests are, for whoever looks for what was opined before: same holder, data, recipients."""

from collections.abc import Iterable
from typing import Any

from registry.exchange.file import Document, File


def common(file: File, other: File) -> int:
    """How much two exchanges share; 0 when they have nothing to teach each other. Counted, never judged: two points for
    the same holder, one for each category of data, each item and each kind of recipient that both name."""
    if file.id == other.id:
        return 0
    shared = _named(file.request) & _named(other.request)
    return len(shared) + (2 if file.holder == other.holder else 0) if shared else 0


def _named(request: Document) -> set[tuple[str, str]]:
    items = _items(request, "data_items")
    found = {("category", str(one["cnil_category"])) for one in items if one.get("cnil_category")}
    found |= {("item", _folded(one["label"])) for one in items if one.get("label")}
    return found | {("recipient", _folded(one["label"])) for one in _items(request, "recipients") if one.get("label")}


def _items(request: Document, key: str) -> Iterable[dict[str, Any]]:
    return (one for one in request.get(key) or [] if isinstance(one, dict))


def _folded(text: object) -> str:
    return " ".join(str(text).lower().split())
