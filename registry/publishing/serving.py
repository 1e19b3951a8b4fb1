"""The files of a published log, made from the database on demand (C2SP tlog-tiles, « Merkle Tree » and « Checkpoint »).

What `ecluse ledger export` writes and what the server answers are the same bytes.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from registry.ledger.bundles import encode_bundle
from registry.ledger.encoding import encode_base64
from registry.ledger.notes import MAX_SIGNATURES, join_note, split_lines, split_note
from registry.ledger.policy import Policy
from registry.ledger.tiles import ENTRIES, WIDTH, Tile, levels_of, tiles_of
from registry.publishing.policies import policy_of
from registry.storage.engines import Transaction
from registry.storage.heads import (
    Signed,
    cosigned_sizes,
    hashes_between,
    lines_of,
    read_head,
    records_between,
    signed_at_size,
)
from registry.storage.logs import Log, every_log, own_events


async def shown_head(tx: Transaction, log: Log) -> Signed | None:
    """The newest head that may be shown; None before the first."""
    return await signed_at_size(tx, log, (await read_head(tx, log)).published)


async def checkpoint(tx: Transaction, log: Log, signed: Signed) -> bytes:
    """The head's note: the log's signatures, then the cosignature lines known."""
    text, signatures = split_note(signed.note)
    lines = [split_lines(line.text.decode())[0] for line in await lines_of(tx, log, signed.size)]
    return join_note(text, [*signatures, *lines][:MAX_SIGNATURES])


async def witnessed_head(tx: Transaction, log: Log) -> Signed | None:
    """The newest head that meets the owner's policy, on which receipts are built; the newest shown without a policy,
    or while none meets it yet."""
    policy = await policy_of(tx, log.owner)
    met = await quorum_head(tx, log, policy) if policy is not None else None
    return met or await shown_head(tx, log)


async def quorum_head(tx: Transaction, log: Log, policy: Policy) -> Signed | None:
    """The newest head that enough witnesses of the policy cosigned.

    Heads with too few lines to be a quorum are left out first: a witness that is faster than the others has cosigned
    any number of heads since the last one that all did.
    """
    names = {witness.key.name: witness.key for witness in policy.witnesses if witness.key}
    for size in await cosigned_sizes(tx, log, policy.fewest(), 256):
        cosigners = {names[line.witness] for line in await lines_of(tx, log, size) if line.witness in names}
        if policy.is_met_by(cosigners) and (signed := await signed_at_size(tx, log, size)):
            return signed
    return None


async def tile_bytes(tx: Transaction, log: Log, tile: Tile, size: int) -> bytes | None:
    """A tile's or an entry bundle's bytes, None when a tree of `size` leaves does not fill it."""
    if not tile.within(size):
        return None
    start = tile.index * WIDTH
    end = start + tile.width
    if tile.level == ENTRIES:
        return encode_bundle([record for record, _ in await records_between(tx, log, start, end)])
    return b"".join(await hashes_between(tx, log, tile.level, start, end))


def tiles_to_export(size: int) -> Iterator[Tile]:
    """Every tile and bundle of a tree of `size` leaves, each once."""
    for level in (ENTRIES, *levels_of(size)):
        yield from tiles_of(size, level)


async def keys(tx: Transaction, log: Log, size: int) -> bytes:
    """The keys the log names, with the public openings that say so, of the first `size` leaves (JSON, UTF-8).

    Nothing in it is trusted by itself: readers check the openings against the records they open.
    """
    events = [event for event in await own_events(tx, log) if event.index is not None and event.index < size]
    named = [json.loads(event.facts)["derived"] for event in events]
    policies = [item["policy"] for item in named if item.get("policy") is not None]
    content: dict[str, Any] = {
        "origin": log.origin,
        "log": _named(named, "log"),
        "recorder": _named(named, "recorder"),
        "policy": policies[-1] if policies else None,
        "openings": [
            {"index": event.index, "salt": encode_base64(event.salt), "facts": event.facts.decode()} for event in events
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"


def _named(derived: Sequence[dict[str, Any]], kind: str) -> list[str]:
    """The vkeys of a kind, in order: `log.opened` gives them under the kind, a rotation under `vkey`."""
    named = [item.get(kind) or (item.get("vkey") if item.get("kind") == kind else None) for item in derived]
    return [vkey for vkey in named if vkey]


async def log_of(tx: Transaction, owner: str, segment: str) -> Log | None:
    """The log of an address, `owner/segment`."""
    return next((log for log in await every_log(tx, owner) if log.segment == segment), None)
