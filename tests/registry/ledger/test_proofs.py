"""Proofs between all sizes up to 130, and every way of altering one that the tests know of."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.ledger.errors import LedgerError, MalformedError, ProofError
from registry.ledger.merkle import EMPTY_ROOT, leaf_hash
from registry.ledger.proofs import (
    MAX_HASHES,
    consistency_proof,
    frontier_at,
    inclusion_proof,
    reader_of,
    verify_consistency,
    verify_inclusion,
)
from tests.registry.ledger.test_merkle import ENTRIES, ROOTS, definition

SIZES = 130
LEAVES = [leaf_hash(index.to_bytes(4, "big")) for index in range(SIZES)]
READ = reader_of(LEAVES)
ROOT = [definition(LEAVES[:size]) for size in range(SIZES + 1)]
OTHER = leaf_hash(b"another")


def mutations(proof: list[bytes]) -> Iterator[list[bytes]]:
    """The proof with one hash changed, removed, doubled, added at either end, or two exchanged."""
    yield [*proof, OTHER]
    yield [OTHER, *proof]
    for at, value in enumerate(proof):
        yield [*proof[:at], bytes([value[0] ^ 1]) + value[1:], *proof[at + 1 :]]
        yield proof[:at] + proof[at + 1 :]
        yield [*proof[:at], value, *proof[at:]]
        if at and value != proof[at - 1]:
            yield [*proof[: at - 1], value, proof[at - 1], *proof[at + 1 :]]


@pytest.mark.parametrize("size", range(1, SIZES + 1))
def test_every_leaf_is_proved_and_every_altered_proof_is_refused(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(index, size, READ)
        assert len(proof) <= (size - 1).bit_length()
        verify_inclusion(LEAVES[index], index, size, proof, ROOT[size])
        for other in mutations(proof):
            with pytest.raises(ProofError):
                verify_inclusion(LEAVES[index], index, size, other, ROOT[size])
        for leaf, root in [(OTHER, ROOT[size]), (LEAVES[index], ROOT[size - 1])]:
            with pytest.raises(ProofError):
                verify_inclusion(leaf, index, size, proof, root)


def test_a_leaf_is_proved_at_no_other_index() -> None:
    for size in range(1, 40):
        for index in range(size):
            proof = inclusion_proof(index, size, READ)
            for other in (*range(-1, index), *range(index + 1, size + 2)):
                with pytest.raises(ProofError):
                    verify_inclusion(LEAVES[index], other, size, proof, ROOT[size])


@pytest.mark.parametrize("size", range(SIZES + 1))
def test_every_prefix_is_proved_and_every_altered_proof_is_refused(size: int) -> None:
    for old in range(size + 1):
        proof = consistency_proof(old, size, READ)
        assert len(proof) <= MAX_HASHES
        verify_consistency(old, size, proof, ROOT[old], ROOT[size])
        for other in mutations(proof):
            with pytest.raises(ProofError):
                verify_consistency(old, size, other, ROOT[old], ROOT[size])
        with pytest.raises(ProofError):
            verify_consistency(old, size, proof, OTHER, ROOT[size])
        if old:  # an empty tree is a prefix of any other: nothing was promised yet
            with pytest.raises(ProofError):
                verify_consistency(old, size, proof, ROOT[old], OTHER)


def test_a_prefix_is_proved_at_no_other_size() -> None:
    for size in range(2, 40):
        for old in range(1, size):
            proof = consistency_proof(old, size, READ)
            for other in {*range(size + 2)} - {old}:
                with pytest.raises(ProofError):
                    verify_consistency(other, size, proof, ROOT[old], ROOT[size])


def test_proofs_of_the_reference_data() -> None:
    leaves = [leaf_hash(entry) for entry in ENTRIES]
    read, roots = reader_of(leaves), [bytes.fromhex(root) for root in ROOTS]
    assert [value.hex() for value in inclusion_proof(5, 8, read)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    proof = consistency_proof(6, 8, read)
    assert [value.hex() for value in proof] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    verify_consistency(6, 8, proof, roots[6], roots[8])


def test_the_empty_tree_is_a_prefix_of_every_tree_without_proof_and_holds_no_leaf() -> None:
    assert consistency_proof(0, 7, READ) == []
    verify_consistency(0, 7, [], EMPTY_ROOT, ROOT[7])
    verify_consistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    for proof, root in [([OTHER], EMPTY_ROOT), ([], OTHER)]:
        with pytest.raises(ProofError):
            verify_consistency(0, 7, proof, root, ROOT[7])
    with pytest.raises(ProofError):
        verify_inclusion(OTHER, 0, 0, [], EMPTY_ROOT)


def test_a_missing_proof_is_refused() -> None:
    for old in (1, 2, 3, 4, 5, 6):
        with pytest.raises(ProofError):
            verify_consistency(old, 7, [], ROOT[old], ROOT[7])


def test_one_size_with_two_roots_is_refused() -> None:
    for size in (1, 2, 7):
        with pytest.raises(ProofError):
            verify_consistency(size, size, [], ROOT[size], OTHER)


def test_a_tree_that_shrinks_is_refused() -> None:
    for old, size in [(7, 6), (1, 0), (-1, 3)]:
        with pytest.raises(ProofError):
            verify_consistency(old, size, [], ROOT[7], ROOT[6])
        with pytest.raises(MalformedError):
            consistency_proof(old, size, READ)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_no_inclusion_proof_is_made_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(MalformedError):
        inclusion_proof(index, size, READ)


def test_hashes_of_another_length_are_refused() -> None:
    proof = inclusion_proof(2, 5, READ)
    for other in ([proof[0] + b"x", *proof[1:]], [proof[0][:-1], *proof[1:]], [b"", *proof[1:]]):
        with pytest.raises(MalformedError):
            verify_inclusion(LEAVES[2], 2, 5, other, ROOT[5])
    with pytest.raises(MalformedError):
        verify_inclusion(LEAVES[2][:31], 2, 5, proof, ROOT[5])
    # bytes moved across the border of two hashes leave their concatenation, and so a node, unchanged
    one, two, *rest = consistency_proof(5, 8, READ)
    with pytest.raises(LedgerError):
        verify_consistency(5, 8, [one + two[:1], two[1:], *rest], ROOT[5], ROOT[8])


@given(st.integers(0, SIZES))
def test_the_frontier_of_any_prefix_is_read_from_the_tree(size: int) -> None:
    frontier = frontier_at(size, READ)
    assert (frontier.size, frontier.root()) == (size, ROOT[size])
