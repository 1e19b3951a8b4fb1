"""Messages with {placeholders}: which ones a message holds, and which a convention's own wording may use."""

import re
import string
from functools import lru_cache

from schemas import vocabulary

_NAME = re.compile(r"[a-z0-9_]+", re.ASCII)

ANYWHERE = frozenset({
    "term", "requested_on", "filed_on", "holder", "requester", "main_purpose", "data_items_count", "volume_count",
    "frequency",
})  # fmt: skip
"""Placeholders that the file alone fills, whatever the check; the others speak of what a check found."""


@lru_cache(maxsize=512)
def placeholders(message: str) -> tuple[str, ...]:
    """The names in braces of a message, each once, in order. Raises ValueError on braces that hold no name."""
    found = []
    for _, name, form, conversion in string.Formatter().parse(message):
        if name is None:
            continue
        if not _NAME.fullmatch(name) or form or conversion:
            raise ValueError(name)
        found.append(name)
    return tuple(dict.fromkeys(found))


def misused(message: str, default: str) -> str | None:
    """What is wrong with a convention's own message, given the catalogue's, as a French sentence; None when nothing
    is."""
    admitted = {*placeholders(default), *ANYWHERE, *vocabulary()["settings"]}
    try:
        used = placeholders(message)
    except ValueError:
        return "Une accolade ne contient que le nom d'un repère, par exemple « {holder} »."
    unknown = [name for name in used if name not in admitted]
    if not unknown:
        return None
    return f"Repère inconnu de ce contrôle : « {unknown[0][:40]} ». Repères admis : {', '.join(sorted(admitted))}."
