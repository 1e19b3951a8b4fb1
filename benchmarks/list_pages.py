"""Home and lists with 100,000 requests in the database: CPU as a multiple of hello, bytes of a first view."""

import json

from benchmarks.load import Measure, Request, send
from benchmarks.serving import PARTY, TODAY, Served, served
from registry.clock import clock_on
from registry.storage.accounts import account_for
from registry.storage.accounts_sessions import open_session, renew, session_hash
from registry.storage.engines import Transaction, engine_for
from server.pages.assets import assets

SIZE, BATCH = 100_000, 20_000
HELLO, PAGES, ROUNDS = 6000, 300, 3
LIMIT, LIMIT_BYTES = 40.0, 60_000
PATHS = {
    "home": "/",
    "list": "/echanges",
    "list, one function, late": "/echanges?role=requester&overdue=true",
    "list, a common word": "/echanges?q=cantine",
    "list, a rare word": "/echanges?q=numero77777&state=filed",
}
_STYLES = ("style.css", "mark.svg")
_BROWSER = ("Accept-Encoding: gzip", "Sec-Fetch-Site: same-origin")


async def report() -> None:
    """Print, for both engines, the best of some rounds, and what a first view sends."""
    for dialect in ("sqlite", "postgres"):
        async with served(dialect) as server:
            cookie = await _prepared(server)
            rounds = [await _round(server, cookie) for _ in range(ROUNDS)]
        print(f"CPU per page among {SIZE:,} requests, {dialect}: multiple of hello (us), best of {ROUNDS} rounds")
        shared = sum(len(assets()[name].compressed) for name in _STYLES)
        for name in PATHS:
            ratios = [measures[name].cpu / measures["hello"].cpu for measures in rounds]
            best = rounds[ratios.index(min(ratios))]
            sent = len(best[name].bodies[0])
            print(
                f"  {name:<26} {min(ratios):5.1f} x hello ({best[name].cpu:5.0f} / {best['hello'].cpu:3.0f} us; limit "
                f"{LIMIT:.0f})   {sent:6,} bytes, {sent + shared:6,} with style and mark (limit {LIMIT_BYTES:,})"
            )
        print()


async def _round(server: Served, cookie: str) -> dict[str, Measure]:
    found = {"hello": await send(server.port, server.pid, [Request.build("GET", "/healthz")] * HELLO)}
    for name, path in PATHS.items():
        asked = Request.build("GET", path, cookie=cookie, headers=_BROWSER)
        found[name] = await send(server.port, server.pid, [asked] * PAGES, connections=4)
    return found


async def _prepared(server: Served) -> str:
    """The rows, and the cookie of a person who acts for the party."""
    engine = engine_for(server.url)
    await engine.open()
    try:
        for first in range(1, SIZE, BATCH):
            await engine.transact(lambda tx, first=first: _fill(tx, first))  # type: ignore[misc]
        await engine.maintain("ANALYZE")
        identifier = await engine.transact(_signed_in)
    finally:
        await engine.close()
    return identifier


async def _signed_in(tx: Transaction) -> str:
    now = clock_on(TODAY)()
    account = await account_for(tx, f"requester@{PARTY}.example", now)
    opened = await open_session(tx, account, "open", now, "bench", factor=True)
    identifier = await renew(tx, session_hash(opened), now, party=PARTY)
    if identifier is None:
        raise AssertionError("the session is over")
    return identifier


async def _fill(tx: Transaction, first: int) -> None:
    numbers = range(first, first + BATCH)
    await tx.execute_many(
        """INSERT INTO exchange (position, id, convention, reference, revision, file, summary)
        VALUES (?, ?, 'ctg-sol-2021-2025', ?, 1, ?, ?)""",
        [(n, _id(n), f"R{n}", b"{}", json.dumps(_summary(n)).encode()) for n in numbers],
    )
    await tx.execute_many(
        """INSERT INTO exchange_listing (party, exchange, position, state, field, other, turn, due_on)
        VALUES (?, ?, ?, ?, 'childhood', 'caf-rhone', ?, ?)""",
        [(PARTY, _id(n), n, _state(n), ("ours", "theirs")[n % 2], f"2023-0{1 + n % 9}-15") for n in numbers],
    )
    await tx.execute_many(
        """INSERT INTO exchange_awaited (position, party, role, exchange, act, since, due_on)
        VALUES (?, ?, ?, ?, 'information', '2023-01-02', ?)""",
        [(n, PARTY, "requester", _id(n), f"2023-0{1 + n % 9}-15") for n in numbers if n % 2 == 0],
    )
    mark = "_" + PARTY.replace("-", "_")
    await tx.execute_many(
        "INSERT INTO exchange_text (position, exchange, words) VALUES (?, ?, ?)",
        [(n, _id(n), f"{mark} cantin cantine numero{n} scolair tarif{n % 50}") for n in numbers],
    )


def _id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def _state(number: int) -> str:
    return ("filed", "under_study", "awaiting_information", "active")[number % 4]


def _summary(number: int) -> dict[str, object]:
    asked = {"act": "information", "parties": [PARTY], "roles": ["requester", "dpo"], "since": "2023-01-02"}
    return {
        "id": _id(number), "reference": f"EX-2023-{number}", "title": f"Tarification de la cantine numéro {number}",
        "state": _state(number), "requester": PARTY, "holder": "caf-rhone", "convention": "ctg-sol-2021-2025",
        "convention_field": "childhood", "version": 1, "created_on": "2023-01-01", "filed_on": "2023-01-02",
        "study_complete": False, "opinion_complete": False, "activated_on": None, "due": None, "awaited": [asked],
    }  # fmt: skip
