"""Numbering: a record is committed without a place; the sequencer gives it the next leaf of its log."""

from datetime import UTC, datetime, timedelta
from typing import Any

from registry.clock import paris_day
from registry.exchange.events import Event
from registry.ledger.checkpoints import Checkpoint, parse_checkpoint
from registry.ledger.encoding import encode_base64
from registry.ledger.merkle import Frontier
from registry.ledger.notes import split_note
from registry.ledger.signers import LogSigner, Recorder
from registry.publishing.announcing import record_key
from registry.publishing.policies import recorded_policy
from registry.storage.engines import Engine, Transaction
from registry.storage.events import SYSTEM, Place, append
from registry.storage.heads import (
    first_waiting,
    latest_signed,
    lock_head,
    number_next,
    number_one,
    read_head,
    save_frontier,
    unsigned_hashes,
)
from registry.storage.logs import (
    FIRST_REVISION,
    Log,
    cited_note,
    claim_key,
    every_log,
    keys_of,
    lock_log,
    pseudonym,
)

BATCH = 1024
"""Rows numbered in one transaction, at most."""
SETTLING = timedelta(seconds=10)
"""How long after the new year the old year's log may still get records that were being written as it ended."""


class Sequencer:
    """Numbers the waiting records of one log at a time. Any number may run: the head's lock lets one pass."""

    def __init__(self, engine: Engine, recorder: Recorder, log_signer: LogSigner) -> None:
        self._engine = engine
        self._recorder = recorder
        self._log_signer = log_signer
        self._announced: set[str] = set()

    async def sequence(self, log: Log, now: datetime) -> int:
        """Number one batch; how many rows got their place.

        0: nothing waits, or the log may not be opened yet because the one before it is not closed.
        """

        async def work(tx: Transaction) -> int:
            frontier = (await lock_head(tx, log)).frontier
            before = frontier.size
            if before == 0:
                await self._open(tx, log, frontier, now)
                if frontier.size == 0:
                    return 0
            elif log.id not in self._announced:
                await self._announce_log_key(tx, log, now)
            frontier.extend(await number_next(tx, log, frontier.size, BATCH))
            if frontier.size > before:
                await save_frontier(tx, log, frontier)
            return frontier.size - before

        numbered = await self._engine.transact(work)
        if numbered:
            self._announced.add(log.id)
        return numbered

    async def _open(self, tx: Transaction, log: Log, frontier: Frontier, now: datetime) -> None:
        """Leaf 0, `log.opened`: names the keys and cites the last head of the owner's former log."""
        waiting = await first_waiting(tx, log)
        if waiting is None or now - datetime(log.year, 1, 1, tzinfo=UTC) < SETTLING:
            return
        closed, previous = await _former_head(tx, log)
        if not closed:
            return
        await lock_log(tx, log)
        at, recorder = datetime.fromisoformat(waiting), self._recorder.signer(log.origin)
        signer = self._log_signer.signers(log.origin)[0]
        derived: dict[str, Any] = {
            "origin": log.origin,
            "log": signer.vkey,
            "recorder": recorder.vkey,
            "previous": _cited(previous),
            "orphans": await _orphans(tx, log),
            "policy": await recorded_policy(tx, log.owner),
        }
        event = Event(act="log.opened", by=SYSTEM, party="", on=paris_day(at), derived=derived)
        place, name = Place(log, log.id, FIRST_REVISION, "key", ""), await pseudonym(tx, log, SYSTEM)
        opened = await append(tx, place, event, at, actor=name, key=b"", signers=[recorder])
        frontier.append(await number_one(tx, opened.seq, 0))
        await claim_key(tx, log, "log", signer.vkey)
        await claim_key(tx, log, "recorder", recorder.vkey)
        for vkey in await keys_of(tx, log, "recorder"):
            if vkey != recorder.vkey:  # a replica that was started with another key wrote here before the opening
                named = {"kind": "recorder", "vkey": vkey, "previous": recorder.vkey}
                seq = await record_key(tx, log, recorder, "key.rotated", named, at, paris_day(at))
                frontier.append(await number_one(tx, seq, frontier.size))

    async def _announce_log_key(self, tx: Transaction, log: Log, now: datetime) -> None:
        """Record that the key which signs heads was replaced; heads carry both signatures meanwhile."""
        signer = self._log_signer.signers(log.origin)[0]
        known = await keys_of(tx, log, "log")
        if await claim_key(tx, log, "log", signer.vkey):
            await lock_log(tx, log)
            former = next(vkey for vkey in known if vkey != signer.vkey)
            named = {"kind": "log", "vkey": signer.vkey, "previous": former}
            recorder = self._recorder.signer(log.origin)
            await record_key(tx, log, recorder, "key.rotated", named, now, paris_day(now))


async def _orphans(tx: Transaction, log: Log) -> list[str]:
    """The leaf hashes of records of a log just left behind that no head of it covers: this one binds them again."""
    former = await _former(tx, log)
    if former is None or await cited_note(tx, former) is None:
        return []
    return [encode_base64(value) for value in await unsigned_hashes(tx, former)]


async def _former(tx: Transaction, log: Log) -> Log | None:
    """The owner's log before this one."""
    logs = await every_log(tx, log.owner)
    return logs[logs.index(log) - 1] if logs.index(log) else None


async def _former_head(tx: Transaction, log: Log) -> tuple[bool, Checkpoint | None]:
    """Whether the owner's former log is closed (all it holds is published), and its last head."""
    former = await _former(tx, log)
    if former is None:
        return True, None
    cited = await cited_note(tx, former)
    if cited is not None:
        return True, parse_checkpoint(split_note(cited)[0])
    head = await read_head(tx, former)
    if await first_waiting(tx, former) is not None or head.published < head.frontier.size:
        return False, None
    signed = await latest_signed(tx, former)
    return True, parse_checkpoint(split_note(signed.note)[0]) if signed else None


def _cited(head: Checkpoint | None) -> dict[str, Any] | None:
    return None if head is None else {"origin": head.origin, "size": head.size, "root": encode_base64(head.root)}
