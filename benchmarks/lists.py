"""A page of 50 requests among a thousand, a hundred thousand and a million: median time of the query, by filter."""

import statistics
import time

from benchmarks.serving import PARTY, TODAY, served
from registry.storage.engines import Engine, Transaction, engine_for
from registry.storage.lists import page

SIZES = (1_000, 100_000, 1_000_000)
FILTERS: tuple[dict[str, str], ...] = (
    {}, {"state": "s3"}, {"field": "f3"}, {"state": "s3", "field": "f3"}, {"state": "s3", "other": "p3"},
)  # fmt: skip
REPEAT, BATCH = 200, 50_000
_SUMMARY = b'{"title":"Une demande","state":"filed"}' * 8


async def report() -> None:
    """Print medians and the ratio of the largest size to the smallest (limit 1.5)."""
    for dialect in ("sqlite", "postgres"):
        async with served(dialect) as server:
            engine = engine_for(server.url)
            await engine.open()
            try:
                medians = await _medians(engine)
            finally:
                await engine.close()
        print(f"Page of 50, {dialect}: median microseconds at {', '.join(f'{size:,}' for size in SIZES)} requests")
        for filters, found in medians.items():
            ratio = found[-1] / found[0]
            shown = "  ".join(f"{value:7.0f}" for value in found)
            print(f"  {filters:<24} {shown}   x {ratio:.2f} (limit 1.5)")
        print()


async def _medians(engine: Engine) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    filled = 0
    for size in SIZES:
        while filled < size:
            upto = min(filled + BATCH, size)
            await _fill(engine, filled + 1, upto)
            filled = upto
        await engine.maintain("ANALYZE")
        for filters in FILTERS:
            name = " and ".join(filters) or "all"
            found.setdefault(name, []).append(await _median(engine, filters))
    return found


async def _fill(engine: Engine, first: int, last: int) -> None:
    """Requests spread over 4 states, 4 fields and 4 other parties, each combination as frequent."""
    numbers = range(first, last + 1)
    listing = [(PARTY, f"e{n}", n, f"s{n % 4}", f"f{n // 4 % 4}", f"p{n // 16 % 4}") for n in numbers]
    exchanges = [(n, f"e{n}", "c", f"R{n}", 1, b"{}", _SUMMARY) for n in numbers]

    async def work(tx: Transaction) -> None:
        await tx.execute_many(
            """INSERT INTO exchange (position, id, convention, reference, revision, file, summary)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            exchanges,
        )
        await tx.execute_many(
            """INSERT INTO exchange_listing (party, exchange, position, state, field, other)
            VALUES (?, ?, ?, ?, ?, ?)""",
            listing,
        )

    await engine.transact(work)


async def _median(engine: Engine, filters: dict[str, str]) -> float:
    async def work(tx: Transaction) -> float:
        began = time.perf_counter()
        rows = await page(tx, [PARTY], filters, TODAY, None, 51)
        if len(rows) != 51:
            raise AssertionError(f"{len(rows)} rows")
        return (time.perf_counter() - began) * 1e6

    return statistics.median([await engine.read(work) for _ in range(REPEAT)])
