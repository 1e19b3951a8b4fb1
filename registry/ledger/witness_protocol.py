"""What a log and a witness send each other (C2SP tlog-witness, `add-checkpoint`)."""

from collections.abc import Sequence
from dataclasses import dataclass

from registry.ledger.encoding import decode_base64, decode_decimal, encode_base64
from registry.ledger.errors import MalformedError
from registry.ledger.merkle import HASH_BYTES
from registry.ledger.notes import MAX_BYTES as MAX_NOTE_BYTES
from registry.ledger.proofs import MAX_HASHES

MAX_BYTES = MAX_NOTE_BYTES + 4096
"""A request's largest size: a checkpoint's note after 63 hashes of 45 bytes."""
SIZE_CONTENT_TYPE = "text/x.tlog.size"
"""Content type of the answer 409, whose body is the size the witness knows."""


@dataclass(frozen=True)
class AddCheckpoint:
    """A request: the size the log believes the witness holds, the proof from there, and the checkpoint's note."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


def encode_add_checkpoint(old: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
    """The body of `POST <submission prefix>/add-checkpoint`. Raises MalformedError when it would be refused as such."""
    lines = [f"old {old}", *(encode_base64(value) for value in proof)]
    body = "\n".join(lines).encode() + b"\n\n" + checkpoint
    parse_add_checkpoint(body)
    return body


def parse_add_checkpoint(body: bytes) -> AddCheckpoint:
    """Read a request, **nothing in it checked**: neither signature nor proof. Raises MalformedError (answer 400).

    1. Split at the first blank line; 2. the old size; 3. at most 63 hashes, none when the old size is 0; the rest, as
    it is, is the checkpoint's note.
    """
    if len(body) > MAX_BYTES:
        raise MalformedError("the request is too large")
    head, blank, checkpoint = body.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise MalformedError("the request's own lines are ASCII") from error
    if not first.startswith("old ") or not blank or not checkpoint:
        raise MalformedError("the request begins with the old size and ends with a checkpoint")
    old = decode_decimal(first.removeprefix("old "))
    if len(lines) > (MAX_HASHES if old else 0):
        raise MalformedError("the proof has at most 63 hashes, none from an empty tree")
    return AddCheckpoint(old, tuple(decode_base64(line, HASH_BYTES) for line in lines), checkpoint)


def encode_size(size: int) -> bytes:
    """The body of the answer 409: the size of the latest checkpoint the witness cosigned."""
    return b"%d\n" % size


def parse_size(body: bytes) -> int:
    """The size in the body of an answer 409. Raises MalformedError."""
    try:
        line = body.decode("ascii")
    except UnicodeDecodeError as error:
        raise MalformedError("a size is ASCII") from error
    if not line.endswith("\n"):
        raise MalformedError("a size ends with a newline")
    return decode_decimal(line[:-1])
