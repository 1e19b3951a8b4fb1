"""Signing heads: recompute, sign, persist, guard, show, in that order and no other."""

import asyncio
from datetime import datetime

from registry.clock import timestamp
from registry.ledger.checkpoints import Checkpoint, sign_checkpoint
from registry.ledger.merkle import Frontier, leaf_hash, tree_root
from registry.ledger.signers import LogSigner
from registry.ledger.tiles import WIDTH, TileBuilder, levels_of, split_tile
from registry.publishing.guard import Guard, SigningRefused, behind
from registry.storage.engines import Engine, Transaction
from registry.storage.heads import (
    Head,
    Signed,
    hashes_between,
    insert_nodes,
    insert_signed,
    latest_signed,
    lock_head,
    mark_published,
    read_head,
    records_between,
    signed_at_size,
)
from registry.storage.logs import Log

_CHUNK = 2048
"""Records read at a time while a head is recomputed."""
Node = tuple[int, int, bytes]


class Publisher:
    """Signs what the sequencer numbered, after reading every new record again."""

    def __init__(self, engine: Engine, log_signer: LogSigner, guard: Guard) -> None:
        self._engine = engine
        self._log_signer = log_signer
        self._guard = guard

    async def publish(self, log: Log, now: datetime) -> Signed | None:
        """Sign and show the log's head; None when there is nothing new or another process was first.

        1. Compare what is stored with the guard; 2. hash the records after the last signed head anew and extend that
        head's frontier; 3. sign; 4. persist if the last signed head is still the one started from; 5. keep it in the
        guard, if that still holds what 1 compared; 6. show it. A crash between two steps is repaired by doing them
        again.
        Raises SigningRefused when a head must not be signed, OSError when the guard cannot be written.
        """
        head, start, kept = await self._compared(log)
        size = start.size if start else 0
        if head.frontier.size > size:
            frontier, nodes = await self._recomputed(log, start, head.frontier)
            note = sign_checkpoint(
                Checkpoint(log.origin, frontier.size, frontier.root()), self._log_signer.signers(log.origin)
            )
            signed = Signed(frontier.size, frontier.root(), frontier, note, timestamp(now))
            if not await self._engine.transact(lambda tx: _persisted(tx, log, size, signed, nodes)):
                return None
        elif start is not None and head.published < size:
            signed = start  # persisted just before a crash
        else:
            return None
        if not await asyncio.to_thread(self._guard.advance, signed.note, kept):
            return None
        await self._engine.transact(lambda tx: mark_published(tx, log, signed.size))
        return signed

    async def check(self, log: Log) -> None:
        """Raises SigningRefused when the log's stored head does not agree with the guard."""
        await self._compared(log)

    async def _compared(self, log: Log) -> tuple[Head, Signed | None, Checkpoint | None]:
        """The log's stored head and its last signed one, which agree with the guard's. Raises SigningRefused.

        The guard is read first: a replica moves it only after it has stored the head, so that a database read later is
        never behind it, unless it was restored.
        """
        kept = (await self._kept()).get(log.origin)
        head, start = await self._engine.read(lambda tx: _stored(tx, log))
        if kept is None and head.published > 0:
            kept = (await self._kept(required=True)).get(log.origin)  # a replica may just have shown the first head
            if kept is None:
                raise SigningRefused(
                    f"La garde des têtes signées ne connaît pas le journal {log.origin}, déjà montré jusqu'à "
                    f"{head.published} enregistrements : comparez d'abord (« ecluse ledger recover »)."
                )
            head, start = await self._engine.read(lambda tx: _stored(tx, log))
        if kept is not None:
            same = await self._engine.read(lambda tx: signed_at_size(tx, log, kept.size))
            if same is None or same.root != kept.root:
                raise SigningRefused(behind(log.origin, start.size if start else 0, kept.size))
        return head, start, kept

    async def _kept(self, *, required: bool = False) -> dict[str, Checkpoint]:
        """The guard's heads; none while nothing was ever kept. `required`: a missing guard is refused."""
        if not required and not self._guard.exists():
            return {}
        return await asyncio.to_thread(self._guard.heads)

    async def _recomputed(self, log: Log, start: Signed | None, claimed: Frontier) -> tuple[Frontier, list[Node]]:
        """The frontier of `claimed`'s size from the records themselves, and the roots of the tiles they complete."""
        size, raw = (start.size, bytes(start.frontier)) if start else (0, b"")
        frontier, nodes = Frontier(size, raw), []
        builder = TileBuilder.resumed(size, await self._engine.read(lambda tx: _partial_rows(tx, log, size)))
        while frontier.size < claimed.size:
            at, end = frontier.size, min(frontier.size + _CHUNK, claimed.size)
            records = await self._engine.read(lambda tx, at=at, end=end: records_between(tx, log, at, end))  # type: ignore[misc]
            if len(records) != end - at:
                raise SigningRefused(_altered(log, at + len(records)))
            for index, (record, stored) in enumerate(records, at):
                hashed = leaf_hash(record)
                if hashed != stored:
                    raise SigningRefused(_altered(log, index))
                frontier.append(hashed)
                for tile, content in builder.append(hashed):
                    nodes.append((tile.level + 1, tile.index, tree_root(split_tile(tile, content))))
        if frontier.root() != claimed.root():
            raise SigningRefused(_altered(log, size))
        return frontier, nodes


def _altered(log: Log, index: int) -> str:
    return (
        f"Le journal {log.origin} n'est plus celui qui a été numéroté : un enregistrement a été changé ou manque à "
        f"partir du n° {index}. Rien n'est signé. « ecluse verify --database » dit lequel ; restaurez la base."
    )


async def _stored(tx: Transaction, log: Log) -> tuple[Head, Signed | None]:
    return await read_head(tx, log), await latest_signed(tx, log)


async def _persisted(tx: Transaction, log: Log, size: int, signed: Signed, nodes: list[Node]) -> bool:
    """Compare-and-swap: keep the signed head only if the last one is still of `size` leaves."""
    await lock_head(tx, log)
    latest = await latest_signed(tx, log)
    if (latest.size if latest else 0) != size:
        return False
    await insert_signed(tx, log, signed)
    await insert_nodes(tx, log, nodes)
    return True


async def _partial_rows(tx: Transaction, log: Log, size: int) -> list[list[bytes]]:
    """The hashes of the partial tile of each level of a tree of `size` leaves."""
    rows = []
    for level in levels_of(size):
        items = size >> 8 * level
        rows.append(await hashes_between(tx, log, level, items - items % WIDTH, items))
    return rows
