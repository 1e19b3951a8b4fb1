"""CPU per request as a multiple of the hello route of the same server: create, file, list; 16 writers' latencies."""

import json

from benchmarks.load import Measure, Request, send
from benchmarks.serving import Served, document, served
from server.api.http import PREFIX

HELLO, WRITES, ROUNDS = 6000, 1500, 3
LIMITS = {"create": 20.0, "file": 12.0, "page of 50": 8.0}
_CREATE = f"{PREFIX}/conventions/ctg-sol-2021-2025/requests"


async def report() -> None:
    """Print, for both engines, the best of some rounds (another program's load only ever adds)."""
    for dialect in ("sqlite", "postgres"):
        async with served(dialect) as server:
            rounds = [await _round(server) for _ in range(ROUNDS)]
            writers = await _writers(server)
        print(
            f"CPU per request, one worker, 32 connections, {dialect}: multiple of hello (us), best of {ROUNDS} rounds"
        )
        for name, limit in LIMITS.items():
            ratios = [measures[name].cpu / measures["hello"].cpu for measures in rounds]
            best = rounds[ratios.index(min(ratios))]
            _line(name, best[name], best["hello"], limit)
        print(f"  16 writers on different requests: p50 {writers.p50:.1f} ms, p99 {writers.p99:.1f} ms, no error\n")


def _line(name: str, measure: Measure, hello: Measure, limit: float) -> None:
    ratio = measure.cpu / hello.cpu
    print(
        f"  {name:<12} {ratio:5.1f} x hello ({measure.cpu:5.0f} / {hello.cpu:3.0f} us; limit {limit:.0f})   "
        f"{measure.rate:6.0f}/s   p50 {measure.p50:5.1f} ms   p99 {measure.p99:5.1f} ms"
    )


async def _round(server: Served) -> dict[str, Measure]:
    token = server.tokens["requester"]
    body = json.dumps(document()).encode()
    hello = await send(server.port, server.pid, [Request.build("GET", "/healthz")] * HELLO)
    creations = [Request.build("POST", _CREATE, token=token, body=body, expected=201)] * WRITES
    created = await send(server.port, server.pid, creations)
    filings = [_filing(token, json.loads(answer)["id"]) for answer in created.bodies]
    filed = await send(server.port, server.pid, filings)
    pages = [Request.build("GET", f"{PREFIX}/requests?limit=50", token=token)] * WRITES
    listed = await send(server.port, server.pid, pages)
    return {"hello": hello, "create": created, "file": filed, "page of 50": listed}


def _filing(token: str, request_id: str) -> Request:
    return Request.build("POST", f"{PREFIX}/requests/{request_id}/filing", token=token, body=b"{}", version=1)


async def _writers(server: Served) -> Measure:
    """Sixteen clients, each on requests of its own; any status but success raises."""
    body = json.dumps(document()).encode()
    creations = [Request.build("POST", _CREATE, token=server.tokens["requester"], body=body, expected=201)] * 1600
    return await send(server.port, server.pid, creations, connections=16)
