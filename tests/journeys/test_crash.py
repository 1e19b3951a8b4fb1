"""kill -9 of the server in the middle of writes and publications: no acknowledged change is lost, no head is forked."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.ledger.checkpoints import parse_checkpoint
from registry.ledger.merkle import leaf_hash, tree_root
from registry.ledger.notes import split_note
from registry.storage.engines import engine_for
from registry.storage.exchanges import _DECODE
from tests.world import CONVENTION, SGL, opened_world, request_document

WRITERS = 6
ROOT = Path(__file__).parents[2]
_SERVE = "from server.cli import main; main(['serve', '--port', '{port}'])"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _start(home: Path, url: str, port: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "ECLUSE_HOME": str(home), "ECLUSE_DATABASE_URL": url, "ECLUSE_HOST_NAME": "ecluse.example",
                   "ECLUSE_TODAY": "2023-03-01", "PYTHONPATH": str(ROOT)}  # fmt: skip
    return subprocess.Popen([sys.executable, "-c", _SERVE.format(port=port)], env=environment, cwd=home)


async def _ready(client: httpx.AsyncClient) -> None:
    for _ in range(400):
        try:
            if (await client.get("/readyz")).is_success:
                return
        except httpx.TransportError:
            await asyncio.sleep(0.025)
    pytest.fail("the server did not start")


async def _write(client: httpx.AsyncClient, token: str, acknowledged: list[tuple[str, str]]) -> None:
    """Create and file requests until the server is gone; keep what it acknowledged."""
    headers = {"Authorization": f"Bearer {token}"}
    try:
        while True:
            created = await client.post(
                f"/api/v1/conventions/{CONVENTION}/requests", json=request_document(), headers=headers
            )
            assert created.status_code == 201, created.text
            request_id = created.json()["id"]
            acknowledged.append((request_id, "creation"))
            path, version = f"/api/v1/requests/{request_id}/filing", {"If-Match": '"1"'}
            filed = await client.post(path, json={}, headers=headers | version)
            assert filed.status_code == 200, filed.text
            acknowledged.append((request_id, "filing"))
    except (httpx.TransportError, json.JSONDecodeError):
        return


async def _watch(client: httpx.AsyncClient, token: str, heads: set[bytes]) -> None:
    """Keep every head that is shown until the server is gone, as a party would."""
    headers = {"Authorization": f"Bearer {token}"}
    try:
        while True:
            answer = await client.get(f"/ledger/{CONVENTION}/2023/checkpoint", headers=headers)
            if answer.is_success:
                heads.add(answer.content)
            await asyncio.sleep(0.005)
    except httpx.TransportError:
        return


async def _round(home: Path, url: str, token: str, acknowledged: list[tuple[str, str]], heads: set[bytes]) -> None:
    port = _free_port()
    server = _start(home, url, port)
    try:
        limits = httpx.Limits(max_connections=WRITERS)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=limits, timeout=20) as client:
            await _ready(client)
            writers = [asyncio.create_task(_write(client, token, acknowledged)) for _ in range(WRITERS)]
            watcher = asyncio.create_task(_watch(client, token, heads))
            await asyncio.sleep(random.uniform(0.02, 0.5))
            server.send_signal(signal.SIGKILL)
            await asyncio.gather(*writers, watcher)
    finally:
        server.kill()
        server.wait()


async def _verify(url: str, acknowledged: list[tuple[str, str]]) -> None:
    engine = engine_for(url)
    await engine.open()
    try:

        async def rows(sql: str) -> list[Any]:
            return list(await engine.read(lambda tx: tx.rows(sql)))

        recorded = {
            (row[0], json.loads(row[1])["act"])
            for row in await rows("SELECT object, facts FROM event WHERE type = 'exchange'")
        }
        lost = set(acknowledged) - recorded
        assert not lost, f"{len(lost)} acknowledged acts have no record"
        revisions = dict(await rows("SELECT object, max(revision) FROM event WHERE type = 'exchange' GROUP BY object"))
        shown = {row[0]: row[1:] for row in await rows("SELECT id, revision, file FROM exchange")}
        assert {key: value[0] for key, value in shown.items()} == revisions
        for request_id, act in acknowledged:
            if act == "filing":
                assert _DECODE.decode(shown[request_id][1]).state == "filed"
    finally:
        await engine.close()


async def _survive(tmp_path: Path, url: str, rounds: int) -> None:
    home = tmp_path / "home"
    async with opened_world(home, url) as world:
        token = world.tokens[SGL, "requester"]
    acknowledged: list[tuple[str, str]] = []
    heads: set[bytes] = set()
    for _ in range(rounds):
        await _round(home, url, token, acknowledged, heads)
        await _verify(url, acknowledged)
    assert len(acknowledged) > rounds
    await _verify_log(home, url, token, heads)


async def _verify_log(home: Path, url: str, token: str, heads: set[bytes]) -> None:
    """Served once more, everything is published, the log verifies, and no head ever shown is contradicted."""
    port = _free_port()
    server = _start(home, url, port)
    engine = engine_for(url)
    await engine.open()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            await _ready(client)
            await _settled(engine)
            last = await client.get(
                f"/ledger/{CONVENTION}/2023/checkpoint", headers={"Authorization": f"Bearer {token}"}
            )
        rows = await engine.read(lambda tx: tx.rows("SELECT record FROM event ORDER BY leaf_index"))
        leaves = [leaf_hash(bytes(row[0])) for row in rows]
        shown = [parse_checkpoint(split_note(note)[0]) for note in {*heads, last.content}]
        assert max(head.size for head in shown) == len(leaves)
        assert len(shown) > 1
        for head in shown:
            assert tree_root(leaves[: head.size]) == head.root, "a head that a party keeps is contradicted"
    finally:
        await engine.close()
        server.kill()
        server.wait()


async def _settled(engine: Any) -> None:
    waiting = "SELECT (SELECT count(*) FROM event WHERE leaf_index IS NULL) + (SELECT count(*) FROM log_head WHERE size > published)"
    for _ in range(1000):
        if await engine.read(lambda tx: tx.value(waiting)) == 0:
            return
        await asyncio.sleep(0.02)
    pytest.fail("records wait for their publication")


async def test_thirty_kills_lose_no_acknowledged_change(database_url: str, tmp_path: Path) -> None:
    await _survive(tmp_path, database_url, 30)


@pytest.mark.soak
async def test_five_hundred_kills_lose_no_acknowledged_change(database_url: str, tmp_path: Path) -> None:
    await _survive(tmp_path, database_url, 500)


async def test_sigterm_ends_the_server_cleanly_and_promptly(database_url: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with opened_world(home, database_url):
        pass
    port = _free_port()
    server = _start(home, database_url, port)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        await _ready(client)
    server.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(server.wait, 20) in {0, -signal.SIGTERM}
