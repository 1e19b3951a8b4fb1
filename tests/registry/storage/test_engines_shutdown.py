"""A process that stops under load stops: nothing keeps it alive, and the file stays free for the next one."""

import asyncio
import signal
import sys

import pytest

from registry.storage.engines import engine_for

HANG = 60
"""Seconds after which a process that should have ended is declared hung."""

PROGRAM = """
import asyncio, os, signal
from registry.storage.engines import engine_for

async def add(tx):
    amount = await tx.value("SELECT value FROM counter WHERE name = 'a'")
    await tx.execute("UPDATE counter SET value = ? WHERE name = 'a'", amount + 1)

async def forever(engine, work):
    while True:
        try:
            await engine.transact(add) if work == "write" else await engine.read(lambda tx: tx.rows(work))
        except RuntimeError:
            return

async def main():
    engine = engine_for({url!r})
    await engine.open()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    tasks = [asyncio.create_task(forever(engine, work)) for work in {works!r} for _ in range(4)]
    await asyncio.sleep(0.2)
    print("ready", flush=True)
    await stop.wait()
    {closing}

asyncio.run(main())
"""
ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "postgres": "SELECT count(*) FROM generate_series(1, 100000000000)",
}


@pytest.mark.parametrize("closing", ["await engine.close(grace=0.5)", "raise SystemExit(0)", "os._exit(0)"])
@pytest.mark.parametrize("load", ["short", "endless"])
async def test_a_process_told_to_stop_under_load_exits(engine, database_url, closing, load):
    await engine.transact(lambda tx: tx.execute("INSERT INTO counter (name, value) VALUES ('a', 0)"))
    works = ["write", "SELECT 1"] if load == "short" else ["write", ENDLESS[engine.dialect]]
    program = PROGRAM.format(url=database_url, works=works, closing=closing)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        assert await process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), HANG)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, errors.decode()
    await engine.transact(lambda tx: tx.execute("UPDATE counter SET value = value + 1"))


async def test_closing_waits_for_work_under_way(database_url):
    engine = engine_for(database_url)
    await engine.open()

    async def adding(tx):
        await tx.execute("INSERT INTO counter (name, value) VALUES ('a', 1)")
        for _ in range(50):
            await tx.rows("SELECT name FROM counter")

    task = asyncio.create_task(engine.transact(adding))
    await asyncio.sleep(0.005)
    await engine.close()
    await task
    await engine.open()
    assert await engine.read(lambda tx: tx.value("SELECT value FROM counter WHERE name = 'a'")) == 1
    await engine.close()


async def test_closing_twice_or_unopened_is_harmless(database_url):
    engine = engine_for(database_url)
    await engine.close()
    await engine.open()
    await engine.close()
    await engine.close()
