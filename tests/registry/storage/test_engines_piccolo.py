"""Piccolo's own queries use the house's connections and transactions."""

import asyncio
import datetime as dt
import sys
import uuid
from types import SimpleNamespace

import pytest
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import UUID, BigInt, Boolean, Bytea, Text, Timestamptz
from piccolo.engine.exceptions import TransactionError
from piccolo.table import Table

from registry.storage.engines import UniqueViolation, bind

ADD = "INSERT INTO thing (id, name) VALUES (?, ?)"


class Thing(Table, tablename="thing"):
    id = BigInt(primary_key=True)
    name = Text(unique=True)
    amount = BigInt()
    flag = Boolean(null=True)
    data = Bytea(null=True)


class Moment(Table):
    key = UUID(primary_key=True)
    at = Timestamptz()


class Refused(Exception):
    pass


@pytest.fixture
async def bound(things):
    bind(things)
    return things


async def names():
    return await Thing.select(Thing.name).where(Thing.id > 0).order_by(Thing.id).output(as_list=True)


async def test_queries_outside_any_transaction_commit_at_once(bound):
    await Thing.insert(Thing(id=1, name="a", flag=True, data=b"\x00"))
    assert await Thing.select(Thing.flag, Thing.data).where(Thing.id == 1) == [{"flag": True, "data": b"\x00"}]
    await Thing.update({Thing.amount: Thing.amount + 5}).where(Thing.id == 1)
    assert await bound.read(lambda tx: tx.value("SELECT amount FROM thing WHERE id = 1")) == 5
    await Thing.delete().where(Thing.id == 1)
    assert await names() == []


async def test_a_constraint_is_refused_in_the_houses_words(bound):
    with pytest.raises(UniqueViolation) as refusal:
        await Thing.insert(Thing(id=1, name="root"))
    assert refusal.value.columns == ("name",)


async def test_queries_inside_transact_see_and_share_the_transaction(bound):
    async def work(tx):
        await tx.execute(ADD, 1, "by hand")
        assert await names() == ["by hand"]
        await Thing.insert(Thing(id=2, name="by Piccolo"))
        assert await tx.value("SELECT count(*) FROM thing WHERE id > 0") == 2
        raise Refused

    with pytest.raises(Refused):
        await bound.transact(work)
    assert await names() == []


async def test_queries_inside_a_read_see_its_moment_and_cannot_write(bound):
    async def work(tx):
        assert await names() == []
        await Thing.insert(Thing(id=1, name="a"))

    with pytest.raises(Exception, match=r"(?i)read.?only"):
        await bound.read(work)


async def test_piccolos_transaction_commits_or_undoes_all(bound):
    async with bound.transaction():
        await Thing.insert(Thing(id=1, name="a"))
    with pytest.raises(Refused):
        async with bound.transaction():
            await Thing.insert(Thing(id=2, name="b"))
            raise Refused
    assert await names() == ["a"]
    assert not bound.transaction_exists()


async def test_piccolos_nested_transaction_is_a_savepoint(bound):
    async with bound.transaction():
        await Thing.insert(Thing(id=1, name="a"))
        with pytest.raises(Refused):
            async with bound.transaction():
                await Thing.insert(Thing(id=2, name="b"))
                raise Refused
        with pytest.raises(UniqueViolation):
            async with bound.transaction():
                await Thing.insert(Thing(id=3, name="a"))
        await Thing.insert(Thing(id=4, name="d"))
        with pytest.raises(TransactionError):
            bound.transaction(allow_nested=False)
    assert await names() == ["a", "d"]


async def test_piccolos_transaction_inside_transact_is_a_savepoint_of_it(bound):
    async def work(tx):
        async with bound.transaction():
            await Thing.insert(Thing(id=1, name="a"))
        with pytest.raises(Refused):
            async with bound.transaction():
                await tx.execute(ADD, 2, "b")
                raise Refused
        thing = await Thing.objects().get_or_create(Thing.id == 3, defaults={Thing.name: "c"})
        assert thing.name == "c"

    await bound.transact(work)
    assert await names() == ["a", "c"]


async def test_transact_inside_piccolos_transaction_is_a_savepoint_of_it(bound):
    async with bound.transaction():
        await bound.transact(lambda tx: tx.execute(ADD, 1, "a"))

        async def failing(tx):
            await tx.execute_many(ADD, [(2, "b"), (3, "c")])
            assert await tx.row("SELECT name FROM thing WHERE id = ?", 2) is not None
            assert len(await tx.rows("SELECT name FROM thing")) == 4
            async with tx.savepoint():
                pass
            raise Refused

        with pytest.raises(Refused):
            await bound.transact(failing)
        assert await bound.read(lambda tx: tx.value("SELECT count(*) FROM thing")) == 2
    assert await names() == ["a"]


async def test_gathered_queries_run_in_one_transaction(bound):
    atomic = bound.atomic()
    atomic.add(Thing.insert(Thing(id=1, name="a")), Thing.insert(Thing(id=2, name="root")))
    with pytest.raises(UniqueViolation):
        await atomic
    assert await names() == []
    with pytest.raises(TransactionError):
        atomic.run_sync()


async def test_a_task_that_outlives_its_transaction_starts_afresh(bound):
    go = asyncio.Event()

    async def later():
        await go.wait()
        await Thing.insert(Thing(id=2, name="later"))

    async with bound.transaction():
        await Thing.insert(Thing(id=1, name="a"))
        task = asyncio.create_task(later())
    go.set()
    await task
    assert await names() == ["a", "later"]


async def test_piccolos_batch_is_refused_because_it_swallows_exceptions(bound):
    with pytest.raises(NotImplementedError, match="stream"):
        await Thing.select().batch()


async def test_values_piccolo_converts_come_back_alike(bound):
    await Moment.create_table()
    moment = Moment(key=uuid.uuid4(), at=dt.datetime(2026, 11, 24, 12, 0, 0, 5, tzinfo=dt.UTC))
    await moment.save()
    assert await Moment.select() == [{"key": moment.key, "at": moment.at}]


async def test_piccolos_own_migrations_run_and_are_undone_together(bound, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "piccolo_conf", SimpleNamespace(DB=bound))
    manager = MigrationManager(migration_id="1", app_name="test")

    async def step():
        await Thing.raw("CREATE TABLE extra (a TEXT)")

    async def failing():
        raise Refused

    manager.add_raw(step)
    manager.add_raw(failing)
    with pytest.raises(Refused):
        await manager.run()
    manager.raw.remove(failing)
    await manager.run()
    assert await bound.read(lambda tx: tx.value("SELECT count(*) FROM extra")) == 0
    assert "forwards" in capsys.readouterr().out
