"""Whole logs as folders, written with the formats alone: what the verifier and the judges are given."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from registry.ledger.bundles import encode_bundle
from registry.ledger.canonical import canonical
from registry.ledger.checkpoints import Checkpoint, sign_checkpoint
from registry.ledger.commitments import commit_facts, commit_opening
from registry.ledger.cosignatures import Cosigner, with_cosignatures
from registry.ledger.keys import Signer
from registry.ledger.merkle import leaf_hash, tree_root
from registry.ledger.records import Record, sign_record
from registry.ledger.tiles import ENTRIES, TileBuilder, tiles_of
from tests.registry.ledger.samples import LOG, ORIGIN, RECORDER, WITNESSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

TIME = 1_795_000_000
POLICY = (
    "".join(f"witness w{number} {witness.verifier.vkey}\n" for number, witness in enumerate(WITNESSES, 1))
    + "group three all w1 w2 w3\nquorum three\n"
)


def salt(seed: str) -> bytes:
    return hashlib.sha256(seed.encode()).digest()


def object_id(seed: str) -> str:
    return str(uuid.UUID(bytes=salt(seed)[:16], version=4))


def facts_of(act: str, derived: Any, *, body: Any = None, opening_commit: str | None = None) -> dict[str, Any]:
    return {
        "act": act, "by": "ecluse", "party": "caf-rhone", "on": "2026-11-23", "schema": "", "input": body or {},
        "derived": derived, "opening_commit": opening_commit,
    }  # fmt: skip


@dataclass
class Act:
    """One recorded act, with what opens it."""

    entry: bytes
    facts: str
    salt: bytes
    texts: list[str] | None = None
    texts_salt: bytes = b""


@dataclass
class Log:
    """A log under construction; `key` acts are opened in its keys file."""

    origin: str = ORIGIN
    signer: Signer = LOG
    recorder: Signer = RECORDER
    parties: Sequence[Signer] = ()
    entries: list[bytes] = field(default_factory=list)
    openings: list[dict[str, Any]] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    recorders: list[str] = field(default_factory=list)
    policy: str | None = None
    revisions: dict[str, int] = field(default_factory=dict)

    def record(
        self, facts: dict[str, Any], name: str, kind: str = "exchange", texts: list[str] | None = None, first: int = 1
    ) -> Act:
        """Append one act of the object called `name`."""
        mark = f"{self.origin}/{len(self.entries)}"
        if texts is not None:
            facts = facts | {"opening_commit": commit_opening(salt(f"{mark}/o"), canonical(texts))}
        raw = canonical(facts)
        self.revisions[name] = revision = self.revisions.get(name, first - 1) + 1
        record = Record(
            log=self.origin, object=object_id(name), revision=revision, at="2026-11-23T07:00:00.000Z", type=kind,
            actor="UKSjptB/XAwS", commit=commit_facts(salt(mark), raw),
        )  # fmt: skip
        self.entries.append(sign_record(record, [self.recorder, *self.parties]))
        return Act(self.entries[-1], raw.decode(), salt(mark), texts, salt(f"{mark}/o"))

    def key(self, act: str, derived: Any, *, opened: bool = True) -> Act:
        """Append a key record and open it."""
        index = len(self.entries)
        done = self.record(facts_of(act, derived), "log", "key")
        if opened:
            opening = {"index": index, "salt": base64.b64encode(done.salt).decode(), "facts": done.facts}
            self.openings.append(opening)
        return done

    def open(self, previous: dict[str, Any] | None = None) -> Log:
        """The first record."""
        vkeys = {"log": self.signer.vkey, "recorder": self.recorder.vkey}
        self.key("log.opened", {"origin": self.origin, **vkeys, "previous": previous})
        self.logs, self.recorders = [self.signer.vkey], [self.recorder.vkey]
        return self

    def set_policy(self, text: str) -> Log:
        self.key("policy.set", {"policy": text})
        self.policy = text
        return self

    def fill(self, size: int) -> Log:
        """Acts up to a size, on objects that come back."""
        while len(self.entries) < size:
            number = len(self.entries)
            self.record(facts_of("message", {"n": number}), f"object {number % 97}")
        return self

    def head(self, size: int | None = None) -> Checkpoint:
        leaves = [leaf_hash(entry) for entry in self.entries[:size]]
        return Checkpoint(self.origin, len(leaves), tree_root(leaves))

    def checkpoint(
        self, size: int | None = None, signers: Iterable[Signer] = (), witnesses: Iterable[Cosigner] = WITNESSES
    ) -> bytes:
        head = self.head(size)
        note = sign_checkpoint(head, list(signers) or [self.signer])
        return with_cosignatures(note, [witness.cosign(head, TIME) for witness in witnesses])

    def keys_file(self) -> bytes:
        value = {
            "origin": self.origin, "log": self.logs, "recorder": self.recorders, "policy": self.policy,
            "openings": self.openings,
        }  # fmt: skip
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def write(self, folder: Path, checkpoint: bytes | None = None) -> Path:
        """The folder that `ecluse ledger export` would write for this log."""
        put(folder, "checkpoint", checkpoint or self.checkpoint())
        put(folder, "keys", self.keys_file())
        builder = TileBuilder()
        for entry in self.entries:
            for tile, raw in builder.append(leaf_hash(entry)):
                put(folder, tile.path, raw)
        for tile, raw in builder.partial():
            put(folder, tile.path, raw)
        for tile in tiles_of(len(self.entries), ENTRIES):
            start = tile.index * 256
            put(folder, tile.path, encode_bundle(self.entries[start : start + tile.width]))
        return folder


def put(folder: Path, path: str, raw: bytes) -> None:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(raw)


def sized(size: int) -> Log:
    """A log of that many records: opening, policy, a rotation of the recorder's key on the way, acts."""
    log = Log()
    if size:
        log.open()
    if size > 1:
        log.set_policy(POLICY)
    return log.fill(size)
