"""Signed notes (C2SP signed-note): a text, a blank line, signature lines."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from registry.ledger.encoding import decode_base64, encode_base64
from registry.ledger.errors import MalformedError, SignatureError, UnknownKeyError
from registry.ledger.keys import KEY_ID_BYTES, Signer, Verifier, require_name

MAX_SIGNATURES = 64
"""Signature lines read in one note; the specification asks for at least 16."""
MAX_BYTES = 1_000_000
"""A note's largest size: 64 post-quantum signatures and their text hold in a quarter of it."""
_DASH = "\u2014 "
_FORBIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")


@dataclass(frozen=True)
class SignatureLine:
    """`— <name> base64(id || signature)`: `id` is the key id, 4 bytes; `signature` what the algorithm makes."""

    name: str
    id: bytes
    signature: bytes

    @property
    def text(self) -> str:
        """The line as written, newline included."""
        return f"{_DASH}{self.name} {encode_base64(self.id + self.signature)}\n"


@dataclass(frozen=True)
class Note:
    """An opened note: its text, and the known keys that signed it with their signatures, in the note's order."""

    text: str
    signatures: tuple[tuple[Verifier, bytes], ...]

    @property
    def signed_by(self) -> tuple[Verifier, ...]:
        """The known keys whose signature was checked; never empty."""
        return tuple(verifier for verifier, _ in self.signatures)


def sign_note(text: str, signers: Iterable[Signer]) -> bytes:
    """The note of a text (ending with a newline), UTF-8. Raises MalformedError on a text or number of signers."""
    _require_text(text)
    message = text.encode()
    lines = [SignatureLine(signer.name, signer.verifier.id, signer.sign(message)) for signer in signers]
    return join_note(text, lines)


def join_note(text: str, lines: Sequence[SignatureLine]) -> bytes:
    """The bytes of a note from its parts, UTF-8. Raises MalformedError without a line or with too many."""
    if not 0 < len(lines) <= MAX_SIGNATURES:
        raise MalformedError("a note has from 1 to 64 signatures")
    return (text + "\n" + "".join([line.text for line in lines])).encode()


def split_note(note: bytes) -> tuple[str, tuple[SignatureLine, ...]]:
    """The text and signature lines of a note, **none of them checked**. Raises MalformedError.

    1. UTF-8 without control character other than the newline; 2. split at the last blank line; 3. read each line.
    """
    if len(note) > MAX_BYTES:
        raise MalformedError("the note is too large")
    try:
        whole = note.decode()
    except UnicodeDecodeError as error:
        raise MalformedError("a note is UTF-8 text") from error
    head, separator, tail = whole.rpartition("\n\n")
    if not separator or _FORBIDDEN.search(whole):
        raise MalformedError("a note has a text, a blank line and signature lines, without control characters")
    return head + "\n", split_lines(tail)


def split_lines(text: str) -> tuple[SignatureLine, ...]:
    """Signature lines, each ended by a newline, **not checked**: the tail of a note, or a witness's answer.

    Raises MalformedError when one is malformed, or there is none, or there are too many.
    """
    if not text.endswith("\n") or text.count("\n") > MAX_SIGNATURES:
        raise MalformedError("from 1 to 64 signature lines are expected, each ended by a newline")
    return tuple([_signature_line(line) for line in text[:-1].split("\n")])


def open_note(note: bytes, verifiers: Iterable[Verifier]) -> Note:
    """The text of a note that at least one known key signed.

    1. Split it; 2. ignore lines whose (name, key id) is unknown or was met before; 3. check the others: a wrong one
    rejects the whole note; 4. require that one at least was checked.
    Raises MalformedError, SignatureError (3) or UnknownKeyError (4).
    """
    text, lines = split_note(note)
    message = text.encode()
    known = {(verifier.name, verifier.id): verifier for verifier in verifiers}
    signatures = []
    for line in lines:
        verifier = known.pop((line.name, line.id), None)
        if verifier is None:
            continue
        if not verifier.verifies(message, line.signature):
            raise SignatureError(f"the signature of {line.name} is wrong")
        signatures.append((verifier, line.signature))
    if not signatures:
        raise UnknownKeyError("no known key signed the note")
    return Note(text, tuple(signatures))


def _require_text(text: str) -> None:
    if not text.endswith("\n") or _FORBIDDEN.search(text):
        raise MalformedError("a note's text ends with a newline and has no other control character")


def _signature_line(line: str) -> SignatureLine:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    raw = decode_base64(encoded)
    if not line.startswith(_DASH) or len(raw) <= KEY_ID_BYTES:
        raise MalformedError("the signature line is malformed")
    return SignatureLine(require_name(name), raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])
