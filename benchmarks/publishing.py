"""The host's side of the logs: records numbered and published a second, time until published, cost of an append."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from benchmarks.serving import PARTY, TODAY, document
from registry.clock import clock_on
from registry.gate import Caller, Gate
from registry.gate.conventions import load_document
from registry.gate.exchanges import create_request
from registry.gate.session import Session
from registry.ledger.merkle import leaf_hash
from registry.publishing.guard import Guard
from registry.storage.accounts import account_for, grant, issue_token, token_hash
from registry.storage.engines import Transaction, engine_for
from registry.storage.heads import read_head
from registry.storage.migrations import migrate
from registry.storage.vault import KEY_BYTES, Vault
from schemas.references import reference
from tests.databases import Postgres
from tests.registry.publishing.host import Host

RECORDS, SECONDS, RATE, CREATIONS = 20_000, 4, 500, 400
_CONVENTION = "ctg-sol-2021-2025"


async def report() -> None:
    """Print, for both engines, rates and times against their limits."""
    for dialect in ("sqlite", "postgres"):
        async with _host(dialect) as host:
            numbered, published, bare = await _rates(host)
            latencies = await _latencies(host)
        async with _host(dialect) as host:
            share = await _append_share(host)
        print(f"Publication, {dialect}")
        print(f"  sequencing       {numbered:8.0f} records/s   (limit 20,000)")
        print(f"  signing a head   {published:8.0f} records/s read and hashed anew ({published / bare:.2f} of hashing)")
        p50, p99 = statistics.median(latencies), statistics.quantiles(latencies, n=100)[98]
        print(
            f"  commit to shown  p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms, largest {max(latencies) * 1e3:.0f} ms "
            f"at {RATE} records/s   (limit 500 ms)"
        )
        print(f"  append           {share:.0%} of the time of a creation's transaction\n")


@asynccontextmanager
async def _host(dialect: str) -> AsyncIterator[Host]:
    with tempfile.TemporaryDirectory(prefix="ecluse-bench-") as folder:
        server = await asyncio.to_thread(lambda: Postgres(durable=True)) if dialect == "postgres" else None
        engine = engine_for(server.create() if server else f"sqlite:///{folder}/ecluse.db")
        await engine.open(create=True)
        try:
            await migrate(engine)
            yield Host(engine, Guard(Path(folder) / "guard"))
        finally:
            await engine.close()
            if server:
                server.close()


async def _rates(host: Host) -> tuple[float, float, float]:
    """Records numbered a second, records signed a second, and leaf hashes a second of bare hashing."""
    for _ in range(RECORDS // 1000):
        await host.record(1000)
    (log,) = await host.logs()
    began = time.perf_counter()
    while await host.operator.sequencer.sequence(log, host.now):
        pass
    numbered = RECORDS / (time.perf_counter() - began)
    began = time.perf_counter()
    await host.operator.publisher.publish(log, host.now)
    published = RECORDS / (time.perf_counter() - began)
    records = [bytes(row[0]) for row in await host.rows("SELECT record FROM event")]
    began = time.perf_counter()
    for record in records:
        leaf_hash(record)
    return numbered, published, len(records) / (time.perf_counter() - began)


async def _latencies(host: Host) -> list[float]:
    """Seconds from each commit until a shown head covers it, while records come at `RATE` a second."""
    waiting: list[tuple[int, float]] = []
    latencies: list[float] = []
    (log,) = await host.logs()
    size = (await host.engine.read(lambda tx: read_head(tx, log))).published

    async def shown(_log: Any, signed: Any) -> None:
        while waiting and waiting[0][0] < signed.size:
            latencies.append(time.perf_counter() - waiting.pop(0)[1])

    host.operator.on_published.append(shown)
    task = asyncio.create_task(host.operator.run())
    began = time.perf_counter()
    for number in range(RATE * SECONDS):
        await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        await host.record()
        waiting.append((size + number, time.perf_counter()))
        host.operator.wake()
    while waiting:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return latencies


async def _append_share(host: Host) -> float:
    """The part of a creation's transaction that its record takes: facts, commitment, signature, rows."""
    gate = Gate(host.engine, Vault(bytes(KEY_BYTES)), host.recorder, clock_on(TODAY))
    token = await host.engine.transact(lambda tx: _person(tx, gate))
    caller, appended, total = Caller(token_hash(token)), 0.0, 0.0

    async def work(session: Session) -> Any:
        nonlocal appended
        original: Callable[..., Awaitable[Any]] = session.append

        async def timed(*args: Any) -> Any:
            nonlocal appended
            began = time.perf_counter()
            done = await original(*args)
            appended += time.perf_counter() - began
            return done

        session.append = timed  # type: ignore[assignment, method-assign]
        return await create_request(session, _CONVENTION, document())

    await gate.write(caller, work)
    appended = 0.0
    for _ in range(CREATIONS):
        began = time.perf_counter()
        await gate.write(caller, work)
        total += time.perf_counter() - began
    return appended / total


async def _person(tx: Transaction, gate: Gate) -> str:
    now = gate.now()
    await load_document(tx, reference("convention"), now, gate.vault, gate.recorder)
    account = await account_for(tx, "demandeur@exemple.example", now)
    await grant(tx, account, PARTY, ["requester"], TODAY, None)
    return await issue_token(tx, account, PARTY, now, 1)


if __name__ == "__main__":
    asyncio.run(report())
