"""Signed notes (C2SP signed-note): a text, a blank line, signature lines."""

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from registry.ledger.keys import Signer, Verifier

MAX_SIGNATURES = 64
"""Signatures read in one note; the specification asks for at least 16."""
_DASH = "\u2014 "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteError(ValueError):
    """The note is malformed, or no known key signed it, or a known key's signature is wrong."""


@dataclass(frozen=True)
class Note:
    """An opened note: its text and the verifiers whose signatures were checked."""

    text: str
    signed_by: tuple[Verifier, ...]


def sign_note(text: str, signers: Iterable[Signer]) -> bytes:
    """The note of a text (ending with a newline), UTF-8. Raises ValueError on a text that cannot be signed."""
    _require_text(text)
    message = text.encode()
    return message + b"\n" + "".join(signer.line(message) for signer in signers).encode()


def _require_text(text: str) -> None:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteError("a note's text ends with a newline and has no other control character")


def open_note(note: bytes, verifiers: Sequence[Verifier]) -> Note:
    """Check a note. Unknown keys are ignored; at least one known key must have signed. Raises NoteError.

    1. Split at the last blank line; 2. read each signature line; 3. check those of known (name, id), the first time
    each is met; a wrong one rejects the whole note.
    """
    try:
        whole = note.decode()
    except UnicodeDecodeError as error:
        raise NoteError("a note is UTF-8 text") from error
    head, separator, tail = whole.rpartition("\n\n")
    text = head + "\n"
    if not separator or not tail.endswith("\n"):
        raise NoteError("a note has a text, a blank line and signature lines")
    _require_text(text)
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError("the note has too many signatures")
    known = {(verifier.name, verifier.id): verifier for verifier in verifiers}
    checked: dict[tuple[str, bytes], Verifier] = {}
    for line in lines:
        name, signature = _signature(line)
        place = (name, signature[:4])
        if place in known and place not in checked:
            if not known[place].verifies(text.encode(), signature[4:]):
                raise NoteError(f"the signature of {name} is wrong")
            checked[place] = known[place]
    if not checked:
        raise NoteError("no known key signed the note")
    return Note(text, tuple(checked.values()))


def _signature(line: str) -> tuple[str, bytes]:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not name or "+" in name or any(c.isspace() for c in name):
        raise NoteError("malformed signature line")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("malformed signature") from error
    if base64.b64encode(raw).decode() != encoded or len(raw) <= 4:
        raise NoteError("malformed signature")
    return name, raw
