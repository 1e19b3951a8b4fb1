"""The tree's hashes and frontier. Roots: the reference data of RFC 6962's authors (certificate-transparency tests)."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.ledger.errors import MalformedError
from registry.ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash, node_hash, tree_root

ENTRIES = [
    bytes.fromhex(entry)
    for entry in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def definition(leaves: list[bytes]) -> bytes:
    """MTH, word for word from RFC 6962 §2.1, over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + definition(leaves[:half]) + definition(leaves[half:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference_data(size: int) -> None:
    leaves = [leaf_hash(entry) for entry in ENTRIES[:size]]
    assert tree_root(leaves).hex() == ROOTS[size] == definition(leaves).hex()


def test_a_leaf_and_a_node_of_the_same_bytes_differ() -> None:
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    assert node_hash(left, right) != leaf_hash(left + right)


def test_the_root_follows_the_definition_at_every_size_and_after_every_reload() -> None:
    leaves = [leaf_hash(index.to_bytes(4, "big")) for index in range(300)]
    frontier = Frontier()
    assert frontier.root() == EMPTY_ROOT
    for size, leaf in enumerate(leaves, 1):
        frontier = Frontier(frontier.size, bytes(frontier))
        frontier.append(leaf)
        assert (frontier.size, frontier.root()) == (size, definition(leaves[:size]))
        assert len(bytes(frontier)) == 32 * size.bit_count()


@given(st.lists(st.binary(max_size=3), max_size=40), st.integers(0, 40))
def test_a_frontier_extended_in_two_steps_is_the_one_extended_at_once(entries: list[bytes], cut: int) -> None:
    leaves = [leaf_hash(entry) for entry in entries]
    frontier = Frontier()
    frontier.extend(leaves[:cut])
    frontier.extend(leaves[cut:])
    assert frontier.root() == tree_root(leaves)


@pytest.mark.parametrize(
    ("size", "raw"), [(-1, b""), (0, bytes(32)), (1, b""), (1, bytes(31)), (3, bytes(32)), (2**63, bytes(32))]
)
def test_a_frontier_that_does_not_fit_its_size_is_refused(size: int, raw: bytes) -> None:
    with pytest.raises(MalformedError):
        Frontier(size, raw)


def test_the_largest_tree_has_a_frontier_of_63_hashes() -> None:
    assert Frontier(2**63 - 1, bytes(32 * 63)).size == 2**63 - 1


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_leaf_hash_of_another_length_is_refused_and_nothing_is_appended(length: int) -> None:
    frontier = Frontier(1, bytes(32))
    with pytest.raises(MalformedError):
        frontier.append(bytes(length))
    assert (frontier.size, bytes(frontier)) == (1, bytes(32))
