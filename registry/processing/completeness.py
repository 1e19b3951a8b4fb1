"""What a record still lacks of article 30(1) GDPR, in the words of the register."""

from collections.abc import Mapping
from typing import Any

from registry.conformity.terms import is_blank
from schemas import vocabulary

_AS_FAR_AS_POSSIBLE = frozenset({"time_limits_for_erasure", "security_measures"})
_WHERE_APPLICABLE = frozenset({"joint_controllers", "representative", "transfers"})


def missing(record: Mapping[str, Any]) -> list[str]:
    """Keys of article 30(1) that are blank, in the vocabulary's order. Those due only « le cas échéant » or « dans la
    mesure du possible » are left out."""
    keys = vocabulary()["keys"]["register_record"]
    due = [
        key.removesuffix("[]")
        for key, described in keys.items()
        if described.get("article_30") and key.removesuffix("[]") not in _WHERE_APPLICABLE | _AS_FAR_AS_POSSIBLE
    ]
    return [key for key in due if is_blank(_at(record, key))]


def _at(record: Mapping[str, Any], key: str) -> Any:
    here: Any = record
    for step in key.split("."):
        here = here.get(step) if isinstance(here, Mapping) else None
    return here
