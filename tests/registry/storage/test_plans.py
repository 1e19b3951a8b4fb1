"""No list scans or sorts a table, whatever its filters, on both engines, with a hundred thousand requests."""

import itertools
import json

from registry.searching import asked
from registry.storage.due import overdue_query
from registry.storage.engines import Engine, Transaction
from registry.storage.lists import FILTERS, page_query
from registry.storage.search import expression

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
            "INSERT INTO exchange_listing (party, exchange, position, state, field, other, due_on) VALUES (?, ?, ?, ?, ?, ?, ?)",
            listing,
        )
        await tx.execute_many(
            "INSERT INTO exchange_text (position, exchange, words) VALUES (?, ?, ?)",
            [(n, f"e{n}", f"_caf commun mot{n}") for n in range(1, ROWS + 1)],
        )

    await engine.transact(work)
    await engine.maintain("ANALYZE")


async def test_no_list_scans_or_sorts(engine: Engine) -> None:
    await _fill(engine)
    values = {"state": "s3", "field": "f3", "other": "p3"}
    for size in range(len(FILTERS) + 1):
        for filters in itertools.combinations(FILTERS, size):
            for after in (False, True):
                arguments = ["caf", *(values[name] for name in filters), *([ROWS // 2] if after else []), 51]
                plan = await _plan(engine, page_query(engine.dialect, filters, after=after), arguments)
                assert not plan & {"SCAN", "SORT", "TEMP B-TREE"}, (filters, after, plan)
                words = [expression(engine.dialect, asked("communes mot123"), ["caf"]), *arguments]
                searched = await _plan(engine, page_query(engine.dialect, (*filters, "q"), after=after), words)
                # PostgreSQL's index of words has no order: it sorts what was found
                assert not searched & {"SCAN", "TEMP B-TREE"}, (filters, after, searched)
                place = ["2023-01-01", ROWS // 2] if after else []
                overdue = ["caf", "2024-01-01", *(values[name] for name in filters), *place, 51]
                if size == len(FILTERS):
                    continue  # the few that all filters leave may be sorted
                plan = await _plan(engine, overdue_query(filters, after=after), overdue)
                assert not plan & {"SCAN", "SORT", "TEMP B-TREE"}, ("overdue", filters, after, plan)


async def _plan(engine: Engine, sql: str, arguments: list[object]) -> set[str]:
    """The forbidden operations that a query's plan holds."""
    if engine.dialect == "sqlite":
        rows = await engine.read(lambda tx: tx.rows(f"EXPLAIN QUERY PLAN {sql}", *arguments))
        text = " | ".join(row[3] for row in rows if "VIRTUAL TABLE INDEX" not in row[3])
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
