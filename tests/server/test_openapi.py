"""The OpenAPI document is exact: schemathesis finds nothing, on a real server, on both engines."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from registry.exchange.acts import ACTS
from server.api.openapi import openapi
from server.api.operations import OPERATIONS
from server.app import API_HANDLERS
from tests.databases import aside
from tests.world import CAF, opened_world

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
CHECKS = (
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance, negative_data_rejection, unsupported_method, ignored_auth,
)  # fmt: skip


def test_every_route_of_the_api_is_described() -> None:
    served = {
        (method.lower(), "/api/v1" + path.replace(":str", ""))
        for handler in API_HANDLERS
        for path in handler.paths
        for method in handler.http_methods
        if method not in {"OPTIONS", "HEAD"}
    }
    studied = {("put", path) for _, path in served if path.endswith("/study/{part}")}
    described = {(o.method, "/api/v1" + o.path) for o in OPERATIONS}
    assert served - studied == {d for d in described if "/study/" not in d[1]}
    assert len([d for d in described if "/study/" in d[1]]) == 3


def test_every_act_of_the_table_is_described_with_its_body() -> None:
    bodies = {o.id: o.body for o in OPERATIONS}
    for act in ACTS.values():
        assert bodies[act.name.replace("/", "_").replace("-", "_")] == act.schema


def test_the_document_names_nothing_that_it_does_not_define() -> None:
    document = openapi()

    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for item in value.values():
                yield from references(item)
        elif isinstance(value, list):
            for item in value:
                yield from references(item)

    for reference in references(document):
        here: Any = document
        for step in reference.removeprefix("#/").split("/"):
            here = here[step]


@dataclass(frozen=True)
class Api:
    """A running server and a token of an account with every function."""

    address: str
    token: str


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    home = tmp_path_factory.mktemp("openapi")
    if request.param == "sqlite":
        path = home / "ecluse.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("fast_postgres").create()
    token = aside(_token(home / "home", url))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "ECLUSE_HOME": str(home / "home"), "ECLUSE_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", f"from server.cli import main; main(['serve', '--port', '{port}'])"]
    server = subprocess.Popen(command, env=environment, cwd=home)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(address)
        yield Api(address, token)
    finally:
        server.terminate()
        server.wait()


async def _token(home: Path, url: str) -> str:
    """A token of the Caf's account that holds every function."""
    from datetime import date

    from registry.storage.accounts import account_for, grant, issue_token
    from schemas import enumeration

    async with opened_world(home, url) as world:

        async def work(tx: Any) -> str:
            account = await account_for(tx, "tout@caf.example", world.calendar())
            await grant(tx, account, CAF, enumeration("role"), date(2021, 1, 1), None)
            return await issue_token(tx, account, CAF, world.calendar(), 3650)

        await world.filed()
        return await world.gate.engine.transact(work)


def _wait(address: str) -> None:
    for _ in range(400):
        try:
            if httpx.get(f"{address}/readyz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.025)
    pytest.fail("the server did not start")


SCHEMA = schemathesis.openapi.from_dict(openapi())
DESCRIBED = [found.ok() for found in SCHEMA.get_all_operations()]
CASES = [
    pytest.param(operation, mode, id=f"{operation.label} {mode.value}")
    for operation in DESCRIBED
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    # Nothing invalid can be sent to an operation without parameters.
    if mode is GenerationMode.POSITIVE or operation.definition.raw["parameters"]
]


@pytest.mark.parametrize(("operation", "mode"), CASES)
def test_schemathesis_finds_nothing(api: Api, operation: Any, mode: GenerationMode) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(case=operation.as_strategy(generation_mode=mode))
    def holds(case: schemathesis.Case) -> None:
        headers = {"Authorization": f"Bearer {api.token}"}
        case.call_and_validate(base_url=api.address, headers=headers, checks=CHECKS)

    holds()
