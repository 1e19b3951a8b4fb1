"""An independent judge: golang.org/x/mod, the code of Go's own checksum database, reads our files unchanged.

It comes from Debian's packages (`.ci/run`), compiled here without network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from registry.ledger.bundles import decode_bundle
from registry.ledger.canonical import canonical
from registry.ledger.encoding import encode_base64
from registry.ledger.merkle import leaf_hash, tree_root
from registry.ledger.notes import SignatureLine, join_note, split_note
from registry.ledger.proofs import consistency_proof, inclusion_proof, reader_of
from registry.ledger.receipts import Receipt, encode_receipt
from registry.ledger.tiles import ENTRIES, tiles_of
from tests.registry.ledger.logs import put, sized
from tests.registry.ledger.samples import LOG, RECORDER, WITNESSES

PACKAGES = Path("/usr/share/gocode")
KEYS = [LOG.vkey, RECORDER.vkey, *(witness.verifier.vkey for witness in WITNESSES)]


def needed(missing: str) -> None:
    """What a test needs and cannot find: a failure where everything must be there, else a visible skip."""
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    go = shutil.which("go")
    if go is None or not (PACKAGES / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        needed("Go ou x/mod manque : apt-get install golang-go golang-golang-x-mod-dev")
    folder = tmp_path_factory.mktemp("judge")
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "GOCACHE": str(folder / "cache"), "GOPATH": str(PACKAGES),
        "GO111MODULE": "off", "GOFLAGS": "", "CGO_ENABLED": "0",
    }  # fmt: skip
    source = Path(__file__).with_name("judge.go")
    subprocess.run([go, "build", "-o", folder / "judge", source], env=environment, check=True)
    return folder / "judge"


def judged(judge: Path, folder: Path, keys: list[str] = KEYS) -> subprocess.CompletedProcess[str]:
    return subprocess.run([judge, folder, *keys], text=True, capture_output=True, check=False)


def with_proofs(folder: Path, size: int) -> Path:
    """Receipts and consistency proofs beside a log's files, at the places where trees differ."""
    entries = [
        entry
        for tile in tiles_of(size, ENTRIES)
        for entry in decode_bundle((folder / tile.path).read_bytes(), tile.width)
    ]
    leaves = [leaf_hash(entry) for entry in entries]
    read, note = reader_of(leaves), (folder / "checkpoint").read_bytes()
    places = {0, 1, 2, 127, 254, 255, 256, 65_535, 65_536, size // 2, size - 1}
    for index in sorted(place for place in places if 0 <= place < size):
        extra = canonical({"record": entries[index].decode(), "facts": None, "opening": None, "recorder": []})
        proof = tuple(inclusion_proof(index, size, read))
        put(folder, f"receipts/{index}", encode_receipt(Receipt(index, proof, note, extra)))
    for old in sorted(place for place in places if 0 < place <= size):
        lines = [encode_base64(value) for value in (tree_root(leaves[:old]), *consistency_proof(old, size, read))]
        put(folder, f"consistency/{old}", ("\n".join([str(old), *lines]) + "\n").encode())
    return folder


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 70_000])
def test_go_accepts_head_cosignatures_records_tiles_and_proofs(size: int, judge: Path, tmp_path: Path) -> None:
    folder = with_proofs(sized(size).write(tmp_path), size)
    told = judged(judge, folder)
    assert (told.stderr, told.returncode) == ("", 0)
    tiles = sum(1 for level in range(3) if size >> 8 * level for _ in tiles_of(size, level))
    receipts, proofs = (len(list((folder / name).glob("*"))) for name in ("receipts", "consistency"))
    assert told.stdout == f"{size} records, {tiles} tiles, {receipts} receipts, {proofs} consistency proofs\n"
    assert not size or (receipts and proofs)


def test_go_accepts_a_head_with_lines_of_keys_it_does_not_know(judge: Path, tmp_path: Path) -> None:
    folder = sized(3).write(tmp_path)
    text, lines = split_note((folder / "checkpoint").read_bytes())
    unknown = SignatureLine("ailleurs.example/témoin", b"\x01\x02\x03\x04", bytes(3271))
    put(folder, "checkpoint", join_note(text, [unknown, *lines]))
    assert judged(judge, folder).returncode == 0


@pytest.mark.parametrize("path", ["checkpoint", "tile/0/000.p/3", "tile/entries/000.p/3"])
def test_the_judge_refuses_what_was_changed(path: str, judge: Path, tmp_path: Path) -> None:
    folder = with_proofs(sized(3).write(tmp_path), 3)
    raw = (folder / path).read_bytes()
    put(folder, path, raw[:50] + bytes([raw[50] ^ 1]) + raw[51:])
    assert judged(judge, folder).returncode == 1


def test_the_judge_refuses_the_keys_of_others(judge: Path, tmp_path: Path) -> None:
    folder = sized(3).write(tmp_path)
    assert judged(judge, folder, [RECORDER.vkey, *KEYS[1:]]).returncode == 1
    assert judged(judge, folder, [LOG.vkey, LOG.vkey, *KEYS[2:]]).returncode == 1
