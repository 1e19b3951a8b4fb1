"""Tiles: the tree as files of 256 hashes (C2SP tlog-tiles). Tile level L holds nodes of tree level 8L.

What a tile says is trusted only through a proof or a recomputed root: readers that believed each tile were wrong for
years (CVE-2026-56865).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from registry.ledger.encoding import LARGEST
from registry.ledger.errors import MalformedError
from registry.ledger.merkle import HASH_BYTES, tree_root
from registry.ledger.proofs import Reader

WIDTH = 256
"""Hashes, or entries, in a full tile."""
ENTRIES = -1
"""The level under which entry bundles are counted: one beside each tile of level 0."""
_MAX_LEVEL = 63
_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?")


@dataclass(frozen=True)
class Tile:
    """One tile, or entry bundle (`level` ENTRIES): the `width` first items of the `index`-th run of 256.

    Raises MalformedError on a place no tree has.
    """

    level: int
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not (ENTRIES <= self.level <= _MAX_LEVEL and 0 <= self.index <= LARGEST and 0 < self.width <= WIDTH):
            raise MalformedError("there is no such tile")

    @property
    def path(self) -> str:
        """The path under the log's prefix, as `tile/0/x001/x234/067.p/8`."""
        groups = [f"{self.index % 1000:03}"]
        rest = self.index // 1000
        while rest:
            groups.append(f"x{rest % 1000:03}")
            rest //= 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"

    def within(self, size: int) -> bool:
        """Whether a tree of `size` leaves fills this tile."""
        return self.index * WIDTH + self.width <= _items(self.level, size)


def parse_tile_path(path: str) -> Tile:
    """The tile of a path under the log's prefix. Raises MalformedError on any other spelling than `Tile.path`'s."""
    match = _PATH.fullmatch(path)
    if not match:
        raise MalformedError("there is no such tile")
    level, index, width = match.groups()
    tile = Tile(
        ENTRIES if level == "entries" else int(level),
        int(index.replace("x", "").replace("/", "")),
        int(width) if width else WIDTH,
    )
    if tile.path != path:
        raise MalformedError("the tile's path has another spelling")
    return tile


def tiles_of(size: int, level: int) -> Iterator[Tile]:
    """The tiles of one level of a tree of `size` leaves: the full ones in order, then the partial one if any."""
    full, width = divmod(_items(level, size), WIDTH)
    for index in range(full):
        yield Tile(level, index)
    if width:
        yield Tile(level, full, width)


def levels_of(size: int) -> range:
    """The levels of hash tiles of a tree of `size` leaves, from the leaves up; none when it is empty."""
    return range((size.bit_length() + 7) // 8)


def split_tile(tile: Tile, raw: bytes) -> list[bytes]:
    """The hashes of a tile's bytes. Raises MalformedError when there are not exactly `width`."""
    if len(raw) != tile.width * HASH_BYTES:
        raise MalformedError("the tile has not the number of hashes its path says")
    return [raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)]


def tile_reader(fetch: Callable[[Tile], bytes], size: int) -> Reader:
    """A reader for proofs in the tree of `size` leaves over its tiles; `fetch` gives a tile's bytes (worth caching).

    The reader raises MalformedError on a tile of the wrong length or a node outside the tree, and what `fetch` raises.
    """

    def read(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, 8)
        first = index << height
        number, offset = divmod(first, WIDTH)
        if (index + 1) << level > size:
            raise MalformedError("the node is not in the tree")
        tile = Tile(tile_level, number, min(WIDTH, _items(tile_level, size) - number * WIDTH))
        return tree_root(split_tile(tile, fetch(tile))[offset : offset + (1 << height)])

    return read


class TileBuilder:
    """Makes a tree's hash tiles from its leaf hashes in order, holding at most 255 hashes of each level."""

    def __init__(self) -> None:
        self._rows: list[list[bytes]] = []
        self._full: list[int] = []

    @classmethod
    def resumed(cls, size: int, rows: Sequence[Sequence[bytes]]) -> Self:
        """A builder at `size` leaves; `rows`: each level's hashes after its last full tile, leaves first."""
        builder = cls()
        for level, row in enumerate(rows):
            builder._full.append(_items(level, size) // WIDTH)
            builder._rows.append([*row])
        return builder

    def append(self, leaf: bytes) -> list[tuple[Tile, bytes]]:
        """The tiles that this leaf hash completes, with their bytes, from the leaves up; most often none."""
        completed: list[tuple[Tile, bytes]] = []
        level, value = 0, leaf
        while True:
            if level == len(self._rows):
                self._rows.append([])
                self._full.append(0)
            row = self._rows[level]
            row.append(value)
            if len(row) < WIDTH:
                return completed
            completed.append((Tile(level, self._full[level]), b"".join(row)))
            value = tree_root(row)
            row.clear()
            self._full[level] += 1
            level += 1

    def partial(self) -> list[tuple[Tile, bytes]]:
        """The partial tiles at this size, with their bytes, from the leaves up."""
        return [
            (Tile(level, self._full[level], len(row)), b"".join(row)) for level, row in enumerate(self._rows) if row
        ]


def _items(level: int, size: int) -> int:
    return size >> 8 * max(level, 0)
