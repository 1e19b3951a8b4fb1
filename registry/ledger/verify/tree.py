"""The tree of a log above its bundles, recomputed from their roots: tiles of level 1 and up, roots at some sizes."""

from collections.abc import Iterable, Sequence

from registry.ledger.merkle import EMPTY_ROOT, Frontier
from registry.ledger.tiles import WIDTH, Tile, TileBuilder


class Tree:
    """Fed with the root of each bundle in order; holds a few hundred hashes whatever the size."""

    def __init__(self, sizes: Iterable[int]) -> None:
        """`sizes`: those at which the root is asked for."""
        self.roots: dict[int, bytes] = {}
        self._sizes = set(sizes)
        self._full = Frontier()
        self._tiles = TileBuilder()
        if 0 in self._sizes:
            self.roots[0] = EMPTY_ROOT

    def partial_bundles(self) -> frozenset[int]:
        """The bundles inside which a size asked for ends: `add` needs their leaf hashes."""
        return frozenset(size // WIDTH for size in self._sizes if size % WIDTH)

    def add(self, root: bytes, leaves: Sequence[bytes] = (), *, width: int = WIDTH) -> list[tuple[Tile, bytes]]:
        """The next bundle, of `width` records; answers the tiles it completes, with their bytes.

        A root at a size inside the bundle is that of the full bundles before it joined with that of its first leaves.
        """
        start = self._full.size * WIDTH
        for size in self._sizes:
            if start < size < start + WIDTH and size <= start + width:
                part = Frontier()
                part.extend(leaves[: size - start])
                self.roots[size] = Frontier(size, bytes(self._full) + bytes(part)).root()
        if width < WIDTH:
            return []
        self._full.append(root)
        if start + WIDTH in self._sizes:
            self.roots[start + WIDTH] = self._full.root()
        return [(_raised(tile), raw) for tile, raw in self._tiles.append(root)]

    def partial(self) -> list[tuple[Tile, bytes]]:
        """The partial tiles of level 1 and up, with their bytes."""
        return [(_raised(tile), raw) for tile, raw in self._tiles.partial()]


def _raised(tile: Tile) -> Tile:
    return Tile(tile.level + 1, tile.index, tile.width)
