"""A record as people read it: pairs of titles and texts, in the order of its schema."""

from collections.abc import Mapping
from typing import Any

from registry.exports.heading import REDACTED
from registry.exports.table import columns
from registry.processing.differences import in_words
from registry.processing.fields import ARTICLE_30, value_at
from registry.processing.lines import PROTECTED

NOT_FILLED = "Non renseigné."


def terms(line: Mapping[str, Any], record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The fields that say something, those that article 30 requires even when empty, those kept back as such."""
    kind = line["kind"]
    due = {item.key.partition(".")[0] for item in ARTICLE_30[kind] if item.requirement == "due"}
    hidden = set(PROTECTED[kind]) if "redacted" in line else set()
    found = []
    for column in columns(kind):
        value = value_at(record, column.key)
        if value is not None:
            found.append((column.title, _shown(column.schema, value)))
        elif column.key in hidden:
            found.append((column.title, REDACTED))
        elif column.key in due:
            found.append((column.title, NOT_FILLED))
    return found


def _shown(described: Mapping[str, Any], value: Any) -> str:
    if "items" in described:
        return "\n".join(f"• {in_words(described['items'], item)}" for item in value)
    return in_words(described, value)
