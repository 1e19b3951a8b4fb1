"""What remains of a fork: both heads as signed, and the proof that does not join them, as plain files."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from registry.ledger.checkpoints import Checkpoint
from registry.ledger.encoding import encode_base64

FOLDER = "evidence"


def origin_hash(origin: str) -> str:
    """SHA-256 of an origin, hexadecimal: its name in paths (C2SP tlog-witness, monitoring)."""
    return hashlib.sha256(origin.encode()).hexdigest()


def keep_evidence(folder: Path, kept: bytes | None, seen: tuple[Checkpoint, bytes], proof: Sequence[bytes]) -> Path:
    """Write `<origin hash>-<size seen>-{kept,seen}.checkpoint` and `….proof` (base64, one hash a line), flushed.

    A file that is there already stays as it is: the first evidence is never replaced. Answers the folder.
    """
    head, note = seen
    place = folder / FOLDER
    place.mkdir(mode=0o700, exist_ok=True)
    stem = f"{origin_hash(head.origin)}-{head.size}"
    _keep(place / f"{stem}-kept.checkpoint", kept or b"")
    _keep(place / f"{stem}-seen.checkpoint", note)
    _keep(place / f"{stem}.proof", "".join(f"{encode_base64(each)}\n" for each in proof).encode())
    return place


def _keep(path: Path, content: bytes) -> None:
    """Whole or not at all: on a full disk or after a crash, the next look writes it again."""
    if path.exists():
        return
    partial = path.with_name(path.name + ".part")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
