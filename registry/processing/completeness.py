"""What a record still lacks of article 30 GDPR, as keys and in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.conformity.terms import is_blank
from registry.processing.fields import ARTICLE_30, CONTACT_KEYS, Due, title_of, value_at

_CONTACTS = ".contact_details"


def missing(record: Mapping[str, Any], kind: str = "controller") -> list[str]:
    """Keys that are due and blank, in the order of article 30. Those due only « le cas échéant » or « dans la mesure du
    possible » are left out."""
    return [due.key for due in ARTICLE_30[kind] if due.requirement == "due" and _lacks(record, due)]


@dataclass(frozen=True)
class Completeness:
    """How far a record answers article 30: `present` of the `due` items, and sentences for what lacks."""

    due: int
    present: int
    lacking: list[str]
    advised: list[str]


def completeness(record: Mapping[str, Any], kind: str = "controller") -> Completeness:
    """`lacking` says what article 30 requires and the record lacks; `advised` what it asks for « dans la mesure du
    possible » (30(1)(f) and (g), 30(2)(d))."""
    due = [d for d in ARTICLE_30[kind] if d.requirement == "due"]
    lacking = [d for d in due if _lacks(record, d)]
    advised = [d for d in ARTICLE_30[kind] if d.requirement == "as_far_as_possible" and _lacks(record, d)]
    return Completeness(
        due=len(due),
        present=len(due) - len(lacking),
        lacking=[f"{title_of(kind, d.key)} : exigé par l'article {d.article} du RGPD." for d in lacking],
        advised=[
            f"{title_of(kind, d.key)} : attendu dans la mesure du possible (article {d.article} du RGPD)."
            for d in advised
        ],
    )


def _lacks(record: Mapping[str, Any], due: Due) -> bool:
    if due.key.endswith(_CONTACTS):
        contact = value_at(record, due.key.removesuffix(_CONTACTS)) or {}
        return all(is_blank(contact.get(key)) for key in CONTACT_KEYS)
    return is_empty(value_at(record, due.key))


def is_empty(value: Any) -> bool:
    """Blank, or an object or list that holds only blank values."""
    if isinstance(value, Mapping):
        return all(is_empty(item) for item in value.values())
    if isinstance(value, list):
        return all(is_empty(item) for item in value)
    return is_blank(value)
