import asyncio
import sys
from types import SimpleNamespace

import pytest

from registry.storage.engines import ForeignKeyViolation, Unusable, engine_for
from registry.storage.migrations import migrate, pending
from registry.storage.migrations.step import every_migration, take


def migration(number, forwards, backwards=()):
    return SimpleNamespace(ID=f"ecluse_test_{number}", DESCRIPTION="", FORWARDS=forwards, BACKWARDS=backwards)


async def fill(tx):
    await tx.execute("INSERT INTO extra (a) VALUES (?)", "filled")


FIRST = migration(1, ("CREATE TABLE extra (a TEXT)", fill), ("DROP TABLE extra",))
SECOND = migration(
    2,
    (
        {
            "sqlite": "CREATE INDEX extra_a ON extra (a)",
            "postgres": ("CREATE INDEX extra_a ON extra (a)", "ANALYZE extra"),
        },
    ),
    ("DROP INDEX extra_a", {"sqlite": ("DELETE FROM extra WHERE a = 'none'",)}),
)


@pytest.fixture
def ours():
    return [*every_migration(), FIRST, SECOND]


async def tables(engine):
    sql = {
        "sqlite": "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        "postgres": "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
    }
    rows = await engine.read(lambda tx: tx.rows(sql[tx.dialect]))
    return {name for (name,) in rows if "fts" not in name}


async def test_the_houses_migrations_go_forwards_backwards_and_forwards_with_data(engine):
    assert await pending(engine) == []
    full = await tables(engine)
    await engine.transact(lambda tx: tx.execute("INSERT INTO counter (name, value) VALUES (?, ?)", "a", 1))
    ids = [known.ID for known in every_migration()]
    assert await migrate(engine, "none") == ids[::-1]
    assert await tables(engine) == {"migration"}
    assert await pending(engine) == ids
    assert await migrate(engine) == ids
    assert await tables(engine) == full
    assert await migrate(engine) == []


async def test_undoing_the_houses_migrations_leaves_no_function_behind(engine):
    await migrate(engine, "none")
    if engine.dialect == "postgres":
        sql = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        assert await engine.read(lambda tx: tx.value(sql)) == 0


def test_a_migrations_file_is_named_like_its_id_and_can_be_undone():
    for known in every_migration():
        assert known.__name__.rpartition(".")[2] == known.ID
        assert known.DESCRIPTION
        assert known.FORWARDS
        assert known.BACKWARDS


async def test_migrating_to_one_of_them_goes_either_way(engine, ours):
    assert await migrate(engine, FIRST.ID, ours) == [FIRST.ID]
    assert await pending(engine, ours) == [SECOND.ID]
    assert await migrate(engine, "latest", ours) == [SECOND.ID]
    assert await migrate(engine, FIRST.ID, ours) == [SECOND.ID]
    assert await engine.read(lambda tx: tx.value("SELECT a FROM extra")) == "filled"
    assert await migrate(engine, every_migration()[-1].ID, ours) == [FIRST.ID]


async def test_a_failed_migration_leaves_nothing_behind_and_can_be_run_again(engine, ours):
    class Refused(Exception):
        pass

    async def refuse(tx):
        raise Refused

    broken = migration(3, ("CREATE TABLE half (a TEXT)", "INSERT INTO extra (a) VALUES ('half')", refuse))
    with pytest.raises(Refused):
        await migrate(engine, "latest", [*ours, broken])
    assert await pending(engine, [*ours, broken]) == [broken.ID]
    assert "half" not in await tables(engine)
    mended = migration(3, ("CREATE TABLE half (a TEXT)",), ("DROP TABLE half",))
    assert await migrate(engine, "latest", [*ours, mended]) == [mended.ID]


async def test_a_database_of_a_newer_version_is_refused(engine, ours):
    await migrate(engine, "latest", ours)
    with pytest.raises(Unusable, match="plus récente"):
        await migrate(engine)
    with pytest.raises(Unusable, match="plus récente"):
        await pending(engine)


async def test_an_unknown_target_is_refused(engine):
    with pytest.raises(Unusable, match="aucune migration"):
        await migrate(engine, "ecluse_unknown")


async def test_a_database_never_migrated_lacks_them_all(tmp_path):
    engine = engine_for(tmp_path / "empty.db")
    await engine.open(create=True)
    assert await pending(engine) == [known.ID for known in every_migration()]
    await engine.close()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_table_that_others_refer_to_can_be_rebuilt_on_sqlite(engine):
    tree = migration(
        1,
        (
            "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT)",
            "CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent (id) ON DELETE CASCADE)",
            "INSERT INTO parent VALUES (1, 'a')",
            "INSERT INTO child VALUES (1, 1)",
        ),
    )
    rebuilt = migration(
        2,
        (
            "CREATE TABLE new_parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
            "INSERT INTO new_parent SELECT id, name FROM parent",
            "DROP TABLE parent",
            "ALTER TABLE new_parent RENAME TO parent",
        ),
    )
    broken = migration(3, ("DELETE FROM parent",))
    known = [*every_migration(), tree, rebuilt]
    await migrate(engine, "latest", known)
    assert (
        await engine.read(lambda tx: tx.value("SELECT name FROM child JOIN parent ON parent.id = child.parent")) == "a"
    )
    with pytest.raises(ForeignKeyViolation):
        await migrate(engine, "latest", [*known, broken])
    assert await engine.read(lambda tx: tx.value("SELECT count(*) FROM parent")) == 1


async def test_a_step_without_a_statement_for_the_engine_does_nothing(engine):
    async with engine.schema_change() as tx:
        await take({}, tx)


async def test_processes_migrating_at_once_take_turns(engine, database_url):
    await migrate(engine, "none")
    program = f"""
import asyncio
from registry.storage.engines import engine_for
from registry.storage.migrations import migrate

async def main():
    engine = engine_for({database_url!r})
    await engine.open()
    print(*await migrate(engine), flush=True)
    await engine.close()

asyncio.run(main())
"""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "-c", program, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    ran = [(await process.communicate())[0].decode().split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(name for names in ran for name in names) == [known.ID for known in every_migration()]
    assert await pending(engine) == []
