import asyncio
import tracemalloc
from contextlib import aclosing

import pytest

from registry.storage.engines import Busy

ALL = "SELECT id, name FROM thing WHERE id > ? ORDER BY id"


@pytest.fixture
async def many(things):
    rows = [(number, f"t{number}") for number in range(1, 10_001)]
    await things.transact(lambda tx: tx.execute_many("INSERT INTO thing (id, name) VALUES (?, ?)", rows))
    return things


async def test_a_stream_gives_every_row_once_in_order_in_batches(many):
    sizes, ids = [], []
    async for rows in many.stream(ALL, 0, size=3000):
        sizes.append(len(rows))
        ids.extend(number for number, _ in rows)
    assert sizes == [3000, 3000, 3000, 1000]
    assert ids == list(range(1, 10_001))


async def test_an_empty_stream_has_no_batch(many):
    assert [rows async for rows in many.stream(ALL, 99_999)] == []


async def test_a_stream_holds_one_batch_at_a_time(many):
    async for _ in many.stream(ALL, 0, size=100):
        break
    await asyncio.sleep(0)

    async def peak(upto):
        tracemalloc.start()
        async for rows in many.stream(ALL + " LIMIT ?", 0, upto, size=100):
            assert len(rows) == 100
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    assert await peak(10_000) < 3 * await peak(1_000)


async def test_a_stream_keeps_to_its_moment_while_others_write(many):
    seen = 0
    async for rows in many.stream(ALL, 0, size=100):
        if not seen:
            await many.transact(lambda tx: tx.execute("DELETE FROM thing WHERE id > 5000"))
        seen += len(rows)
    assert seen == 10_000


async def test_an_exception_inside_a_stream_is_not_swallowed(many):
    class Refused(Exception):
        pass

    with pytest.raises(Refused):
        async for _ in many.stream(ALL, 0, size=10):
            raise Refused
    with pytest.raises(Refused):
        async with aclosing(many.stream(ALL, 0, size=10)) as stream:
            async for _ in stream:
                raise Refused


async def test_an_error_of_the_query_is_raised(many):
    with pytest.raises(Exception, match="nowhere"):
        [rows async for rows in many.stream("SELECT 1 FROM nowhere")]
    with pytest.raises(Exception, match=r"(?i)division|overflow|malformed|invalid"):
        query = {
            "sqlite": "SELECT json_extract(CASE WHEN id > 9000 THEN '{' ELSE '{}' END, '$.a') FROM thing",
            "postgres": "SELECT 1 / (9000 - id) FROM thing",
        }
        [rows async for rows in many.stream(query[many.dialect], size=100)]


async def test_streams_left_early_give_their_turn_back(many):
    for _ in range(30):
        async with aclosing(many.stream(ALL, 0, size=10)) as stream:
            async for _rows in stream:
                break
    await many.transact(lambda tx: tx.execute("DELETE FROM thing WHERE id = 1"))


async def test_streams_merely_dropped_give_their_turn_back(many):
    for _ in range(30):
        async for _rows in many.stream(ALL, 0, size=10):
            break
    assert [len(rows) async for rows in many.stream(ALL, 9_999)] == [1]


async def test_too_many_streams_at_once_are_busy(many, monkeypatch):
    monkeypatch.setattr("registry.storage.engines.streaming.PATIENCE", 0.05)
    streams = [many.stream(ALL, 0, size=10) for _ in range(8)]
    for stream in streams:
        await anext(stream)
    with pytest.raises(Busy):
        await anext(many.stream(ALL, 0))
    for stream in streams:
        await stream.aclose()
    assert len(await anext(many.stream(ALL, 9_999))) == 1


async def test_a_stream_opened_inside_a_piccolo_transaction_reads_outside_it(many):
    async with many.transaction() as tx:
        await tx.execute("DELETE FROM thing WHERE id > ?", 0)
        assert [len(rows) async for rows in many.stream(ALL, 0, size=10_000)] == [10_000]
