"""The nightly pass over live exchanges: its time and memory with twice as many of them and as many due."""

import time
import tracemalloc
from datetime import date, timedelta

import msgspec
from msgspec.structs import replace

from benchmarks.serving import PARTY, TODAY, document, served
from registry.clock import clock_on
from registry.exchange.file import File
from registry.gate.nightly import nightly
from registry.storage.engines import Engine, Transaction, engine_for

HOLDER, CONVENTION = "caf-rhone", "ctg-sol-2021-2025"
SIZES = (100_000, 200_000)
DUE, REMINDED, ROUNDS, BATCH = 2_000, 500, 9, 10_000
TOMORROW = TODAY + timedelta(days=1)


async def report() -> None:
    """Print, for both engines, the best pass of some at each size, and how the larger compares (limit 1.2)."""
    for dialect in ("sqlite", "postgres"):
        async with served(dialect) as server:
            engine = engine_for(server.url)
            await engine.open()
            try:
                found = await _sizes(engine)
            finally:
                await engine.close()
        ratio = found[-1][0] / found[0][0]
        print(f"Nightly pass, {dialect}: {DUE:,} exchanges due and {REMINDED:,} reminders")
        for size, (seconds, peak) in zip(SIZES, found, strict=True):
            print(f"  {size:>9,} live exchanges   {seconds:6.2f} s   peak {peak / 1e6:5.1f} MB")
        print(f"  x {ratio:.2f} (limit 1.2)\n")


async def _sizes(engine: Engine) -> list[tuple[float, float]]:
    found, filled = [], 0
    await nightly(engine, clock_on(TODAY), "bench")  # the convention's rules are known from now on
    for size in SIZES:
        while filled < size:
            await _fill(engine, filled + 1, filled + BATCH)
            filled += BATCH
        await engine.maintain("ANALYZE")
        found.append(await _best(engine))
    return found


async def _best(engine: Engine) -> tuple[float, float]:
    seconds, peaks = [], []
    for round_ in range(ROUNDS):
        await engine.transact(_make_due)
        if traced := round_ == 0:  # measured apart: tracing slows the pass
            tracemalloc.start()
        began = time.perf_counter()
        done = await nightly(engine, clock_on(TODAY), "bench", mailing=True)
        spent = time.perf_counter() - began
        if done.examined != DUE:
            raise AssertionError(f"{done.examined} examined")
        if traced:
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        else:
            seconds.append(spent)
    return min(seconds), max(peaks)


async def _make_due(tx: Transaction) -> None:
    """The same number of exchanges, spread over all of them, are to be read and reminded of again."""
    last = int(await tx.value("SELECT max(position) FROM exchange"))
    await tx.execute("DELETE FROM reminder")
    await tx.execute("DELETE FROM notice")
    await tx.execute("DELETE FROM mail")
    await tx.execute("UPDATE exchange_listing SET due_on = ? WHERE due_on = ?", "2024-03-01", TOMORROW.isoformat())
    marks = [(f"e{n * (last // DUE) or 1}",) for n in range(1, DUE + 1)]
    await tx.execute_many("UPDATE life_check SET checks_on = '' WHERE exchange = ?", marks)
    await tx.execute_many(
        f"UPDATE exchange_listing SET due_on = '{TOMORROW}' WHERE exchange = ? AND party = '{PARTY}'", marks[:REMINDED]
    )


async def _fill(engine: Engine, first: int, last: int) -> None:
    """Active exchanges whose review is a year away."""
    file, summary = _file(), b'{"reference":"R","due":{"label":"Revue","roles":["requester"]}}'
    later = (TODAY + timedelta(days=366)).isoformat()
    numbers = range(first, last + 1)
    encode = msgspec.json.Encoder(order="deterministic").encode
    files = (replace(file, id=f"e{n}", reference=f"R{n}") for n in numbers)
    exchanges = [
        (n, f"e{n}", CONVENTION, f"R{n}", 1, encode(one), summary) for n, one in zip(numbers, files, strict=True)
    ]
    listing = [
        (party, f"e{n}", n, "active", "f", other, "2024-03-01", 1)
        for n in numbers
        for party, other in ((PARTY, HOLDER), (HOLDER, PARTY))
    ]

    async def work(tx: Transaction) -> None:
        await tx.execute_many(
            """INSERT INTO exchange (position, id, convention, reference, revision, file, summary)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            exchanges,
        )
        await tx.execute_many(
            """INSERT INTO exchange_listing (party, exchange, position, state, field, other, due_on, awaits)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            listing,
        )
        await tx.execute_many(
            "INSERT INTO life_check (exchange, convention, checks_on) VALUES (?, ?, ?)",
            [(f"e{n}", CONVENTION, later) for n in numbers],
        )

    await engine.transact(work)


def _file() -> File:
    return File(
        id="e", convention=CONVENTION, reference="R", state="active", request=document(), version=1, document_hash="h",
        requester=PARTY, holder=HOLDER, initiated_by=PARTY, studying_party=HOLDER, controllers=[],
        created_by="a", created_on=TODAY, last_changed_on=TODAY, activated_on=TODAY,
        next_review_on=date(TODAY.year + 1, TODAY.month, TODAY.day),
    )  # fmt: skip
