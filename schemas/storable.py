"""What no schema refuses and no store can hold: NUL, lone surrogates, decimals, numbers from 2^53, endless nesting."""

from collections.abc import Iterator
from typing import Any

from schemas.pointers import escaped

MAX_DEPTH = 64
LIMIT = 2**53

_CHARACTER = "Ce texte contient un caractère qui ne peut pas être enregistré."
_KEY = "Le nom d'une rubrique contient un caractère qui ne peut pas être enregistré."
_DEEP = "Le document est trop imbriqué."
_DECIMAL = "Un nombre entier est attendu, sans décimale."
_LARGE = "Ce nombre est trop grand."
_FOREIGN = "Cette valeur n'a pas d'équivalent en JSON."


def storable(document: Any) -> bool:
    """Whether a JSON document can be stored and signed as it is. Reads level by level and checks all texts at once:
    this is on the path of every write."""
    texts: list[str] = []
    level = [document]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            kind = type(value)
            if kind is str:
                texts.append(value)
            elif kind is dict:
                texts.extend(value)
                below.extend(value.values())
            elif kind is list:
                below.extend(value)
            elif kind is int:
                if not -LIMIT < value < LIMIT:
                    return False
            elif value is not None and kind is not bool:
                return False
        if not below:
            return _writable(texts)
        level = below
    return False


def _writable(texts: list[str]) -> bool:
    try:
        joined = "".join(texts)
        joined.encode()
    except (TypeError, UnicodeEncodeError):
        return False
    return "\x00" not in joined


def obstacles(value: Any, place: str = "", depth: int = 1) -> Iterator[tuple[str, str]]:
    """The place (JSON pointer) and the French sentence of everything that makes a document not `storable`."""
    kind = type(value)
    if kind is dict or kind is list:
        if depth >= MAX_DEPTH and value:
            yield place, _DEEP
            return
        for step, item in value.items() if kind is dict else enumerate(value):
            if kind is dict and not (isinstance(step, str) and _writable([step])):
                yield place, _KEY
            else:
                yield from obstacles(item, f"{place}/{escaped(step)}", depth + 1)
    elif sentence := _obstacle(value):
        yield place, sentence


def _obstacle(value: Any) -> str | None:
    kind = type(value)
    if kind is str:
        return None if _writable([value]) else _CHARACTER
    if kind is int:
        return None if -LIMIT < value < LIMIT else _LARGE
    if kind is float:
        return _DECIMAL
    return None if value is None or kind is bool else _FOREIGN
