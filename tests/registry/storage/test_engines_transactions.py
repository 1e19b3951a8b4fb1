import asyncio

import pytest

from registry.storage.engines import (
    CheckViolation,
    ForeignKeyViolation,
    NotNullViolation,
    TransactionEnded,
    UniqueViolation,
)

ADD = "INSERT INTO thing (id, name) VALUES (?, ?)"


class Refused(Exception):
    pass


async def names(engine):
    return [
        name for (name,) in await engine.read(lambda tx: tx.rows("SELECT name FROM thing WHERE id > 0 ORDER BY id"))
    ]


async def test_what_was_committed_is_read_back_with_its_types(things):
    values = (1, "é", 2**60, True, b"\x00\xff", 0.25, None)

    async def work(tx):
        await tx.execute(
            "INSERT INTO thing (id, name, amount, flag, data, ratio, parent) VALUES (?, ?, ?, ?, ?, ?, ?)", *values
        )

    await things.transact(work)
    row = await things.read(
        lambda tx: tx.row("SELECT id, name, amount, flag, data, ratio, parent FROM thing WHERE flag = ?", True)
    )
    assert tuple(row) == values
    assert row[3] is True
    number, *_ = row
    assert number == 1


async def test_an_exception_undoes_everything_and_goes_on(things):
    async def work(tx):
        await tx.execute(ADD, 1, "a")
        raise Refused

    with pytest.raises(Refused):
        await things.transact(work)
    assert await names(things) == []


async def test_the_result_of_the_work_is_returned(things):
    assert await things.transact(lambda tx: tx.value("SELECT name FROM thing WHERE id = ?", 0)) == "root"


async def test_nothing_found_is_none(things):
    assert await things.read(lambda tx: tx.row("SELECT name FROM thing WHERE id = ?", 99)) is None
    assert await things.read(lambda tx: tx.value("SELECT name FROM thing WHERE id = ?", 99)) is None
    assert list(await things.read(lambda tx: tx.rows("SELECT name FROM thing WHERE id = ?", 99))) == []


async def test_execute_counts_the_rows_it_touched(things):
    async def work(tx):
        await tx.execute_many(ADD, [(number, f"t{number}") for number in range(1, 6)])
        return [
            await tx.execute("UPDATE thing SET amount = ? WHERE id > ?", 7, 2),
            await tx.execute("UPDATE thing SET amount = ? WHERE id > ?", 7, 99),
            await tx.execute("UPDATE thing SET amount = 8 WHERE id > ? RETURNING id", 3),
            await tx.execute("DELETE FROM thing WHERE id = 5"),
            await tx.execute("SELECT id FROM thing"),
            await tx.execute(ADD, 6, "t6"),
        ]

    assert await things.transact(work) == [3, 0, 2, 1, 0, 1]


async def test_returning_answers_the_changed_rows(things):
    async def work(tx):
        return await tx.value("INSERT INTO thing (id, name) VALUES (?, ?) RETURNING name", 1, "a")

    assert await things.transact(work) == "a"
    assert await names(things) == ["a"]


async def test_a_failed_savepoint_is_undone_alone(things):
    async def work(tx):
        await tx.execute(ADD, 1, "kept")
        with pytest.raises(Refused):
            async with tx.savepoint():
                await tx.execute(ADD, 2, "undone")
                raise Refused
        await tx.execute(ADD, 3, "after")

    await things.transact(work)
    assert await names(things) == ["kept", "after"]


async def test_savepoints_nest(things):
    async def work(tx):
        async with tx.savepoint():
            await tx.execute(ADD, 1, "outer")
            with pytest.raises(Refused):
                async with tx.savepoint():
                    await tx.execute(ADD, 2, "inner")
                    async with tx.savepoint():
                        await tx.execute(ADD, 3, "innermost")
                    raise Refused

    await things.transact(work)
    assert await names(things) == ["outer"]


async def test_a_constraint_error_inside_a_savepoint_lets_the_transaction_go_on(things):
    async def work(tx):
        await tx.execute(ADD, 1, "a")
        for _ in range(3):
            with pytest.raises(UniqueViolation):
                async with tx.savepoint():
                    await tx.execute(ADD, 1, "b")
        await tx.execute(ADD, 2, "c")

    await things.transact(work)
    assert await names(things) == ["a", "c"]


async def test_a_transaction_inside_a_transaction_is_a_savepoint_of_it(things):
    async def inner(tx):
        await tx.execute(ADD, 2, "inner")
        raise Refused

    async def work(tx):
        await tx.execute(ADD, 1, "outer")
        with pytest.raises(Refused):
            await things.transact(inner)
        return await things.read(lambda same: same.value("SELECT count(*) FROM thing WHERE id > 0"))

    assert await things.transact(work) == 1
    assert await names(things) == ["outer"]


async def test_fifty_concurrent_increments_make_fifty(things):
    async def work(tx):
        amount = await tx.value(
            "SELECT amount FROM thing WHERE id = 0" + (" FOR UPDATE" if tx.dialect == "postgres" else "")
        )
        await tx.execute("UPDATE thing SET amount = ? WHERE id = 0", amount + 1)

    await asyncio.gather(*(things.transact(work) for _ in range(50)))
    assert await things.read(lambda tx: tx.value("SELECT amount FROM thing WHERE id = 0")) == 50


async def test_one_failure_among_concurrent_transactions_fails_alone(things):
    async def work(tx, number):
        await tx.execute(ADD, number, f"t{number}")
        if number % 3 == 0:
            raise Refused

    outcomes = await asyncio.gather(
        *(things.transact(lambda tx, n=n: work(tx, n)) for n in range(1, 31)), return_exceptions=True
    )
    assert [isinstance(outcome, Refused) for outcome in outcomes] == [n % 3 == 0 for n in range(1, 31)]
    assert await names(things) == [f"t{n}" for n in range(1, 31) if n % 3]


async def test_a_refused_commit_among_concurrent_transactions_fails_alone(things):
    async def work(tx, number):
        await tx.execute(
            "INSERT INTO thing (id, name, parent) VALUES (?, ?, ?)", number, f"t{number}", 99 if number == 5 else 0
        )

    outcomes = await asyncio.gather(
        *(things.transact(lambda tx, n=n: work(tx, n)) for n in range(1, 11)), return_exceptions=True
    )
    assert [isinstance(outcome, ForeignKeyViolation) for outcome in outcomes] == [n == 5 for n in range(1, 11)]
    assert await names(things) == [f"t{n}" for n in range(1, 11) if n != 5]


async def test_a_taken_key_is_named_by_its_table_and_columns(things):
    with pytest.raises(UniqueViolation) as refusal:
        await things.transact(lambda tx: tx.execute(ADD, 1, "root"))
    assert (refusal.value.table, refusal.value.columns) == ("thing", ("name",))
    assert "root" not in str(refusal.value)
    assert "thing(name)" in str(refusal.value)


async def test_a_key_of_several_columns_is_named_in_its_order(things):
    async with things.schema_change() as tx:
        await tx.execute("CREATE UNIQUE INDEX thing_pair ON thing (name, amount)")
        await tx.execute("CREATE TABLE pair (b TEXT NOT NULL, a TEXT NOT NULL, UNIQUE (b, a))")
    twice = [("x", "(y)=("), ("x", "(y)=(")]
    with pytest.raises(UniqueViolation) as refusal:
        await things.transact(lambda tx: tx.execute_many("INSERT INTO pair (b, a) VALUES (?, ?)", twice))
    assert (refusal.value.table, refusal.value.columns) == ("pair", ("b", "a"))


async def test_a_unique_index_on_an_expression_is_named(things):
    async with things.schema_change() as tx:
        await tx.execute("CREATE UNIQUE INDEX thing_folded ON thing (lower(name))")
    with pytest.raises(UniqueViolation) as refusal:
        await things.transact(lambda tx: tx.execute(ADD, 1, "ROOT"))
    assert refusal.value.constraint == "thing_folded"


@pytest.mark.parametrize(
    ("statement", "violation"),
    [
        ("INSERT INTO thing (id, name, amount) VALUES (1, 'a', -1)", CheckViolation),
        ("INSERT INTO thing (id, name) VALUES (1, NULL)", NotNullViolation),
        ("INSERT INTO thing (id, name) VALUES (0, 'a')", UniqueViolation),
        ("INSERT INTO thing (id, name, parent) VALUES (1, 'a', 99)", ForeignKeyViolation),
    ],
)
async def test_every_constraint_is_refused_in_the_same_words(things, statement, violation):
    with pytest.raises(violation):
        await things.transact(lambda tx: tx.execute(statement))
    assert await names(things) == []


async def test_a_check_and_a_missing_value_are_named(things):
    with pytest.raises(CheckViolation) as check:
        await things.transact(lambda tx: tx.execute("UPDATE thing SET amount = -1"))
    assert check.value.constraint == "thing_amount_positive"
    with pytest.raises(NotNullViolation) as missing:
        await things.transact(lambda tx: tx.execute("UPDATE thing SET name = NULL"))
    assert (missing.value.table, missing.value.columns) == ("thing", ("name",))


async def test_a_transaction_cannot_be_used_after_its_end(things):
    kept = []

    async def work(tx):
        kept.append(tx)

    await things.transact(work)
    for use in (
        kept[0].execute("DELETE FROM thing"),
        kept[0].rows("SELECT id FROM thing"),
        kept[0].value("SELECT id FROM thing"),
    ):
        with pytest.raises(TransactionEnded):
            await use


async def test_a_read_sees_one_moment_and_cannot_write(things):
    with pytest.raises(Exception, match=r"(?i)read.?only"):
        await things.read(lambda tx: tx.execute(ADD, 1, "a"))
    assert await names(things) == []


async def test_a_read_without_snapshot_answers_too(things):
    assert await things.read(lambda tx: tx.value("SELECT name FROM thing WHERE id = ?", 0), snapshot=False) == "root"


async def test_maintenance_runs_outside_any_transaction(things):
    await things.maintain("VACUUM")
    assert tuple((await things.maintain("SELECT name FROM thing WHERE id = ?", 0))[0]) == ("root",)
