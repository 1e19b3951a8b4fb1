"""A log and its host in memory, that a test may rewrite; a witness in a folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from registry.ledger.checkpoints import Checkpoint, sign_checkpoint
from registry.ledger.cosignatures import Cosigner
from registry.ledger.keys import Signer
from registry.ledger.merkle import leaf_hash, tree_root
from registry.ledger.proofs import consistency_proof, reader_of
from registry.ledger.tiles import parse_tile_path
from registry.ledger.witness_protocol import encode_add_checkpoint
from registry.witness.errors import Unusable
from registry.witness.store import Store
from registry.witness.witness import Witness

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "ecluse.example/ledger/ctg/2026"
URL = "https://ecluse.example/ledger/ctg/2026"
NOW = 1_795_000_000


@dataclass
class MemoryLog:
    """Serves what its leaves make; `lines` holds what was handed in."""

    key: Signer = field(default_factory=lambda: Signer.generate(ORIGIN))
    leaves: list[bytes] = field(default_factory=list)
    lines: list[tuple[str, bytes]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refuses: bool = False
    former: Signer | None = None

    def grow(self, count: int, mark: str = "") -> MemoryLog:
        self.leaves += [leaf_hash(f"{mark}{len(self.leaves) + at}".encode()) for at in range(count)]
        return self

    def head(self, size: int | None = None) -> Checkpoint:
        leaves = self.leaves[:size]
        return Checkpoint(self.key.name, len(leaves), tree_root(leaves))

    def note(self, size: int | None = None) -> bytes:
        return sign_checkpoint(self.head(size), [self.key, *([self.former] if self.former else [])])

    def proof(self, old: int, size: int | None = None) -> list[bytes]:
        size = len(self.leaves) if size is None else size
        return consistency_proof(old, size, reader_of(self.leaves[:size]))

    def request(self, old: int, size: int | None = None, proof: list[bytes] | None = None) -> bytes:
        return encode_add_checkpoint(old, self.proof(old, size) if proof is None else proof, self.note(size))

    def get(self, path: str) -> bytes | None:
        self.asked.append(path)
        if path == "checkpoint":
            return self.note()
        tile = parse_tile_path(path)
        first, reader = tile.index * 256, reader_of(self.leaves)
        return b"".join(reader(8 * tile.level, first + at) for at in range(tile.width))

    def post(self, path: str, body: bytes) -> None:
        if self.refuses:
            raise Unusable("refused")
        self.lines.append((path, body))


def witness_in(folder: Path, *logs: MemoryLog) -> Witness:
    """The folder's witness, made when it is new, following those logs."""
    folder.mkdir(exist_ok=True)
    path, pem = folder / "witness.sqlite3", folder / "witness.pem"
    if path.exists():
        store = Store(path)
    else:
        store = Store.create(path, "commune.example/temoin")
        pem.write_bytes(Signer.generate(store.name).to_pem())
    for log in logs:
        store.follow(log.key.verifier)
    return Witness(store, Cosigner(Signer.from_pem(store.name, pem.read_bytes())), folder)
