"""A served installation for the benchmarks: SQLite in a temporary folder, or PostgreSQL from the tests' wheel."""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from registry.clock import clock_on
from registry.gate.conventions import load_document
from registry.storage.accounts import account_for, grant, issue_token
from registry.storage.engines import Engine, Transaction, engine_for
from registry.storage.migrations import migrate
from schemas import enumeration
from schemas.references import reference
from server.home import create_keys, load_recorder, load_vault
from server.settings import Settings
from tests.databases import Postgres

TODAY = date(2023, 3, 1)
PARTY = "saint-genis-laval"
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Served:
    """A running server: its port, process, database, and tokens by role of `PARTY`."""

    port: int
    pid: int
    url: str
    tokens: dict[str, str]


def document(**changes: Any) -> dict[str, Any]:
    """A typical request of `PARTY` to the Caf."""
    found = reference("requests")["requests"][3]["request"]
    return {**found, "requester": PARTY, "requested_on": None, **changes}


@asynccontextmanager
async def served(dialect: str) -> AsyncIterator[Served]:
    """One worker (uvicorn, uvloop, httptools) on a fresh installation with the reference convention."""
    with tempfile.TemporaryDirectory(prefix="ecluse-bench-") as folder:
        server = await asyncio.to_thread(lambda: Postgres(durable=True)) if dialect == "postgres" else None
        try:
            url = server.create() if server else f"sqlite:///{folder}/ecluse.db"
            settings = Settings(Path(folder) / "home", url, "ecluse.example", TODAY, 10)
            tokens = await _install(settings)
            process, port = _start(settings)
            try:
                yield Served(port, process.pid, url, tokens)
            finally:
                process.terminate()
                process.wait()
        finally:
            if server:
                server.close()


async def _install(settings: Settings) -> dict[str, str]:
    create_keys(settings)
    engine = engine_for(settings.database_url)
    await engine.open(create=True)
    try:
        await migrate(engine)
        return await _people(engine, settings)
    finally:
        await engine.close()


async def _people(engine: Engine, settings: Settings) -> dict[str, str]:
    vault, recorder, now = load_vault(settings), load_recorder(settings), clock_on(TODAY)()

    async def work(tx: Transaction) -> dict[str, str]:
        await load_document(tx, reference("convention"), now, vault, recorder)
        tokens = {}
        for role in enumeration("role"):
            account = await account_for(tx, f"{role}@{PARTY}.example", now)
            await grant(tx, account, PARTY, [role], date(2021, 1, 1), None)
            tokens[role] = await issue_token(tx, account, PARTY, now, 3650)
        return tokens

    return await engine.transact(work)


def _start(settings: Settings) -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ, "ECLUSE_HOME": str(settings.home), "ECLUSE_DATABASE_URL": settings.database_url,
        "ECLUSE_HOST_NAME": settings.host_name, "ECLUSE_TODAY": TODAY.isoformat(), "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = [sys.executable, "-c", f"from server.cli import main; main(['serve', '--port', '{port}'])"]
    process = subprocess.Popen(command, env=environment)
    for _ in range(400):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz"):
                return process, port
        except OSError:
            if process.poll() is not None:
                break
            subprocess.run(["sleep", "0.05"], check=True)
    raise RuntimeError("the server did not start")
