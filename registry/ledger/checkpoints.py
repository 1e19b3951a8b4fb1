"""Checkpoints: a log's signed head (C2SP tlog-checkpoint), without extension lines.

ML-DSA cosignatures do not cover extension lines and implementations disagree on whether Ed25519 ones do (C2SP issue
238): a text of more than three lines is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from registry.ledger.encoding import LARGEST, decode_base64, decode_decimal, encode_base64
from registry.ledger.errors import MalformedError, UnknownKeyError
from registry.ledger.keys import ED25519, Signer, Verifier, require_name
from registry.ledger.merkle import EMPTY_ROOT, require_hash
from registry.ledger.notes import Note, open_note, sign_note


@dataclass(frozen=True)
class Checkpoint:
    """A head: the log's origin, the number of its leaves, the root of their tree (32 bytes).

    The origin is also the name of the log's key. Raises MalformedError on values that no log may sign.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        require_name(self.origin)
        require_hash(self.root)
        if not 0 <= self.size <= LARGEST or (self.size == 0 and self.root != EMPTY_ROOT):
            raise MalformedError("the size is out of range, or the root is not that of an empty tree")

    @property
    def text(self) -> str:
        """What the log signs: origin, size and root in base64, a line each."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint of a note's text, exactly three lines. Raises MalformedError."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise MalformedError("a checkpoint has exactly three lines")
    return Checkpoint(lines[0], decode_decimal(lines[1]), decode_base64(lines[2]))


def sign_checkpoint(checkpoint: Checkpoint, signers: Iterable[Signer]) -> bytes:
    """The checkpoint's note, UTF-8; two signers while a key is being replaced. Raises MalformedError on another's key.

    That no other root was ever signed for that size, nor any history it does not extend, is for the caller to know.
    """
    signers = list(signers)
    if any(signer.name != checkpoint.origin for signer in signers):
        raise MalformedError("a checkpoint is signed by keys named after its origin")
    return sign_note(checkpoint.text, signers)


def checkpoint_of(note: Note) -> Checkpoint:
    """The checkpoint of an opened note, when a key named after its origin signed it; witnesses alone are not enough.

    Raises MalformedError or UnknownKeyError.
    """
    checkpoint = parse_checkpoint(note.text)
    if not any(key.algorithm == ED25519 and key.name == checkpoint.origin for key in note.signed_by):
        raise UnknownKeyError("no known key of the log signed the checkpoint")
    return checkpoint


def open_checkpoint(note: bytes, log_keys: Iterable[Verifier]) -> Checkpoint:
    """The checkpoint of a note that a known key of its log signed, whoever cosigned it. Raises LedgerError."""
    return checkpoint_of(open_note(note, log_keys))
