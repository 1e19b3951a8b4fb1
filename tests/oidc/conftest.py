"""A real OpenID provider in a process of its own, and the application that trusts it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from argon2 import PasswordHasher

from server.app import create_app
from server.auth.passwords import Passwords
from server.settings import OidcSettings
from tests.server.people.browsers import ORIGIN, Browser, browser
from tests.world import World, opened_world, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

HERE = Path(__file__).parent
CLIENT, SECRET = "ecluse", "secret-du-client-de-test-assez-long"
CALLBACK = f"{ORIGIN}/connexion/oidc/retour"


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """The address of the running provider."""
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules").is_dir():
        message = "no OpenID provider to test with: install nodejs, then run « npm ci » in tests/oidc"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [node, str(HERE / "provider.mjs"), str(port), CLIENT, SECRET, CALLBACK]
    provider = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert provider.stdout is not None
        assert provider.stdout.readline().strip() == "ready"
        yield f"http://127.0.0.1:{port}"
    finally:
        provider.terminate()
        provider.wait()
        if provider.stdout is not None:
            provider.stdout.close()


@dataclass
class Outside:
    """The application, its provider, and what a browser does between the two."""

    world: World
    issuer: str

    async def says(self, **values: Any) -> None:
        """What the provider says from now on, and how its ID tokens are spoiled."""
        async with httpx.AsyncClient() as client:
            answer = await client.post(f"{self.issuer}/control", content=json.dumps(values))
            assert answer.text == "ok"

    def browser(self) -> Browser:
        return browser(self.world)

    async def leave(self, person: Browser, **form: str) -> str:
        """Begin; the address at the provider where the page leads."""
        await person.see("/compte" if person.cookie else "/connexion")
        answer = await person.post("/connexion/oidc", form)
        assert answer.status_code == 200, person.text
        start = person.page.index('class="button" href="') + len('class="button" href="')
        return unescape(person.page[start : person.page.index('"', start)])

    async def provider(self, address: str) -> str:
        """Go through the provider's pages; the path and query it sends back to."""
        async with httpx.AsyncClient() as client:
            for _ in range(10):
                answer = await client.get(address)
                where = answer.headers.get("location", "")
                if where.startswith(ORIGIN):
                    return where.removeprefix(ORIGIN)
                assert where, answer.text
                address = where if where.startswith("http") else f"{self.issuer}{where}"
        raise AssertionError("the provider turns round")

    async def through(self, person: Browser, **form: str) -> httpx.Response:
        """Begin, go through the provider, come back."""
        return await person.get(await self.provider(await self.leave(person, **form)))


@pytest.fixture
async def outside(database_url: str, tmp_path: Path, issuer: str) -> AsyncIterator[Outside]:
    async with opened_world(tmp_path / "home", database_url) as world:
        oidc = OidcSettings(issuer, CLIENT, SECRET, "ProConnect", "openid email siret", None)
        world.settings = replace(world.settings, oidc=oidc)
        app = create_app(world.settings)
        app.state.auth.passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        async with running(app):
            app.state.gate.clock = world.calendar
            world.app = app
            found = Outside(world, issuer)
            await found.says(subject="sujet-1", email="agent@caf.example", siret=None, acr="eidas2", spoil=None)
            yield found
