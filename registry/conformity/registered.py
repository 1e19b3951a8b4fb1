"""The functions of the checks, by id: each module of `families` registers its own."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from registry.conformity.catalogue import check_of
from registry.conformity.findings import Hit
from registry.conformity.reading import Reading

Answer: TypeAlias = "bool | Hit | Sequence[Hit]"
"""False or empty when the check does not fire."""
Predicate: TypeAlias = Callable[[Reading], Answer]

ANY: list[tuple[str, str, Predicate]] = []
PERSONAL: list[tuple[str, str, Predicate]] = []
LIFE: list[tuple[str, Predicate]] = []
TRANSITIONS: dict[str, list[tuple[str, Predicate]]] = {}

_ANY = "Any data_nature"


def check(check_id: str, *moments: str) -> Callable[[Predicate], Predicate]:
    """Register the function of a check; its phase and stage come from the catalogue, `moments` name the transitions
    at which a transition check is read."""

    def registered(predicate: Predicate) -> Predicate:
        described = check_of(check_id)
        if described.phase == "request":
            found = ANY if described.trigger.startswith(_ANY) else PERSONAL
            found.append((check_id, described.stage or "", predicate))
        elif described.phase == "life":
            LIFE.append((check_id, predicate))
        for moment in moments:
            TRANSITIONS.setdefault(moment, []).append((check_id, predicate))
        return predicate

    return registered


def where(fires: bool, *pointers: str) -> Answer:
    """A hit at these pointers when the check fires."""
    return Hit(pointers) if fires else False


def among(name: str, items: Sequence[Any], matching: Callable[[dict[str, Any]], bool], key: str = "") -> Answer:
    """One hit for the items of a list that match, pointing at each (at its `key`, when given)."""
    found = [(index, item) for index, item in enumerate(items) if matching(item)]
    if not found:
        return False
    end = f"/{key}" if key else ""
    return Hit(tuple(f"{name}/{index}{end}" for index, _ in found), tuple(item for _, item in found))
