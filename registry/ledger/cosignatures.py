"""Cosignatures: a witness's word that a checkpoint extends all it saw of that log (C2SP tlog-cosignature).

Ed25519 (0x04) only; lines of any other algorithm, ML-DSA-44 (0x06) included, are lines of unknown keys: ignored.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from registry.ledger.checkpoints import Checkpoint, checkpoint_of
from registry.ledger.encoding import LARGEST
from registry.ledger.errors import MalformedError
from registry.ledger.keys import Signer, Verifier, split_vkey
from registry.ledger.notes import Note, SignatureLine, join_note, open_note, split_note

COSIGNATURE = 0x04
_TIME_BYTES, _SIGNATURE_BYTES = 8, 72


@dataclass(frozen=True)
class CosignatureVerifier(Verifier):
    """A witness's public key; the signature it checks is `u64be(time) || Ed25519 signature`, 72 bytes."""

    algorithm: ClassVar[int] = COSIGNATURE

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Whether the signature is this witness's over a checkpoint's text and the time it carries."""
        time = int.from_bytes(signature[:_TIME_BYTES], "big")
        if len(signature) != _SIGNATURE_BYTES or time > LARGEST:
            return False
        return super().verifies(_message(time, text), signature[_TIME_BYTES:])


def parse_witness_vkey(text: str) -> CosignatureVerifier:
    """The verifier of a witness's vkey (algorithm 0x04). Raises MalformedError when it is anything else."""
    name, algorithm, public = split_vkey(text)
    if algorithm != COSIGNATURE:
        raise MalformedError("a vkey of an Ed25519 witness is expected")
    return CosignatureVerifier(name, public)


class Cosigner:
    """A witness's private key; it signs nothing but cosignatures."""

    def __init__(self, key: Signer) -> None:
        """`key` is used for nothing else: a cosignature does not commit to the cosigner's name."""
        self._key = key
        self.verifier = CosignatureVerifier(key.name, key.verifier.public)

    def cosign(self, checkpoint: Checkpoint, time: int) -> SignatureLine:
        """The line that says: at `time` (POSIX seconds) this was the largest head seen, consistent with all before.

        Raises MalformedError on a time out of range. Consistency is for the caller to have checked and stored.
        """
        if not 0 <= time <= LARGEST:
            raise MalformedError("a cosignature's time is between 0 and 2^63 - 1 seconds")
        signature = self._key.sign(_message(time, checkpoint.text.encode()))
        return SignatureLine(self._key.name, self.verifier.id, time.to_bytes(_TIME_BYTES, "big") + signature)


@dataclass(frozen=True)
class Cosigned:
    """An opened checkpoint with what the known witnesses said of it: each one's time, POSIX seconds."""

    checkpoint: Checkpoint
    times: dict[CosignatureVerifier, int]


def open_cosigned(note: bytes, log_keys: Iterable[Verifier], witnesses: Iterable[CosignatureVerifier]) -> Cosigned:
    """The checkpoint of a note that a known key of its log signed, and the times of the known witnesses' lines.

    A wrong line under a known witness's key rejects the note, as a wrong signature of the log does. Raises LedgerError.
    """
    opened = open_note(note, [*log_keys, *witnesses])
    return Cosigned(checkpoint_of(opened), times_of(opened))


def times_of(opened: Note) -> dict[CosignatureVerifier, int]:
    """When each known witness cosigned an opened note, POSIX seconds; signatures of other keys are left out."""
    return {
        key: int.from_bytes(signature[:_TIME_BYTES], "big")
        for key, signature in opened.signatures
        if isinstance(key, CosignatureVerifier)
    }


def verify_lines(body: bytes, checkpoint: Checkpoint, witnesses: Iterable[CosignatureVerifier]) -> list[SignatureLine]:
    """The lines of a witness's answer that known witnesses made over this checkpoint; lines of others are left out.

    Raises MalformedError, SignatureError on a known witness's wrong line, UnknownKeyError when none is left.
    """
    if b"\n\n" in b"\n" + body:  # a blank line would make the note below one over a text of the sender's
        raise MalformedError("signature lines only are expected")
    opened = open_note(f"{checkpoint.text}\n".encode() + body, witnesses)
    return [SignatureLine(key.name, key.id, signature) for key, signature in opened.signatures]


def with_cosignatures(note: bytes, lines: Sequence[SignatureLine]) -> bytes:
    """The checkpoint's note with verified cosignature lines added, UTF-8.

    A witness's line replaces its former one unless it is older (a line handed in again must not age the head). Raises
    MalformedError when the note is malformed or would have too many lines.
    """
    text, present = split_note(note)
    kept: dict[tuple[str, bytes], SignatureLine] = {}
    for line in present:
        kept.setdefault((line.name, line.id), line)  # of repeated lines the first is the one that counts
    for line in lines:
        former = kept.get((line.name, line.id))
        if former is None or former.signature[:_TIME_BYTES] < line.signature[:_TIME_BYTES]:
            kept[line.name, line.id] = line
    return join_note(text, list(kept.values()))


def _message(time: int, text: bytes) -> bytes:
    return b"cosignature/v1\ntime %d\n%s" % (time, text)
