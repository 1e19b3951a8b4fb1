"""Merkle proofs: built from the roots of perfect subtrees, checked as RFC 9162 says.

Hashes alone do not bind the size of a tree: size and root must come together from a signed head.
"""

from collections.abc import Callable, Sequence

from registry.ledger.errors import MalformedError, ProofError
from registry.ledger.merkle import EMPTY_ROOT, Frontier, node_hash, require_hash

MAX_HASHES = 63
"""The longest proof in a tree of fewer than 2^63 leaves."""
Reader = Callable[[int, int], bytes]
"""`read(level, index)`: the root of leaves [index << level, (index + 1) << level), all of them in the tree."""


def reader_of(leaves: Sequence[bytes]) -> Reader:
    """A reader over leaf hashes held in memory: keeps every level, twice the leaves' size."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])
    return lambda level, index: levels[level][index]


def frontier_at(size: int, read: Reader) -> Frontier:
    """The frontier of the first `size` leaves. Raises MalformedError on a size or hash not allowed."""
    return Frontier(size, b"".join(_perfect_roots(0, size, read)))


def inclusion_proof(index: int, size: int, read: Reader) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `size` leaves, from the leaf up (RFC 9162 §2.1.3.1).

    Halve [0, size) at the largest power of two smaller than its length, keep the half with the leaf, note the root of
    the other; the notes read backwards are the proof. Raises MalformedError when the index is outside the tree.
    """
    if not 0 <= index < size:
        raise MalformedError("the leaf is not in the tree")
    proof, start, end = [], 0, size
    while end - start > 1:
        middle = _middle(start, end)
        if index < middle:
            proof.append(_range_root(middle, end, read))
            end = middle
        else:
            proof.append(_range_root(start, middle, read))
            start = middle
    return proof[::-1]


def consistency_proof(old: int, size: int, read: Reader) -> list[bytes]:
    """The proof that the tree of `old` leaves is a prefix of the tree of `size` leaves (RFC 9162 §2.1.4.1).

    As for inclusion, halving until the range ends at `old`; that range's own root ends the list unless it is the whole
    old tree, which the verifier knows. Empty when `old` is 0 or `size`. Raises MalformedError when `old` > `size`.
    """
    if not 0 <= old <= size:
        raise MalformedError("the old tree is larger than the new one")
    if old == 0:
        return []
    proof, start, end = [], 0, size
    while end != old:
        middle = _middle(start, end)
        if old <= middle:
            proof.append(_range_root(middle, end, read))
            end = middle
        else:
            proof.append(_range_root(start, middle, read))
            start = middle
    if start:
        proof.append(_range_root(start, end, read))
    return proof[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash is at `index` of the tree of `size` leaves with that root; RFC 9162 §2.1.3.2.

    Raises ProofError when it is not proved, MalformedError when a hash has not 32 bytes.
    """
    if not 0 <= index < size:
        raise ProofError("the leaf is not in the tree")
    node, last, running = index, size - 1, require_hash(leaf)
    for sibling in proof:
        require_hash(sibling)
        if last == 0:
            raise ProofError("the inclusion proof is too long")
        if node & 1 or node == last:
            running = node_hash(sibling, running)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            running = node_hash(running, sibling)
        node, last = node >> 1, last >> 1
    if last or running != root:
        raise ProofError("the inclusion proof does not lead to the root")


def verify_consistency(old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes) -> None:
    """Check that the tree (old, old_root) is a prefix of the tree (size, root); RFC 9162 §2.1.4.2.

    The empty tree is a prefix of all and takes no proof (C2SP tlog-witness). Raises ProofError when it is not proved,
    MalformedError when a hash has not 32 bytes.
    """
    if not 0 <= old <= size:
        raise ProofError("the old tree is larger than the new one")
    if old in (0, size):
        if proof or old_root != (root if old == size else EMPTY_ROOT):
            raise ProofError("the roots of one size differ, or an empty proof is expected")
        return
    path = [*proof] if old & (old - 1) else [old_root, *proof]  # a perfect old tree is itself the first node
    if not path:
        raise ProofError("the consistency proof is too short")
    node, last = old - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_running = running = require_hash(path[0])
    for sibling in path[1:]:
        require_hash(sibling)
        if last == 0:
            raise ProofError("the consistency proof is too long")
        if node & 1 or node == last:
            old_running, running = node_hash(sibling, old_running), node_hash(sibling, running)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            running = node_hash(running, sibling)
        node, last = node >> 1, last >> 1
    if last or old_running != old_root or running != root:
        raise ProofError("the consistency proof does not lead to both roots")


def _middle(start: int, end: int) -> int:
    """Where RFC 6962 halves a range: at the largest power of two smaller than its length."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _perfect_roots(start: int, end: int, read: Reader) -> list[bytes]:
    roots = []
    while start < end:
        level = (end - start).bit_length() - 1
        roots.append(read(level, start >> level))
        start += 1 << level
    return roots


def _range_root(start: int, end: int, read: Reader) -> bytes:
    return Frontier(end - start, b"".join(_perfect_roots(start, end, read))).root()
