"""A host without its HTTP: operators over a database, records to publish, and what is shown of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from registry.exchange.events import Event
from registry.ledger.checkpoints import Checkpoint, open_checkpoint
from registry.ledger.keys import Signer
from registry.ledger.signers import LogSigner, Recorder
from registry.publishing import serving
from registry.publishing.announcing import announce_recorder
from registry.publishing.guard import Guard
from registry.publishing.operator import Operator
from registry.storage.events import SYSTEM, Place, append
from registry.storage.logs import Log, create_log, every_log, find_log

HOST = "ecluse.example"


@dataclass
class Host:
    """One process of a host: its keys may be those of another process, its clock is its own."""

    engine: Any
    guard: Guard
    key: Signer = field(default_factory=lambda: Signer.generate("log"))
    recorder_key: Signer = field(default_factory=lambda: Signer.generate("recorder"))
    former: Signer | None = None
    former_recorder: Signer | None = None
    now: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __post_init__(self) -> None:
        self.recorder = Recorder(HOST, self.recorder_key, previous=self.former_recorder)
        self.operator = Operator(self.engine, self.recorder, LogSigner(self.key, self.former), self.guard, self.clock)

    def clock(self) -> datetime:
        return self.now

    async def record(self, count: int = 1, owner: str = "ctg") -> None:
        """`count` records of as many objects, in one transaction."""

        async def work(tx: Any) -> None:
            log = await find_log(tx, owner, self.now) or await create_log(tx, owner, self.now, self.recorder)
            log = log or await find_log(tx, owner, self.now)
            assert log is not None
            await announce_recorder(tx, log, self.recorder, self.now, self.now.date())
            for _ in range(count):
                place = Place(log, str(uuid.uuid4()), 1, "exchange", "")
                event = Event(act="creation", by=SYSTEM, party="", on=date(2026, 3, 1))
                signers = [self.recorder.signer(log.origin)]
                await append(tx, place, event, self.now, actor="pseudonym", key=b"", signers=signers)

        await self.engine.transact(work)

    async def publish(self) -> None:
        await self.operator.round()

    async def logs(self) -> list[Log]:
        logs: list[Log] = await self.engine.read(every_log)
        return logs

    async def head(self, log: Log | None = None) -> Checkpoint | None:
        """The shown head, its signature checked."""
        log = log or (await self.logs())[-1]
        signed = await self.engine.read(lambda tx: serving.shown_head(tx, log))
        return open_checkpoint(signed.note, [self.key.named(log.origin).verifier]) if signed else None

    async def rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.engine.read(lambda tx: tx.rows(sql, *args))]

    async def change(self, sql: str, *args: object) -> int:
        changed: int = await self.engine.transact(lambda tx: tx.execute(sql, *args))
        return changed
