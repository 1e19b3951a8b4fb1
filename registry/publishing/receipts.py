"""Receipts: what the author of an act keeps, so that nobody can later deny the record or change it (tlog-proof)."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from registry.ledger.canonical import canonical
from registry.ledger.commitments import SALT_BYTES
from registry.ledger.encoding import encode_base64
from registry.ledger.merkle import HASH_BYTES
from registry.ledger.proofs import Reader, inclusion_proof
from registry.ledger.receipts import Receipt, encode_receipt
from registry.ledger.tiles import Tile, tile_reader
from registry.publishing.serving import checkpoint, shown_head, tile_bytes, witnessed_head
from registry.storage.engines import Transaction
from registry.storage.events import Recorded
from registry.storage.heads import Signed
from registry.storage.logs import Log, keys_of

T = TypeVar("T")


async def receipt(tx: Transaction, log: Log, event: Recorded) -> bytes | None:
    """The event's receipt, built on the newest head that meets the policy, else the newest shown.

    None while no shown head covers the record: the signed record itself is then all there is, a promise.
    """
    if event.leaf_index is None:
        return None
    for head in (await witnessed_head(tx, log), await shown_head(tx, log)):
        if head is not None and event.leaf_index < head.size:
            return await receipt_on(tx, log, event, head)
    return None


async def receipt_on(tx: Transaction, log: Log, event: Recorded, head: Signed) -> bytes:
    """The event's receipt on a head that covers it. Raises MalformedError when it does not."""
    index = event.leaf_index if event.leaf_index is not None else head.size
    proof = await proved(tx, log, head.size, lambda read: inclusion_proof(index, head.size, read))
    extra = canonical(_extra(event, await keys_of(tx, log, "recorder")))
    return encode_receipt(Receipt(index, tuple(proof), await checkpoint(tx, log, head), extra))


def _extra(event: Recorded, recorder: Sequence[str]) -> dict[str, Any]:
    opening = event.opening
    return {
        "record": event.record.decode(),
        "facts": {"salt": encode_base64(event.salt), "text": event.facts.decode()},
        "opening": None
        if opening is None
        else {"salt": encode_base64(opening[:SALT_BYTES]), "text": opening[SALT_BYTES:].decode()},
        "recorder": sorted(recorder),
    }


async def proved(tx: Transaction, log: Log, size: int, build: Callable[[Reader], T]) -> T:
    """What `build` makes of the tree of `size` leaves: run once to learn which tiles it reads, then on their bytes."""
    wanted: dict[Tile, bytes] = {}

    def note(tile: Tile) -> bytes:
        return wanted.setdefault(tile, bytes(tile.width * HASH_BYTES))

    build(tile_reader(note, size))
    for tile in wanted:
        wanted[tile] = await tile_bytes(tx, log, tile, size) or b""
    return build(tile_reader(wanted.__getitem__, size))
