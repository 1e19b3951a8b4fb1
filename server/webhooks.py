"""The worker that announces acts to webhooks: signed, at least once each, one process at a time (Standard Webhooks).

A delivery is tried until it is answered by a status from 200 to 299, more and more rarely, for three days; 410 ends it
at once. It keeps its id: a program that was reached twice, after a kill or a lost answer, knows it by that.
"""

import asyncio
import base64
import hashlib
import hmac
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import groupby

import structlog

from registry.gate import Gate
from registry.storage import webhooks
from registry.storage.engines import Busy, Transaction
from registry.storage.leases import hold, release
from registry.storage.vault import unseal
from registry.storage.webhooks import Delivery
from server.outgoing import Unanswered, deliver

TASK = "webhooks"
LEASE_SECONDS, BATCH, SECONDS, IDLE = 300, 20, 10.0, 5.0
"""The lease outlasts a whole batch, each delivery of which takes `SECONDS` at most."""
GIVEN_UP = timedelta(days=3)
_FIRST, _LONGEST = timedelta(seconds=30), timedelta(hours=6)
_log = structlog.get_logger("ecluse")


def signature(secret: bytes, identifier: str, at: int, payload: bytes) -> str:
    """The header that proves who announces: HMAC-SHA256 of id, instant (POSIX seconds) and body."""
    signed = b".".join([identifier.encode(), str(at).encode(), payload])
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


class Announcer:
    """Delivers what waits for webhooks; `private` admits private networks."""

    def __init__(self, gate: Gate, *, private: bool) -> None:
        self._gate, self._private = gate, private
        self._holder = str(uuid.uuid4())

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await asyncio.sleep(IDLE)
            try:
                await self.round()
            except (Busy, OSError) as error:
                _log.warning("webhooks postponed", reason=str(error))

    async def round(self) -> int:
        """Deliver what is due, unless another process does; how many were taken."""
        engine, now = self._gate.engine, self._gate.now()
        if not await engine.read(lambda tx: webhooks.delivery_due(tx, now)):
            return 0
        due = await engine.transact(self._begin)
        if due is None:
            return 0
        try:
            grouped = groupby(sorted(due, key=lambda one: one.webhook.id), key=lambda one: one.webhook.id)
            return sum(await asyncio.gather(*(self._each(list(one)) for _, one in grouped)))
        finally:
            with suppress(Busy, OSError):
                await engine.transact(lambda tx: release(tx, TASK, self._holder))

    async def _begin(self, tx: Transaction) -> list[Delivery] | None:
        if not await hold(tx, TASK, self._holder, int(time.time()), LEASE_SECONDS):
            return None
        return await webhooks.due_deliveries(tx, self._gate.now(), BATCH)

    async def _each(self, deliveries: list[Delivery]) -> int:
        """One webhook's, in turn; a webhook that does not answer makes its others wait."""
        taken = 0
        for delivery in deliveries:
            if not await self._one(delivery):
                break
            taken += 1
        return taken

    async def _one(self, delivery: Delivery) -> bool:
        webhook, at = delivery.webhook, int(self._gate.now().timestamp())
        secret = unseal(self._gate.vault.unwrap(webhook.id, webhook.wrapped), webhook.sealed, webhook.id)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(at),
            "webhook-signature": signature(secret, delivery.id, at, delivery.payload),
        }
        try:
            status = await deliver(webhook.url, delivery.payload, headers, SECONDS, private=self._private)
        except Unanswered as error:
            await self._later(delivery, str(error))
            return False
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            await self._end(delivery, "delivered", None)
            return True
        if status == HTTPStatus.GONE:
            await self._end(delivery, "failed", f"{status}")
        else:
            await self._later(delivery, f"{status}")
        return False

    async def _later(self, delivery: Delivery, reason: str) -> None:
        now = self._gate.now()
        if now - datetime.fromisoformat(delivery.created_at) > GIVEN_UP:
            await self._end(delivery, "failed", reason)
            return
        wait = min(_FIRST * float(2 ** min(delivery.attempts, 20)), _LONGEST)
        await self._gate.engine.transact(lambda tx: webhooks.delay_delivery(tx, delivery.id, now + wait, reason[:300]))

    async def _end(self, delivery: Delivery, state: str, reason: str | None) -> None:
        now = self._gate.now()
        await self._gate.engine.transact(lambda tx: webhooks.end_delivery(tx, delivery.id, state, now, reason))


@asynccontextmanager
async def announcing(announcer: Announcer) -> AsyncIterator[None]:
    """Run the announcer as long as the body runs."""
    task = asyncio.create_task(announcer.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
