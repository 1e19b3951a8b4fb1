"""Evidence packs: a zip of an exchange's acts, their openings and proofs, that is checked offline, with no trust in us.

Files of the zip, paths in French because people open it: `LISEZ-MOI.html` (how to verify, with and without Écluse),
`manifest.json` (SHA-256 of every file), `dossier.json`, `actes/`, `preuves/`, `cles/` (enrolments of the keys with
which people signed on their own devices), `journaux/`, `pieces/`, `horodatages/`.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from registry.ledger.merkle import leaf_hash
from registry.publishing.receipts import receipt_on
from registry.publishing.serving import checkpoint, keys, shown_head, witnessed_head
from registry.storage.engines import Transaction
from registry.storage.events import Recorded, Stored, no_key, recorded
from registry.storage.heads import Signed, signed_at_size
from registry.storage.logs import Log
from registry.storage.timestamps import tokens_upto

_UNSAFE = re.compile(r"[^\w.\- ]+")
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The date of every file: what the zip says of time is in the signed records."""


@dataclass(frozen=True)
class Piece:
    """An attachment: its SHA-256, its name as it was given, its bytes."""

    sha256: str
    name: str
    content: bytes


@dataclass(frozen=True)
class Subject:
    """What the pack is about: ids, its file as the API shows it, its acts as stored and as proved, its pieces,
    the records by which the keys that signed acts on devices were enrolled."""

    exchange: str
    reference: str
    convention: str
    dossier: Mapping[str, Any]
    acts: Sequence[Stored]
    proved: Sequence[Recorded]
    pieces: Sequence[Piece]
    enrolments: Sequence[Recorded] = ()


async def enrolments(tx: Transaction, acts: Sequence[Stored]) -> list[Recorded]:
    """The record of the enrolment of each key that signed one of the acts on a device."""
    signed = [act.event.derived["device"]["enrolment"] for act in acts if "device" in act.event.derived]
    places = sorted({(one["object"], one["revision"]) for one in signed})
    return [one for object_id, revision in places for one in await recorded(tx, object_id, no_key, revision)]


async def evidence(tx: Transaction, subject: Subject, logs: Mapping[str, Log], made_at: str) -> bytes:
    """The zip's bytes; `logs` by id hold every log of the acts."""
    files: dict[str, bytes] = {"dossier.json": _json(subject.dossier)}
    every = [*subject.proved, *subject.enrolments]
    heads = {log.id: await _head(tx, log, every) for log in logs.values()}
    for stored, event in zip(subject.acts, subject.proved, strict=True):
        files[f"actes/{stored.revision:04}-{_safe(stored.event.act)}.json"] = _json(_act(stored))
        files |= await _proof(tx, logs[event.log], heads[event.log], event, f"preuves/{stored.revision:04}")
    for event in subject.enrolments:
        name = f"cles/{leaf_hash(event.record).hex()}"
        files |= await _proof(tx, logs[event.log], heads[event.log], event, name)
    for log in logs.values():
        head = heads[log.id]
        if head is not None:
            files |= await _log_files(tx, log, head)
    for piece in subject.pieces:
        files[f"pieces/{piece.sha256}-{_safe(piece.name)}"] = piece.content
    files["LISEZ-MOI.html"] = _guide(subject, logs.values(), made_at)
    files["manifest.json"] = _json(_manifest(subject, files, made_at))
    return _zipped(files)


async def _proof(tx: Transaction, log: Log, head: Signed | None, event: Recorded, name: str) -> dict[str, bytes]:
    """An event's receipt on the head; as long as none covers it, the signed record, a promise."""
    if head is not None and event.leaf_index is not None and event.leaf_index < head.size:
        return {f"{name}.tlog-proof": await receipt_on(tx, log, event, head)}
    return {f"{name}.note": event.record}


async def _head(tx: Transaction, log: Log, proved: Sequence[Recorded]) -> Signed | None:
    """One head for all the acts of a log: the newest that meets the policy if it covers them, else the newest."""
    indexes = [event.leaf_index for event in proved if event.log == log.id and event.leaf_index is not None]
    witnessed = await witnessed_head(tx, log)
    if witnessed is not None and all(index < witnessed.size for index in indexes):
        return witnessed
    return await shown_head(tx, log)


async def _log_files(tx: Transaction, log: Log, head: Signed) -> dict[str, bytes]:
    folder = f"{log.owner}/{log.segment}"
    opened = (await recorded(tx, log.id, no_key, 1))[0]
    files = {
        f"journaux/{folder}/checkpoint": await checkpoint(tx, log, head),
        f"journaux/{folder}/keys": await keys(tx, log, head.size),
        f"journaux/{folder}/ouverture.tlog-proof": await receipt_on(tx, log, opened, head),
    }
    for size, token in await tokens_upto(tx, log, head.size):
        files[f"horodatages/{folder}/{size}.tsr"] = token
        files[f"horodatages/{folder}/{size}.checkpoint"] = await _text(tx, log, size)
    return files


async def _text(tx: Transaction, log: Log, size: int) -> bytes:
    """The note whose bytes a timestamp covers: as signed by the log, without cosignatures."""
    signed = await signed_at_size(tx, log, size)
    return signed.note if signed else b""


def _act(stored: Stored) -> dict[str, Any]:
    event = stored.event
    return {
        "revision": stored.revision,
        "act": event.act,
        "at": stored.at,
        "by": event.by,
        "party": event.party,
        "on": event.on.isoformat(),
        "input": event.input,
        "derived": event.derived,
        "erased": stored.erased,
    }


def _manifest(subject: Subject, files: Mapping[str, bytes], made_at: str) -> dict[str, Any]:
    return {
        "exchange": subject.exchange,
        "reference": subject.reference,
        "convention": subject.convention,
        "made_at": made_at,
        "files": {path: hashlib.sha256(content).hexdigest() for path, content in sorted(files.items())},
    }


def _guide(subject: Subject, logs: Any, made_at: str) -> bytes:
    template = resources.files("registry.publishing").joinpath("evidence.html").read_text(encoding="utf-8")
    origins = "\n".join(f"<li><code>{log.origin}</code></li>" for log in logs)
    values = {"reference": subject.reference, "convention": subject.convention, "made_at": made_at, "origins": origins}
    for name, value in values.items():
        template = template.replace(f"@@{name}@@", value)
    return template.encode()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str).encode() + b"\n"


def _safe(name: str) -> str:
    """A file name that stays in its folder, whatever was given."""
    return _UNSAFE.sub("-", name).strip(". ")[:80] or "piece"


def _zipped(files: Mapping[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as pack:
        for path, content in sorted(files.items()):
            pack.writestr(zipfile.ZipInfo(path, _FIRST_DAY), content, zipfile.ZIP_DEFLATED)
    return raw.getvalue()
