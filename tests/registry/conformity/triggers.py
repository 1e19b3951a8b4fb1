"""What a trigger's words say: the keys it mentions, and the moment it is about."""

import re

from registry.conformity import catalogue, check_of
from schemas import vocabulary

_MOMENTS = {
    "admission": "from filed to under_study", "study": "a study part is concluded", "opinion": "an opinion is signed",
    "decision": "a decision is recorded", "activation": "from preparation to active", "closing": "from closing to closed",
}  # fmt: skip
ANY = "Any data_nature."


def moments(check: str) -> set[str]:
    """The transitions at which a transition check is read."""
    trigger = check_of(check).trigger
    return {moment for moment, words in _MOMENTS.items() if words in trigger}


def mentions(check: str, path: str) -> bool:
    """Whether the trigger mentions a key of the request: « volume.scope », « data_items[] has a blank necessity »."""
    trigger = check_of(check).trigger
    if path == "data_nature":
        return not trigger.startswith(ANY) or "data_nature is" in trigger
    if path in {"requester", "holder"}:
        return _word(path, trigger) or "controllers[]" in trigger
    head, inside, leaf = path.partition("[].")
    if inside:
        return head in trigger and (_word(leaf, trigger) or not _names_a_key_of(head, trigger))
    return _word(path.removesuffix("[]"), trigger)


def _word(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}(?!\w|\.\w)", text) is not None


def _names_a_key_of(head: str, trigger: str) -> bool:
    """Whether the trigger goes into the items of a list, rather than speak of the list as a whole."""
    keys = [path.partition("[].")[2] for path in vocabulary()["keys"]["request"] if path.startswith(f"{head}[].")]
    return any(_word(key, trigger) for key in keys)


def mentions_of_file(check: str, key: str) -> bool:
    """Whether the trigger mentions a top key of the exchange file."""
    trigger = check_of(check).trigger
    named = _word(f"file.{key}", trigger) or re.search(rf"file\.{key}\b", trigger) is not None
    return named or any(words in trigger for words in _SAID.get(key, ()))


_SAID = {
    "study": ("a study part is concluded",), "opinion": ("an opinion is signed",),
    "decision": ("a decision is recorded",), "state": ("state active",),
}  # fmt: skip

REQUEST_CHECKS = [check.id for check in catalogue() if check.phase == "request"]
TRANSITION_CHECKS = [check.id for check in catalogue() if check.phase == "transition"]
