"""The file `keys` that a log serves: vkeys, policy, and the public openings of its key records. Not to be believed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from registry.ledger.commitments import SALT_BYTES
from registry.ledger.encoding import LARGEST, decode_base64
from registry.ledger.errors import MalformedError

PATH = "keys"
MAX_BYTES = 16 * 1024 * 1024
_FIELDS = {"origin", "log", "recorder", "policy", "openings"}


@dataclass(frozen=True)
class Opening:
    """The opened facts of the record at `index`: its salt, and their canonical JSON text."""

    index: int
    salt: bytes
    facts: str


@dataclass(frozen=True)
class KeysFile:
    """The file's content; `openings` in order of their index, one for each."""

    origin: str
    log: list[str]
    recorder: list[str]
    policy: str | None
    openings: list[Opening]


def parse_keys_file(raw: bytes) -> KeysFile:
    """Read the file, **nothing in it checked**. Raises MalformedError on other fields, types, or a repeated key."""
    value = read_json(raw)
    require_fields(value, _FIELDS)
    policy = value["policy"]
    if policy is not None and type(policy) is not str:
        raise MalformedError("the policy is text or null")
    openings = [_opening(item) for item in _list(value["openings"])]
    indexes = [opening.index for opening in openings]
    if indexes != sorted(set(indexes)):
        raise MalformedError("the openings come in order of their index")
    return KeysFile(require_text(value["origin"]), _texts(value["log"]), _texts(value["recorder"]), policy, openings)


def read_json(raw: bytes) -> Any:
    """The value of strict JSON: UTF-8, no repeated key, no NaN, no lone surrogate. Raises MalformedError."""
    try:
        value = json.loads(raw.decode(), object_pairs_hook=_unique, parse_constant=_refused)
        json.dumps(value, ensure_ascii=False).encode()  # an escape may hide half a character
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"JSON is expected: {error}") from error
    return value


def require_fields(value: Any, fields: set[str]) -> None:
    """Check that the value is an object with exactly these keys. Raises MalformedError."""
    if type(value) is not dict or value.keys() != fields:
        raise MalformedError(f"an object with the keys {', '.join(sorted(fields))} is expected")


def require_text(value: Any) -> str:
    """The value, a text. Raises MalformedError."""
    if type(value) is not str:
        raise MalformedError("a text is expected")
    return value


def _opening(value: Any) -> Opening:
    require_fields(value, {"index", "salt", "facts"})
    index = value["index"]
    if type(index) is not int or not 0 <= index <= LARGEST:
        raise MalformedError("an index is a whole number")
    return Opening(index, decode_base64(require_text(value["salt"]), SALT_BYTES), require_text(value["facts"]))


def _texts(value: Any) -> list[str]:
    return [require_text(item) for item in _list(value)]


def _list(value: Any) -> Sequence[Any]:
    if type(value) is not list:
        raise MalformedError("a list is expected")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise MalformedError("a key is there twice")
    return value


def _refused(constant: str) -> None:
    raise MalformedError(f"{constant} is not JSON")
