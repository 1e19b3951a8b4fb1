"""Which event wrote each version of an exchange's request: read from facts alone, no text is unsealed."""

from datetime import date
from typing import Any

import msgspec

from registry.storage.engines import Transaction


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """The act that wrote a version, and its revision in the exchange's history."""

    act: str
    by: str
    party: str
    on: date
    derived: dict[str, Any] = {}
    input: dict[str, Any] = {}
    revision: int = 0


_DECODE = msgspec.json.Decoder(Written)


async def written(tx: Transaction, object_id: str) -> dict[int, Written]:
    """The versions by number. A correction that was refused leaves its number to the next one."""
    versions: dict[int, Written] = {}
    rows = await tx.rows("SELECT revision, facts FROM event WHERE object = ? ORDER BY revision", object_id)
    for revision, facts in rows:
        event = msgspec.structs.replace(_DECODE.decode(facts), revision=revision)
        number = 1 if event.act == "creation" else event.derived.get("version")
        if event.act == "creation" or (event.act == "document" and number not in versions):
            versions[int(number or 1)] = event
        elif event.act == "correction" and "request" in event.input:
            versions[int(number or 0)] = event
        elif event.act == "correction" and event.input.get("accepted") is False:
            versions.pop(int(number or 0), None)
    return versions
