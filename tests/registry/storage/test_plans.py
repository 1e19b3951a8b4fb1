"""No list scans or sorts a table, whatever its filters, on both engines, with a hundred thousand requests."""

import itertools
import json
from datetime import date

from registry.searching import asked
from registry.storage.awaited import COUNT, FIRST
from registry.storage.engines import Engine, Transaction
from registry.storage.flows import COLUMNS as FLOW
from registry.storage.flows import flows_query
from registry.storage.lists import FILTERS, Place, count_query, listing, page_query
from registry.storage.reviews import due_query

STATES, FIELDS, OTHERS = 12, 8, 4
ROWS = 100_000


async def _fill(engine: Engine) -> None:
    listing = [
        (
            "caf",
            f"e{n}",
            n,
            f"s{n % STATES}",
            f"f{n % FIELDS}",
            f"p{n % OTHERS}",
            f"202{n % 9}-01-01" if n % 3 else None,
            ("ours", "theirs", "")[n % 3],
        )
        for n in range(1, ROWS + 1)
    ]
    exchanges = [(n, f"e{n}", "c", f"R{n}", 1, b"{}", b"{}") for n in range(1, ROWS + 1)]

    async def work(tx: Transaction) -> None:
        await tx.execute_many(
            "INSERT INTO exchange (position, id, convention, reference, revision, file, summary) VALUES (?, ?, ?, ?, ?, ?, ?)",
            exchanges,
        )
        await tx.execute_many(
            "INSERT INTO exchange_listing (party, exchange, position, state, field, other, due_on, turn) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            listing,
        )
        await tx.execute_many(
            "INSERT INTO exchange_text (position, exchange, words) VALUES (?, ?, ?)",
            [(n, f"e{n}", f"_caf commun mot{n}") for n in range(1, ROWS + 1)],
        )

        await tx.execute_many(
            "INSERT INTO exchange_awaited (position, party, role, exchange, act, since, due_on) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (n, "caf", ("dpo", "requester", "delegate")[n % 3], f"e{n}", "act", "2023-01-01", f"202{n % 9}-01-01")
                for n in range(1, ROWS + 1)
            ],
        )

    await engine.transact(work)
    await engine.transact(_life)
    await engine.maintain("ANALYZE")


async def _life(tx: Transaction) -> None:
    """Reviews that are due, and the log of one exchange."""
    await tx.execute_many(
        "INSERT INTO review_due (party, exchange, position, due_on) VALUES (?, ?, ?, ?)",
        [("caf", f"e{n}", n, f"202{n % 9}-0{n % 7 + 1}-01") for n in range(1, 20_001)],
    )
    await tx.execute_many(
        f"INSERT INTO flow ({', '.join(FLOW)}) VALUES ({', '.join('?' for _ in FLOW)})",
        [(f"e{n % 2}", n, "2023-03-01", 1, "api", f"{n:064x}", "", "caf", "2023-03-01") for n in range(1, 20_001)],
    )


VALUES = {
    "state": "s3", "field": "f3", "other": "p3", "turn": "ours", "role": "dpo", "overdue": "2024-01-01",
    "q": "communes mot123",
}  # fmt: skip


async def test_no_list_scans_or_sorts(engine: Engine) -> None:
    await _fill(engine)
    today, after = date(2024, 1, 1), Place(ROWS // 2, date(2023, 1, 1))
    for further in (False, True):
        place = ["2023-01-01", 5] if further else []
        assert not await _plan(engine, due_query(after=further), ["caf", "2025-01-01", *place, 51]), further
        assert not await _plan(engine, flows_query(before=further), ["e1", *([15_000] if further else []), 51]), further
    for size in range(4):  # among what more filters leave, PostgreSQL chooses as it likes
        for names in itertools.combinations(FILTERS, size):
            found = listing(
                engine.dialect,
                ["caf"],
                {name: VALUES[name] for name in names},
                today,
                asked(VALUES["q"]) if "q" in names else None,
            )
            # PostgreSQL rightly reads a table in order to count the first thousand when most rows match
            count = [count_query(found, 1001)] if engine.dialect == "sqlite" else []
            for sql, values in (page_query(found, None, 51), page_query(found, after, 51), *count):
                plan = await _plan(engine, sql, values)
                assert "SCAN" not in plan, (names, sql, plan)
                assert not plan or _may_sort(engine, names), (names, sql, plan)
    waiting = ["caf", "dpo", "2024-01-01"]
    assert not await _plan(engine, FIRST, [*waiting, 6])
    if engine.dialect == "sqlite":
        assert "SCAN" not in await _plan(engine, COUNT, [*waiting, "2024-01-01", 1001])


def _may_sort(engine: Engine, names: tuple[str, ...]) -> bool:
    """The few that several filters leave, what PostgreSQL's index of words found, which has no order, and what words
    found when it is put in order of deadlines."""
    if engine.dialect == "sqlite":
        return {"q", "overdue"} <= set(names)
    return "q" in names or len(names) > 2


async def _plan(engine: Engine, sql: str, arguments: list[object]) -> set[str]:
    """The forbidden operations that a query's plan holds."""
    if engine.dialect == "sqlite":
        rows = await engine.read(lambda tx: tx.rows(f"EXPLAIN QUERY PLAN {sql}", *arguments))
        text = " | ".join(row[3] for row in rows if "VIRTUAL TABLE INDEX" not in row[3] and row[3] != "SCAN few")
        return {word for word in ("SCAN", "TEMP B-TREE") if word in text}
    rows = await engine.read(lambda tx: tx.rows(f"EXPLAIN (FORMAT JSON) {sql}", *arguments))
    plan = json.loads(rows[0][0])[0]["Plan"]
    nodes = list(_nodes(plan))
    return {
        "SCAN" if node == "Seq Scan" else "SORT" for node in nodes if node in {"Seq Scan", "Sort", "Incremental Sort"}
    }


def _nodes(plan: dict[str, object]) -> list[str]:
    children = plan.get("Plans") or []
    return [str(plan["Node Type"]), *(node for child in children for node in _nodes(child))]  # type: ignore[attr-defined]
