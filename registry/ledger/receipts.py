"""Receipts: one leaf's place in a signed head, to keep and check offline (C2SP tlog-proof, `.tlog-proof`)."""

from dataclasses import dataclass

from registry.ledger.checkpoints import Checkpoint
from registry.ledger.encoding import decode_base64, decode_decimal, encode_base64
from registry.ledger.errors import MalformedError
from registry.ledger.merkle import HASH_BYTES, leaf_hash
from registry.ledger.proofs import MAX_HASHES, verify_inclusion

MAX_BYTES = 4 * 1024 * 1024
"""A receipt's largest size; the openings of one event are the most of it."""
_FIRST = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class Receipt:
    """A leaf's `index`, its inclusion proof from the leaf up, the checkpoint's note as received, and extra bytes.

    **`extra` is not authenticated**: what it holds counts only once checked against the record (leaf hash, `commit`).
    """

    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


def encode_receipt(receipt: Receipt) -> bytes:
    """The file's bytes. Raises MalformedError on a receipt that `parse_receipt` would refuse."""
    lines = [_FIRST]
    if receipt.extra is not None:
        lines.append(f"extra {encode_base64(receipt.extra)}")
    lines.append(f"index {receipt.index}")
    lines += [encode_base64(value) for value in receipt.proof]
    raw = "\n".join(lines).encode() + b"\n\n" + receipt.checkpoint
    parse_receipt(raw)
    return raw


def parse_receipt(raw: bytes) -> Receipt:
    """Read a receipt, **nothing in it checked**. Raises MalformedError.

    1. Split at the first blank line; 2. first line, optional extra, index; 3. the proof's hashes; the rest, as it is,
    is the checkpoint's note.
    """
    if len(raw) > MAX_BYTES:
        raise MalformedError("the receipt is too large")
    head, blank, checkpoint = raw.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise MalformedError("a receipt's own lines are ASCII") from error
    if first != _FIRST or not blank or not checkpoint:
        raise MalformedError("a receipt begins with c2sp.org/tlog-proof@v1 and ends with a checkpoint")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index ") or len(lines) > MAX_HASHES + 1:
        raise MalformedError("a receipt has an index and at most 63 hashes")
    index = decode_decimal(lines.pop(0).removeprefix("index "))
    return Receipt(index, tuple(decode_base64(line, HASH_BYTES) for line in lines), checkpoint, extra)


def verify_receipt(receipt: Receipt, entry: bytes, head: Checkpoint) -> None:
    """Check that the entry (a record's note, byte for byte) is in the log at the receipt's index.

    `head` is the receipt's own checkpoint, opened with keys or a policy the caller already had. Raises ProofError.
    """
    verify_inclusion(leaf_hash(entry), receipt.index, head.size, receipt.proof, head.root)
