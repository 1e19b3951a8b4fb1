"""The parts of the verifier: bounded memory, the tree above bundles, and nothing installed but `cryptography`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cryptography
from hypothesis import given
from hypothesis import strategies as st

from registry.ledger.merkle import leaf_hash, tree_root
from registry.ledger.tiles import TileBuilder
from registry.ledger.verify.revisions import Revisions
from registry.ledger.verify.tree import Tree
from tests.registry.ledger.logs import object_id, sized
from tests.registry.ledger.samples import LOG

ROOT = Path(__file__).parents[4]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 2**53 - 1))), st.integers(0, 40))
def test_revisions_are_the_same_in_memory_and_in_a_file(steps: list[tuple[int, int]], in_memory: int) -> None:
    known: dict[str, int] = {}
    with Revisions(in_memory) as revisions:
        for number, revision in steps:
            name = object_id(str(number))
            assert revisions.replace(name, revision) == known.get(name)
            known[name] = revision


@given(st.integers(0, 1500), st.lists(st.integers(0, 1500), max_size=4))
def test_roots_and_tiles_above_bundles_are_those_of_the_leaves(size: int, sizes: list[int]) -> None:
    leaves = [leaf_hash(b"%d" % index) for index in range(size)]
    builder = TileBuilder()
    expected = [pair for leaf in leaves for pair in builder.append(leaf)] + builder.partial()
    tree = Tree({*sizes, size})
    found = []
    for start in range(0, size, 256):
        bundle = leaves[start : start + 256]
        kept = bundle if start // 256 in tree.partial_bundles() else []
        found += tree.add(tree_root(bundle), kept, width=len(bundle))
    found += tree.partial()
    assert found == [(tile, raw) for tile, raw in expected if tile.level]
    assert tree.roots == {at: tree_root(leaves[:at]) for at in {*sizes, size} if at <= size}


ALONE = """
import sys
from importlib.abc import MetaPathFinder

class Only(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or top in ("cryptography", "_cffi_backend"):  # and what it needs itself
            return None
        if name == "registry" or name.startswith("registry.ledger"):
            return None
        raise ImportError(f"an auditor has no {name}")

sys.meta_path.insert(0, Only())
sys.path[:0] = sys.argv[1].split(":")
from pathlib import Path
from registry.ledger.keys import parse_vkey
from registry.ledger.verify import evidence, receipt, sources, web
from registry.ledger.verify.anchor import Anchor
from registry.ledger.verify.log import verify_log

if __name__ == "__main__":
    for jobs in (1, 2):
        report = verify_log(sources.FolderSource(Path(sys.argv[2])), Anchor((parse_vkey(sys.argv[3]),)), jobs=jobs)
        print(report.fine, report.records)
"""


def test_an_auditor_needs_nothing_but_cryptography(tmp_path: Path) -> None:
    """Isolated, without site-packages' own start, every other package refused, in worker processes too."""
    script = tmp_path / "audit.py"
    script.write_text(ALONE)
    folder = sized(1100).write(tmp_path / "log")
    paths = f"{ROOT}:{Path(cryptography.__file__).parents[1]}"
    command = [sys.executable, "-I", "-S", script, paths, folder, LOG.vkey]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    assert (done.stderr, done.stdout) == ("", "True 1100\nTrue 1100\n")
