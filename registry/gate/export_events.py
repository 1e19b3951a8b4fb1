"""An export is itself an event, in its party's log: who took out what, as of when, with which records."""

import hashlib
from typing import Any

from registry.exchange.events import Event
from registry.gate.session import Session
from registry.ledger.canonical import canonical
from registry.ledger.encoding import encode_base64
from registry.publishing.serving import checkpoint, shown_head
from registry.storage.events import recorded
from registry.storage.logs import keys_of

Document = dict[str, Any]

_SIGNED = (
    "format", "kind", "as_of", "audience", "complete", "count", "records_sha256", "file_sha256", "exported_at",
)  # fmt: skip


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
    (made,) = await recorded(session.tx, export_id, session.vault.unwrap)
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
