"""An export is itself an event, in its party's log: who took out what, as of when, with which records."""

import asyncio
import hashlib
from typing import Any

from registry.exchange.context import Actor
from registry.exchange.events import Event
from registry.gate.gate import Gate
from registry.gate.session import Session
from registry.ledger.canonical import canonical
from registry.ledger.encoding import encode_base64
from registry.publishing.receipts import receipt
from registry.publishing.serving import checkpoint, shown_head
from registry.storage.engines import Transaction
from registry.storage.events import no_key, recorded
from registry.storage.logs import every_log, keys_of

Document = dict[str, Any]

_SIGNED = (
    "format", "kind", "as_of", "audience", "complete", "count", "records_sha256", "file_sha256", "exported_at",
)  # fmt: skip


_PATIENCE, _STEP = 3.0, 0.05
"""Seconds that a finished export waits for its record to be published, and between two looks."""


async def seal_export(gate: Gate, actor: Actor, export_id: str, facts: Document) -> Document:
    """Record an export as an event of its actor's party, and wait a little for the proof.

    Answers what `record_export` does, and `receipt`: the record's place in the log (tlog-proof), or None when nobody
    published it meanwhile; it is then had later, at `/api/v1/receipts/<export_id>/1`.
    """
    sealed = await gate.record(actor, lambda session: record_export(session, export_id, facts))
    for _ in range(int(_PATIENCE / _STEP)):
        proof = await gate.engine.read(lambda tx: _proof(tx, export_id))
        if proof is not None:
            return {**sealed, "receipt": proof.decode()}
        await asyncio.sleep(_STEP)
    return {**sealed, "receipt": None}


async def _proof(tx: Transaction, export_id: str) -> bytes | None:
    (made,) = await recorded(tx, export_id, no_key)
    log = next(log for log in await every_log(tx) if log.id == made.log)
    return await receipt(tx, log, made)


async def record_export(session: Session, export_id: str, facts: Document) -> Document:
    """Record an export by its manifest's facts; answers what the manifest then holds: `record` (the signed note, the
    facts it commits to with their salt, the recorder's keys) and `head`, the last of its log that was shown, if any.

    What people typed in a filter stays in the file: the event names the manifest by its SHA-256.
    """
    derived = {key: facts[key] for key in _SIGNED} | {
        "manifest_sha256": hashlib.sha256(canonical(facts)).hexdigest(),
        "filters": sorted(facts["filter"]),
    }
    actor = session.actor
    event = Event(act="export", by=actor.id, party=actor.party, on=session.today, derived=derived)
    await session.append(actor.party, export_id, 1, "export", "", event, b"")
    (made,) = await recorded(session.tx, export_id, no_key)
    log = await session.log(actor.party)
    head = await shown_head(session.tx, log)
    return {
        "record": {
            "note": made.record.decode(),
            "facts": {"salt": encode_base64(made.salt), "text": made.facts.decode()},
            "recorder": sorted(await keys_of(session.tx, log, "recorder")),
        },
        "head": (await checkpoint(session.tx, log, head)).decode() if head is not None else None,
    }
