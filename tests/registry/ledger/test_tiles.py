from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.ledger.errors import MalformedError
from registry.ledger.merkle import Frontier, leaf_hash, tree_root
from registry.ledger.proofs import (
    consistency_proof,
    frontier_at,
    inclusion_proof,
    reader_of,
    verify_consistency,
    verify_inclusion,
)
from registry.ledger.tiles import (
    ENTRIES,
    Tile,
    TileBuilder,
    levels_of,
    parse_tile_path,
    split_tile,
    tile_reader,
    tiles_of,
)

SIZES = [0, 1, 2, 255, 256, 257, 511, 512, 70_000]
LEAVES = [leaf_hash(index.to_bytes(4, "big")) for index in range(70_000)]


@cache
def tree(size: int) -> dict[Tile, bytes]:
    """All tiles of the tree of that size, as its builder gives them."""
    builder = TileBuilder()
    tiles = dict(tile for leaf in LEAVES[:size] for tile in builder.append(leaf))
    return tiles | dict(builder.partial())


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(1, 273, 17), "tile/1/273.p/17"),
        (Tile(63, 999, 255), "tile/63/999.p/255"),
        (Tile(ENTRIES, 1000, 1), "tile/entries/x001/000.p/1"),
        (Tile(0, 2**63 - 1), "tile/0/x009/x223/x372/x036/x854/x775/807"),
    ],
)
def test_a_path_is_that_of_the_specification_and_is_read_back(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_tile_path(path) == tile


@given(st.integers(ENTRIES, 63), st.integers(0, 2**63 - 1), st.integers(1, 256))
def test_every_path_is_read_back(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert parse_tile_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "", "tile", "tile/0", "tile/0/", "/tile/0/000", "tile/0/000/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000",
        "tile/64/000", "tile/-1/000", "tile/+1/000", "tile/0/x000/001", "tile/0/x000", "tile/0/001/000", "tile/0/x1/000",
        "tile/0/X001/000", "tile/0/000.p/0", "tile/0/000.p/00", "tile/0/000.p/01", "tile/0/000.p/256", "tile/0/000.p/",
        "tile/0/000.p", "tile/0/000.p/+1", "tile/0/000\n", "tile/0/\u0660\u0660\u0660", "tile/0/000.p/\u0661", "tile/entry/000",
        "tile/entries/../000", "tile/0/x009/x223/x372/x036/x854/x775/808", "tile/0/" + "x001/" * 7 + "000", "tile/data/000",
    ],
)  # fmt: skip
def test_another_spelling_of_a_path_is_refused(path: str) -> None:
    with pytest.raises(MalformedError):
        parse_tile_path(path)


def test_a_place_that_no_tree_has_is_refused() -> None:
    for place in [(-2, 0, 1), (64, 0, 1), (0, -1, 1), (0, 2**63, 1), (0, 0, 0), (0, 0, 257)]:
        with pytest.raises(MalformedError):
            Tile(*place)


def test_a_tree_of_70_000_leaves_has_the_tiles_the_specification_counts() -> None:
    assert list(levels_of(70_000)) == [0, 1, 2]
    assert [len(levels_of(size)) for size in (0, 1, 255, 256, 65_535, 65_536)] == [0, 1, 1, 2, 2, 3]
    assert [len(list(tiles_of(70_000, level))) for level in (ENTRIES, 0, 1, 2, 3)] == [274, 274, 2, 1, 0]
    assert [list(tiles_of(70_000, level))[-1].width for level in (ENTRIES, 0, 1, 2)] == [112, 112, 17, 1]


def test_a_tree_of_256_leaves_has_one_full_tile_and_one_of_width_one_above() -> None:
    assert [list(tiles_of(256, level)) for level in levels_of(256)] == [[Tile(0, 0)], [Tile(1, 0, 1)]]


@pytest.mark.parametrize("size", SIZES)
def test_the_builder_makes_exactly_the_tiles_of_the_size(size: int) -> None:
    assert set(tree(size)) == {tile for level in levels_of(size) for tile in tiles_of(size, level)}
    assert all(tile.within(size) for tile in tree(size))
    for tile, raw in tree(size).items():
        span = 256**tile.level
        start = tile.index * 256 * span
        assert split_tile(tile, raw) == [
            tree_root(LEAVES[at : at + span]) for at in range(start, start + tile.width * span, span)
        ]


@pytest.mark.parametrize(
    ("tile", "size"),
    [(Tile(0, 0, 8), 7), (Tile(0, 1, 1), 256), (Tile(1, 0, 1), 255), (Tile(ENTRIES, 0), 255), (Tile(2, 0, 2), 70_000)],
)
def test_a_tile_that_a_size_does_not_fill_is_not_in_its_tree(tile: Tile, size: int) -> None:
    assert not tile.within(size)


@pytest.mark.parametrize("size", SIZES)
def test_proofs_and_frontiers_are_read_from_the_tiles_alone(size: int) -> None:
    read = tile_reader(tree(size).__getitem__, size)
    frontier = Frontier()
    frontier.extend(LEAVES[:size])
    assert bytes(frontier_at(size, read)) == bytes(frontier)
    for index in {0, size // 3, size // 2, size - 1} & set(range(size)):
        verify_inclusion(LEAVES[index], index, size, inclusion_proof(index, size, read), frontier.root())
    for old in {1, size // 3, size // 2, size - 1} & set(range(1, size)):
        proof = consistency_proof(old, size, read)
        verify_consistency(old, size, proof, tree_root(LEAVES[:old]), frontier.root())


def test_the_tiles_reader_agrees_with_the_leaves_reader_on_every_node() -> None:
    size = 600
    from_tiles, from_leaves = tile_reader(tree(size).__getitem__, size), reader_of(LEAVES[:size])
    for level in range(10):
        for index in range(size >> level):
            assert from_tiles(level, index) == from_leaves(level, index)


def test_a_node_outside_the_tree_or_a_tile_of_another_length_is_refused() -> None:
    for level, index in [(0, 7), (1, 3), (3, 0)]:
        with pytest.raises(MalformedError):
            tile_reader(tree(7).__getitem__, 7)(level, index)
    for wrong in (b"", bytes(32 * 6), bytes(32 * 7 - 1), bytes(32 * 8)):
        with pytest.raises(MalformedError):
            tile_reader({Tile(0, 0, 7): wrong}.__getitem__, 7)(0, 0)
