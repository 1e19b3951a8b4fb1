"""Cancellation and failing BEGIN or COMMIT leave nothing behind: no open transaction, no lost connection."""

import asyncio
import contextlib

import asyncpg
import pytest

from registry.storage.engines import Busy, ForeignKeyViolation, NothingCommitted, Unreachable, engine_for
from registry.storage.engines.local_transaction import LocalTransaction

ADD = "INSERT INTO thing (id, name, parent) VALUES (?, ?, ?)"
only_sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
only_postgres = pytest.mark.parametrize("dialect", ["postgres"], indirect=True)


async def count(engine):
    return await engine.read(lambda tx: tx.value("SELECT count(*) FROM thing"))


@pytest.fixture
async def small_pool(things, database_url):
    engine = engine_for(database_url, pool_size=5)
    engine.pool._patience = 0.2
    await engine.open()
    yield engine
    await engine.close()


async def in_pairs(tx, number):
    """Two rows: a transaction that is half done would leave an odd number."""
    await tx.execute(ADD, 2 * number, f"a{number}", 0)
    for _ in range(5):
        await tx.rows("SELECT id FROM thing")
    await tx.execute(ADD, 2 * number + 1, f"b{number}", 0)


async def test_a_write_cancelled_at_any_moment_is_whole_or_absent_and_the_next_succeeds(things):
    tasks = []
    for number in range(1, 61):
        tasks.append(asyncio.create_task(things.transact(lambda tx, n=number: in_pairs(tx, n))))
        await asyncio.sleep(number % 7 * 0.0005)
        if number % 2:
            tasks[-max(1, number % 5)].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert any(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
    assert all(outcome is None or isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
    await things.transact(lambda tx: in_pairs(tx, 1000))
    assert (await count(things) - 1) % 2 == 0
    completed = sum(outcome is None for outcome in outcomes)
    assert (await count(things) - 3) // 2 >= completed


async def test_a_read_or_stream_cancelled_at_any_moment_leaves_the_engine_usable(things):
    async def streaming():
        async for _ in things.stream("SELECT id FROM thing"):
            await asyncio.sleep(0)

    for delay in range(12):
        tasks = [
            asyncio.create_task(things.read(lambda tx: tx.rows("SELECT id FROM thing"))),
            asyncio.create_task(things.maintain("SELECT 1")),
            asyncio.create_task(streaming()),
        ]
        await asyncio.sleep(delay * 0.0007)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert await count(things) == 1
    await things.transact(lambda tx: in_pairs(tx, 1))


async def test_an_interactive_transaction_cancelled_is_undone(things):
    for delay in range(12):

        async def spanning(number):
            async with things.transaction() as tx:
                await in_pairs(tx, number)
                await asyncio.sleep(1)

        task = asyncio.create_task(spanning(delay + 1))
        await asyncio.sleep(delay * 0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await count(things) == 1
    await things.transact(lambda tx: in_pairs(tx, 1))


@only_postgres
async def test_commits_that_fail_give_their_connections_back(small_pool):
    async def orphan(tx, number):
        await tx.execute(ADD, number, f"t{number}", 99)

    for number in range(1, 13):
        with pytest.raises(ForeignKeyViolation):
            await small_pool.transact(lambda tx, n=number: orphan(tx, n))
    together = (small_pool.transact(lambda tx, n=number: orphan(tx, n)) for number in range(1, 6))
    assert all(
        isinstance(outcome, ForeignKeyViolation) for outcome in await asyncio.gather(*together, return_exceptions=True)
    )
    assert small_pool.pool.idle == 5
    assert await count(small_pool) == 1


async def test_a_commit_that_fails_leaves_no_transaction_open(things):
    for _ in range(12):
        with pytest.raises(ForeignKeyViolation):
            await things.transact(lambda tx: tx.execute(ADD, 1, "orphan", 99))
        with pytest.raises(ForeignKeyViolation):
            async with things.transaction() as tx:
                await tx.execute(ADD, 1, "orphan", 99)
    assert things.current() is None
    await things.transact(lambda tx: tx.execute(ADD, 1, "child", 0))
    assert await count(things) == 2


@only_postgres
async def test_an_error_caught_outside_a_savepoint_is_never_acknowledged_as_committed(things):
    async def work(tx):
        await tx.execute(ADD, 1, "a", 0)
        with contextlib.suppress(Exception):
            await tx.execute("SELECT nothing FROM nowhere")

    with pytest.raises(NothingCommitted):
        await things.transact(work)
    assert await count(things) == 1


@only_postgres
async def test_begins_that_fail_give_their_connections_back(small_pool):
    async def one_after_the_other():
        for _ in range(12):
            with pytest.raises(asyncpg.PostgresSyntaxError):
                await small_pool._once("BEGIN OR NOT", lambda tx: tx.value("SELECT 1"))

    await one_after_the_other()
    await small_pool.transact(lambda tx: tx.execute(ADD, 1, "a", 0))
    assert await count(small_pool) == 2


@only_sqlite
async def test_a_begin_refused_by_another_process_is_busy_and_leaves_nothing(things, monkeypatch):
    await things.maintain("SELECT 1")
    things._writer._connect = lambda connect=things._writer._connect: _impatient(connect())
    await things.close()
    await things.open()
    async with things.transaction() as rival:
        await rival.execute(ADD, 1, "rival", 0)
        with pytest.raises(Busy):
            await asyncio.create_task(_fresh(things))
        outcomes = await asyncio.gather(
            *(asyncio.create_task(_fresh(things)) for _ in range(10)), return_exceptions=True
        )
        assert all(isinstance(outcome, Busy) for outcome in outcomes)
    await things.transact(lambda tx: tx.execute(ADD, 3, "after", 0))
    assert await count(things) == 3


def _impatient(connection):
    connection.execute("PRAGMA busy_timeout=20")
    return connection


async def _fresh(engine):
    """As another caller would: outside the transaction this task was made in."""
    engine.current_transaction.set(None)
    await engine.transact(lambda tx: tx.execute(ADD, 2, "refused", 0))


@only_postgres
async def test_when_no_connection_is_free_in_time_the_caller_is_told_to_come_back(small_pool):
    release = asyncio.Event()

    async def holding(tx):
        await tx.value("SELECT 1")
        await release.wait()

    holders = [asyncio.create_task(small_pool.transact(holding)) for _ in range(5)]
    await asyncio.sleep(0.05)
    with pytest.raises(Busy):
        await small_pool.transact(lambda tx: tx.value("SELECT 1"))
    waiting = asyncio.create_task(small_pool.transact(lambda tx: tx.value("SELECT 2")))
    await asyncio.sleep(0.01)
    release.set()
    assert await waiting == 2
    await asyncio.gather(*holders)
    assert small_pool.pool.idle == 5


@only_postgres
async def test_waiters_cancelled_as_they_are_served_lose_no_connection(small_pool):
    async def brief(tx):
        await tx.value("SELECT pg_sleep(0.001)")

    for round_ in range(10):
        tasks = [asyncio.create_task(small_pool.transact(brief)) for _ in range(40)]
        await asyncio.sleep(0.001 * round_)
        for task in tasks[::3]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert not small_pool.pool._lent
    assert small_pool.pool._opened == small_pool.pool.idle <= 5
    await asyncio.gather(*(small_pool.transact(brief) for _ in range(5)))


@only_postgres
async def test_serializable_rivals_are_run_again_until_all_are_done(things):
    async def work(tx):
        amount = await tx.value("SELECT amount FROM thing WHERE id = 0")
        await tx.execute("UPDATE thing SET amount = ? WHERE id = 0", amount + 1)

    await asyncio.gather(*(things.transact(work, attempts=60, isolation="serializable") for _ in range(8)))
    assert await things.read(lambda tx: tx.value("SELECT amount FROM thing WHERE id = 0")) == 8


@only_postgres
async def test_deadlocked_rivals_both_end_up_done(things):
    await things.transact(lambda tx: tx.execute(ADD, 1, "other", 0))
    met = asyncio.Barrier(2)
    runs = []

    async def work(tx, first, second):
        runs.append(first)
        await tx.execute("UPDATE thing SET amount = amount + 1 WHERE id = ?", first)
        if len(runs) <= 2:
            await met.wait()
        await tx.execute("UPDATE thing SET amount = amount + 1 WHERE id = ?", second)

    await asyncio.gather(things.transact(lambda tx: work(tx, 0, 1)), things.transact(lambda tx: work(tx, 1, 0)))
    assert len(runs) >= 3  # whoever lost ran again, twice when the winner had not committed yet
    assert [tuple(row) for row in await things.read(lambda tx: tx.rows("SELECT amount FROM thing ORDER BY id"))] == [
        (2,),
        (2,),
    ]


@only_postgres
async def test_rivals_that_never_give_way_end_as_busy(things):
    async def work(tx):
        raise asyncpg.SerializationError("could not serialize access")

    with pytest.raises(Busy):
        await things.transact(work, attempts=2)


@only_postgres
async def test_a_connection_lost_before_commit_is_replaced_and_the_work_run_again(things):
    runs = []

    async def work(tx):
        runs.append(await tx.value("SELECT pg_backend_pid()"))
        if len(runs) == 1:
            await things.maintain("SELECT pg_terminate_backend(?)", runs[0])
        await tx.execute(ADD, 1, "a", 0)

    await things.transact(work)
    assert len(runs) == 2
    assert await count(things) == 2


KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"


@only_postgres
@pytest.mark.parametrize("noticed", [False, True])
async def test_connections_that_died_while_idle_are_replaced(small_pool, noticed):
    """Whether the loop has already seen the socket close, or only the server's goodbye, or nothing yet."""
    uses = (
        lambda: small_pool.transact(lambda tx: tx.value("SELECT 1")),
        lambda: small_pool.read(lambda tx: tx.value("SELECT 1")),
        lambda: small_pool.read(lambda tx: tx.value("SELECT 1"), snapshot=False),
    )
    for use in uses * 5:
        assert await asyncio.gather(*(use() for _ in range(5))) == [1] * 5
        await small_pool.maintain(KILL)
        if noticed:
            await asyncio.sleep(0.02)
        assert await use() == 1
    assert not small_pool.pool._lent


@only_postgres
async def test_a_goodbye_heard_before_the_socket_closes_is_a_loss_like_another(small_pool, monkeypatch):
    """The driver then refuses to go on with an error of its own, on a connection that still looks open."""
    connection = await small_pool.pool.acquire()
    small_pool.pool.release(connection)
    execute, refusals = asyncpg.Connection.execute, []

    async def goodbye(self, query, *args, **kwargs):
        if self is not connection:
            return await execute(self, query, *args, **kwargs)
        refusals.append(query)
        raise asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress")

    monkeypatch.setattr(asyncpg.Connection, "execute", goodbye)
    assert await small_pool.transact(lambda tx: tx.value("SELECT 1")) == 1
    assert refusals[-1] == "ROLLBACK"
    assert connection.is_closed()


@only_postgres
async def test_a_misused_statement_is_no_loss_and_is_not_run_again(small_pool):
    runs = []

    async def misusing(tx):
        runs.append(tx)
        await tx.value("SELECT ?::bigint", 1, 2)

    with pytest.raises(asyncpg.InterfaceError):
        await small_pool.transact(misusing)
    assert len(runs) == 1
    assert small_pool.pool.idle == 1


async def test_a_server_that_crashes_is_found_again_once_it_is_back(postgres_server):
    url = postgres_server.create()
    engine = engine_for(url)
    await engine.open()
    await engine.transact(lambda tx: tx.execute("INSERT INTO counter (name, value) VALUES (?, ?)", "a", 1))
    await asyncio.to_thread(postgres_server.crash)
    with pytest.raises(Unreachable):
        await engine.transact(lambda tx: tx.value("SELECT 1"), attempts=2)
    await asyncio.to_thread(postgres_server.start)
    assert await engine.read(lambda tx: tx.value("SELECT value FROM counter WHERE name = ?", "a")) == 1
    await engine.close()


@only_sqlite
async def test_when_sqlite_undoes_a_transaction_by_itself_nothing_more_is_written(things):
    async def work(tx: LocalTransaction):
        await tx.execute(ADD, 1, "a", 0)
        with contextlib.suppress(Exception):
            await tx.execute("INSERT OR ROLLBACK INTO thing (id, name) VALUES (0, 'twice')")
        await tx.execute(ADD, 2, "on its own", 0)

    with pytest.raises(RuntimeError, match="undone"):
        await things.transact(work)
    assert await count(things) == 1
