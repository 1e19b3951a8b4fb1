"""The page of an exchange with 300 acts, read by its party: CPU as a multiple of hello, bytes with the style sheet."""

import gzip
import json
from datetime import datetime

from benchmarks.load import Request, send
from benchmarks.serving import PARTY, TODAY, Served, document, served
from registry.clock import clock_on
from registry.storage.accounts_sessions import open_session, session_hash
from registry.storage.engines import Transaction, engine_for
from server.api.http import PREFIX

HELLO, READS, ROUNDS, ACTS = 6000, 300, 3, 300
CPU_LIMIT, BYTES_LIMIT = 40.0, 60_000
_BASE = f"{PREFIX}/requests"


async def report() -> None:
    """Print both, for both engines; the best of some rounds (another program's load only ever adds)."""
    for dialect in ("sqlite", "postgres"):
        async with served(dialect) as server:
            path, cookie = await _written(server), await _entered(server)
            rounds = [await _round(server, path, cookie) for _ in range(ROUNDS)]
        ratio, cpu, size = min(rounds)
        print(f"Page of an exchange with {ACTS} acts, latest 30 shown, {dialect}, best of {ROUNDS} rounds")
        print(f"  {ratio:5.1f} x hello ({cpu:5.0f} us; limit {CPU_LIMIT:.0f})")
        print(f"  {size / 1000:5.1f} kB compressed, style sheet included (limit {BYTES_LIMIT // 1000})\n")


async def _written(server: Served) -> str:
    """An exchange of `ACTS` acts, messages for the most part; the path of its page."""
    token = server.tokens["requester"]
    create = Request.build(
        "POST", f"{PREFIX}/conventions/ctg-sol-2021-2025/requests", token=token,
        body=json.dumps(document()).encode(), expected=201,
    )  # fmt: skip
    created = json.loads((await send(server.port, server.pid, [create])).bodies[0])["id"]
    filing = Request.build("POST", f"{_BASE}/{created}/filing", token=token, body=b"{}", version=1)
    await send(server.port, server.pid, [filing])
    text = json.dumps({"text": "Voici les précisions demandées sur le barème voté. " * 4}).encode()
    message = Request.build("POST", f"{_BASE}/{created}/messages", token=token, body=text)
    await send(server.port, server.pid, [message] * (ACTS - 2), connections=1)
    return f"/echanges/{created}"


async def _entered(server: Served) -> str:
    """The cookie of a requester's session."""
    engine, now = engine_for(server.url), clock_on(TODAY)()
    await engine.open()
    try:
        return await engine.transact(lambda tx: _session(tx, now))
    finally:
        await engine.close()


async def _session(tx: Transaction, now: datetime) -> str:
    account = await tx.value("SELECT id FROM account WHERE email = ?", f"requester@{PARTY}.example")
    fresh = await open_session(tx, str(account), "open", now, "bench", password=True, factor=True)
    await tx.execute("UPDATE session SET party = ? WHERE hash = ?", PARTY, session_hash(fresh))
    return fresh


async def _round(server: Served, path: str, cookie: str) -> tuple[float, float, int]:
    """The multiple of hello, microseconds, bytes."""
    hello = await send(server.port, server.pid, [Request.build("GET", "/healthz")] * HELLO)
    reads = await send(server.port, server.pid, [Request.build("GET", path, cookie=cookie)] * READS)
    sheet = await send(server.port, server.pid, [Request.build("GET", "/static/style.css")])
    size = len(gzip.compress(reads.bodies[0])) + len(gzip.compress(sheet.bodies[0]))
    return reads.cpu / hello.cpu, reads.cpu, size
