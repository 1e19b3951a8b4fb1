"""Verification of a whole log against what no verifier can do without: one Ed25519 check and one SHA-256 each."""

import json
import os
import resource
import tempfile
import time
from pathlib import Path

from registry.ledger.bundles import encode_bundle
from registry.ledger.canonical import canonical
from registry.ledger.checkpoints import Checkpoint, sign_checkpoint
from registry.ledger.commitments import commit_facts
from registry.ledger.encoding import encode_base64
from registry.ledger.keys import Signer, Verifier
from registry.ledger.merkle import Frontier, leaf_hash
from registry.ledger.notes import split_note
from registry.ledger.records import Record, sign_record
from registry.ledger.tiles import ENTRIES, Tile, TileBuilder, tiles_of
from registry.ledger.verify.anchor import Anchor
from registry.ledger.verify.entries import read_bundle
from registry.ledger.verify.log import verify_log
from registry.ledger.verify.sources import FolderSource

RECORDS = int(os.environ.get("ECLUSE_BENCH_RECORDS", "100000"))
ORIGIN = "ecluse.example/ledger/ctg-x/2026"
_SALT = bytes(32)


def write_log(folder: Path, size: int, log: Signer, recorder: Signer, objects: int) -> None:
    """A log of `size` records on so many objects, written bundle by bundle."""
    derived = {"origin": ORIGIN, "log": log.vkey, "recorder": recorder.vkey, "previous": None}
    facts = canonical({
        "act": "log.opened", "by": "ecluse", "party": "x", "on": "2026-01-01", "schema": "", "input": {},
        "derived": derived, "opening_commit": None,
    })  # fmt: skip
    frontier, builder, entries = Frontier(), TileBuilder(), list[bytes]()
    for tile in tiles_of(size, ENTRIES):
        entries = [
            _entry(recorder, index, objects, commit_facts(_SALT, facts))
            for index in range(tile.index * 256, tile.index * 256 + tile.width)
        ]
        _put(folder, tile, encode_bundle(entries))
        for entry in entries:
            frontier.append(leaf_hash(entry))
            for full, raw in builder.append(leaf_hash(entry)):
                _put(folder, full, raw)
    for partial, raw in builder.partial():
        _put(folder, partial, raw)
    (folder / "checkpoint").write_bytes(sign_checkpoint(Checkpoint(ORIGIN, size, frontier.root()), [log]))
    opening = {"index": 0, "salt": encode_base64(_SALT), "facts": facts.decode()}
    keys = {"origin": ORIGIN, "log": [log.vkey], "recorder": [recorder.vkey], "policy": None, "openings": [opening]}
    (folder / "keys").write_text(json.dumps(keys))


def _entry(recorder: Signer, index: int, objects: int, commit: str) -> bytes:
    number = 0 if not index else 1 + (index - 1) % objects
    record = Record(
        log=ORIGIN, object=f"{number * 2654435761 % 2**32:08x}-269e-4d37-b2a7-{number:012x}",
        revision=1 + (index - 1) // objects if index else 1, at="2026-11-23T07:00:00.000Z",
        type="exchange" if index else "key", actor="UKSjptB/XAwS", commit=commit,
    )  # fmt: skip
    return sign_record(record, [recorder])


def _put(folder: Path, tile: Tile, raw: bytes) -> None:
    path = folder / tile.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)


def _bare(folder: Path, size: int, key: Verifier) -> float:
    """Seconds of CPU of one signature check and one leaf hash for each record, everything read and split before."""
    spent = 0.0
    for tile in tiles_of(size, ENTRIES):
        entries = read_bundle(FolderSource(folder), tile)
        parts = [(entry, split_note(entry)) for entry in entries]
        ready = [(entry, text.encode(), lines[0].signature) for entry, (text, lines) in parts]
        began = time.process_time()
        for entry, text, signature in ready:
            key.verifies(text, signature)
            leaf_hash(entry)
        spent += time.process_time() - began
    return spent


def _all_cpu() -> float:
    """Seconds of CPU of this process and of those that ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def report() -> None:
    """Print ratios to the bare loop of the same run, the gain of two processes, and the memory of this one."""
    with tempfile.TemporaryDirectory() as name:
        folder, log, recorder = Path(name), Signer.generate(ORIGIN), Signer.generate(f"{ORIGIN}/recorder")
        write_log(folder, RECORDS, log, recorder, RECORDS // 10)
        bare = _bare(folder, RECORDS, recorder.verifier)
        cpu, one = time.process_time(), time.perf_counter()
        fine = verify_log(FolderSource(folder), Anchor((log.verifier,))).fine
        cpu, one = time.process_time() - cpu, time.perf_counter() - one
        shared, two = _all_cpu(), time.perf_counter()
        fine = fine and verify_log(FolderSource(folder), Anchor((log.verifier,)), jobs=2).fine
        shared, two = _all_cpu() - shared, time.perf_counter() - two
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"Verification of a log of {RECORDS} records ({'fine' if fine else 'NOT FINE'})")
    print(f"  bare Ed25519 + SHA-256      {bare:8.2f} s CPU")
    print(f"  verify, one process         {cpu:8.2f} s CPU   ratio {cpu / bare:.2f}   (limit 1.30)")
    print(f"  verify, two processes       {two:8.2f} s, {one:.2f} s with one   gain {one / two:.2f}   (limit 1.80)")
    print(f"  CPU of all processes        {shared:8.2f} s   {shared / cpu:.2f} of one: what a busy machine cannot blur")
    print(f"  memory of the parent        {memory:8d} MB\n")
