"""Who waits for whom, and what work may not do."""

import asyncio
import sqlite3
import stat
import sys
import threading

import pytest

from registry.storage.engines import Engine, SuspendedWork, Unusable, engine_for
from registry.storage.engines.local import LocalEngine
from registry.storage.engines.server import ServerEngine

ADD = "INSERT INTO thing (id, name) VALUES (?, ?)"
only_sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
only_postgres = pytest.mark.parametrize("dialect", ["postgres"], indirect=True)


class Gate:
    """Opened by the test, waited for by the work: without suspending on SQLite, where it has a thread of its own."""

    def __init__(self, dialect):
        self._here = threading.Event() if dialect == "sqlite" else asyncio.Event()
        self._dialect = dialect

    async def wait(self):
        if self._dialect == "sqlite":
            self._here.wait(30)
        else:
            await self._here.wait()

    def open(self):
        self._here.set()


async def test_reads_and_streams_do_not_wait_for_a_writer(things):
    gate, written = Gate(things.dialect), asyncio.Event()
    loop = asyncio.get_running_loop()

    async def writing(tx):
        await tx.execute(ADD, 1, "a")
        loop.call_soon_threadsafe(written.set)
        await gate.wait()

    writer = asyncio.create_task(things.transact(writing))
    await written.wait()
    assert await things.read(lambda tx: tx.value("SELECT count(*) FROM thing")) == 1
    assert [len(rows) async for rows in things.stream("SELECT id FROM thing")] == [1]
    assert not writer.done()
    gate.open()
    await writer
    assert await things.read(lambda tx: tx.value("SELECT count(*) FROM thing")) == 2


async def test_a_read_keeps_to_its_moment_while_others_write(things):
    gate, begun = Gate(things.dialect), asyncio.Event()
    loop = asyncio.get_running_loop()

    async def reading(tx):
        before = await tx.value("SELECT count(*) FROM thing")
        loop.call_soon_threadsafe(begun.set)
        await gate.wait()
        return before, await tx.value("SELECT count(*) FROM thing")

    reader = asyncio.create_task(things.read(reading))
    await begun.wait()
    await things.transact(lambda tx: tx.execute(ADD, 1, "a"))
    gate.open()
    assert await reader == (1, 1)


@only_sqlite
async def test_work_that_suspends_is_refused_and_undone(things):
    async def yielding(tx):
        await tx.execute(ADD, 1, "a")
        await asyncio.sleep(0)

    async def sleeping(tx):
        await tx.execute(ADD, 1, "a")
        await asyncio.sleep(1)

    with pytest.raises(SuspendedWork):
        await things.transact(yielding)
    with pytest.raises(RuntimeError) as refusal:
        await things.transact(sleeping)
    assert "only the transaction may be awaited" in refusal.value.__notes__[0]
    assert await things.read(lambda tx: tx.value("SELECT count(*) FROM thing")) == 1
    await things.transact(lambda tx: tx.execute(ADD, 1, "after"))


@only_sqlite
async def test_two_processes_write_one_file(things, database_url):
    program = f"""
import asyncio
from registry.storage.engines import engine_for

async def add(tx):
    amount = await tx.value("SELECT amount FROM thing WHERE id = 0")
    await tx.execute("UPDATE thing SET amount = ? WHERE id = 0", amount + 1)

async def main():
    engine = engine_for({database_url!r})
    await engine.open()
    for _ in range(100):
        await engine.transact(add)
    await engine.close()

asyncio.run(main())
"""

    async def add(tx):
        amount = await tx.value("SELECT amount FROM thing WHERE id = 0")
        await tx.execute("UPDATE thing SET amount = ? WHERE id = 0", amount + 1)

    others = [await asyncio.create_subprocess_exec(sys.executable, "-W", "error", "-c", program) for _ in range(2)]
    for _ in range(100):
        await things.transact(add)
    assert [await other.wait() for other in others] == [0, 0]
    assert await things.read(lambda tx: tx.value("SELECT amount FROM thing WHERE id = 0")) == 300


@only_sqlite
async def test_every_connection_guards_durability_privacy_and_references(things):
    async def pragmas(tx):
        names = ("journal_mode", "foreign_keys", "secure_delete", "query_only", "synchronous")
        return [await tx.value(f"PRAGMA {name}") for name in names]

    assert await things.transact(pragmas) == ["wal", 1, 1, 0, 2]
    assert (await things.read(pragmas))[:4] == ["wal", 1, 1, 1]


@only_sqlite
async def test_a_closed_engine_leaves_one_file_and_can_be_opened_again(things, tmp_path):
    await things.transact(lambda tx: tx.execute(ADD, 1, "a"))
    await things.close()
    await things.close()
    assert not list(tmp_path.glob("*-wal"))
    with pytest.raises(RuntimeError, match="closed"):
        await things.read(lambda tx: tx.value("SELECT 1"))
    await things.open()
    assert await things.read(lambda tx: tx.value("SELECT count(*) FROM thing")) == 2


async def test_a_missing_file_is_an_error_unless_it_is_to_be_created(tmp_path):
    path = tmp_path / "new é ?#%.db"
    engine = engine_for(path)
    with pytest.raises(Unusable, match="aucune base"):
        await engine.open()
    assert not path.exists()
    await engine.open(create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await engine.transact(lambda tx: tx.execute("CREATE TABLE t (a TEXT)"))
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
    await engine.close()


async def test_a_file_that_is_no_database_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Madame, Monsieur, " * 100)
    with pytest.raises(Unusable, match="ne peut pas être ouverte"):
        await engine_for(f"sqlite:///{path}").open()
    with pytest.raises(Unusable, match="ne peut pas être ouverte"):
        await engine_for(tmp_path / "no" / "folder.db").open(create=True)


async def test_too_old_a_sqlite_is_refused_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 30, 0))
    with pytest.raises(Unusable, match="trop ancien"):
        await engine_for(tmp_path / "a.db").open(create=True)


async def test_a_server_that_does_not_answer_or_is_too_old_is_refused_in_a_sentence(fast_postgres, monkeypatch):
    with pytest.raises(Unusable, match="ne peut pas être ouverte"):
        await engine_for("postgresql://nobody@127.0.0.1:1/none").open()
    with pytest.raises(Unusable, match="does not exist"):
        await engine_for(fast_postgres.url("absent")).open()
    monkeypatch.setattr("registry.storage.engines.server.OLDEST", 99)
    engine = engine_for(fast_postgres.url("postgres"))
    with pytest.raises(Unusable, match="trop ancien"):
        await engine.open()
    with pytest.raises(RuntimeError, match="closed"):
        await engine.transact(lambda tx: tx.value("SELECT 1"))


def test_the_address_chooses_the_engine_without_touching_anything(tmp_path):
    engines: list[Engine] = [engine_for(f"sqlite:///{tmp_path}/a%20b.db"), engine_for(tmp_path / "b.db")]
    assert [engine.path for engine in engines] == [tmp_path / "a b.db", tmp_path / "b.db"]
    assert all(isinstance(engine, LocalEngine) for engine in engines)
    assert isinstance(engine_for("postgresql://nobody@127.0.0.1:1/none"), ServerEngine)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "address", ["", "mysql://a/b", "sqlite://", "sqlite:///", "sqlite:///:memory:", "/plain/path.db"]
)
def test_another_address_is_refused(address):
    with pytest.raises(Unusable):
        engine_for(address)
