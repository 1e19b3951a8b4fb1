"""Receipts and evidence packs, written as the product writes them, from the formats alone."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from registry.ledger.canonical import canonical
from registry.ledger.encoding import encode_base64
from registry.ledger.merkle import leaf_hash
from registry.ledger.openings import join
from registry.ledger.proofs import inclusion_proof, reader_of
from registry.ledger.receipts import Receipt, encode_receipt
from tests.registry.ledger.logs import POLICY, Act, Log, facts_of, object_id
from tests.registry.ledger.samples import RECORDER

if TYPE_CHECKING:
    from pathlib import Path

PIECE = b"Mention d'information remise aux familles."
SHA256 = hashlib.sha256(PIECE).hexdigest()
NAME = "dossier"
EXCHANGE = object_id(NAME)


def receipt_of(log: Log, act: Act, *, erased: bool = False) -> bytes:
    index = log.entries.index(act.entry)
    leaves = [leaf_hash(entry) for entry in log.entries]
    opening = None
    if act.texts is not None and not erased:
        opening = {"salt": encode_base64(act.texts_salt), "text": canonical(act.texts).decode()}
    extra = canonical({
        "record": act.entry.decode(), "facts": {"salt": encode_base64(act.salt), "text": act.facts},
        "opening": opening, "recorder": [RECORDER.vkey],
    })  # fmt: skip
    proof = tuple(inclusion_proof(index, len(leaves), reader_of(leaves)))
    return encode_receipt(Receipt(index, proof, log.checkpoint(), extra))


@dataclass
class Case:
    """A log with one exchange of four acts, the third with texts, the fourth a piece."""

    log: Log
    opening: Act
    acts: list[Act]


def case() -> Case:
    log = Log()
    opening = log.key("log.opened", {
        "origin": log.origin, "log": log.signer.vkey, "recorder": log.recorder.vkey, "previous": None,
    })  # fmt: skip
    log.logs, log.recorders = [log.signer.vkey], [log.recorder.vkey]
    log.set_policy(POLICY)
    acts = [
        log.record(facts_of("creation", {"n": 1}), NAME),
        log.record(facts_of("filing", {"version": 1}, body={"received_via": "form"}), NAME),
        log.record(
            facts_of("opinion", {}, body={"value": "favourable", "text": {"text": 0}, "more": [{"text": 1}]}), NAME,
            texts=["Données limitées au barème.", "Sans réserve."],
        ),
        log.record(facts_of("attachments", {"sha256": SHA256, "size": len(PIECE)}, body={"kind": "notice"}), NAME),
    ]  # fmt: skip
    log.fill(20)
    return Case(log, opening, acts)


def act_file(act: Act, *, erased: bool = False) -> bytes:
    facts, record = json.loads(act.facts), json.loads(act.entry.split(b"\n")[0])
    erased = erased and act.texts is not None
    value = {key: facts[key] for key in ("act", "by", "party", "on", "derived")} | {
        "revision": record["revision"], "at": record["at"], "erased": erased,
        "input": join(facts["input"], None if erased else act.texts or []),
    }  # fmt: skip
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def pack(case: Case, *, erased: bool = False, promised: bool = False) -> dict[str, bytes]:
    """The files of a pack, manifest left out; `promised`: the last act was not published yet."""
    folder = "journaux/ctg-x/2026/"
    files = {
        "LISEZ-MOI.html": b"<p>Lisez-moi</p>", "dossier.json": b"{}", f"pieces/{SHA256}-mention.txt": PIECE,
        f"{folder}checkpoint": case.log.checkpoint(), f"{folder}keys": case.log.keys_file(),
        f"{folder}ouverture.tlog-proof": receipt_of(case.log, case.opening),
    }  # fmt: skip
    for number, act in enumerate(case.acts, 1):
        files[f"actes/{number:04}-{json.loads(act.facts)['act']}.json"] = act_file(act, erased=erased)
        if promised and number == len(case.acts):
            files[f"preuves/{number:04}.note"] = act.entry
        else:
            files[f"preuves/{number:04}.tlog-proof"] = receipt_of(case.log, act, erased=erased)
    return files


def manifest(content: dict[str, bytes], **changed: Any) -> bytes:
    listed = {path: hashlib.sha256(raw).hexdigest() for path, raw in content.items()}
    value = {
        "exchange": EXCHANGE, "reference": "CTG-2026-001", "convention": "ctg-x", "made_at": "2026-11-23T07:00:00Z",
        "files": listed,
    }  # fmt: skip
    return json.dumps(value | changed).encode()


def zipped(path: Path, files: dict[str, bytes], manifest_file: bytes | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in {"manifest.json": manifest_file or manifest(files), **files}.items():
            archive.writestr(name, raw)
    return path
