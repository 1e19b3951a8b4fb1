"""Hashes of the RFC 6962 tree over SHA-256, and the frontier that lets it grow."""

import hashlib
from collections.abc import Iterable

from registry.ledger.encoding import LARGEST
from registry.ledger.errors import MalformedError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """`SHA-256(0x00 || entry)`, 32 bytes (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """`SHA-256(0x01 || left || right)`, 32 bytes (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def require_hash(value: bytes) -> bytes:
    """The value, when it has a hash's 32 bytes (halves of other lengths could share a node). Raises MalformedError."""
    if len(value) != HASH_BYTES:
        raise MalformedError("a hash has 32 bytes")
    return value


class Frontier:
    """The roots of the perfect subtrees a tree is made of, from largest to smallest: all it takes to append and sign.

    One hash for each bit set in `size`, so at most 63 x 32 bytes; appending costs one hash, amortised.
    """

    __slots__ = ("_roots", "size")

    def __init__(self, size: int = 0, raw: bytes = b"") -> None:
        """A tree of `size` leaves from the bytes of its frontier; empty by default. Raises MalformedError."""
        if not 0 <= size <= LARGEST or len(raw) != size.bit_count() * HASH_BYTES:
            raise MalformedError("the frontier has one hash for each perfect subtree of its size")
        self.size = size
        self._roots = [raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)]

    def __bytes__(self) -> bytes:
        """What is stored beside `size` to build the same frontier again."""
        return b"".join(self._roots)

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash (32 bytes) at index `size`. Raises MalformedError."""
        root, size = require_hash(leaf), self.size
        while size & 1:
            root = node_hash(self._roots.pop(), root)
            size >>= 1
        self._roots.append(root)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes in order. Raises MalformedError."""
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        """The Merkle tree hash of all leaves, 32 bytes."""
        if not self._roots:
            return EMPTY_ROOT
        *larger, root = self._roots
        for left in reversed(larger):
            root = node_hash(left, root)
        return root


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """The Merkle tree hash of leaf hashes (RFC 6962 §2.1). Raises MalformedError when one has not 32 bytes."""
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root()
