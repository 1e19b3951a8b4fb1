"""A person at a browser, for tests: cookies kept, forms found in pages and sent as a browser would."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from html import unescape
from typing import Any

import httpx
import pyotp

from registry.gate.people.invitations import make
from registry.storage.accounts import account_for, grant
from registry.storage.accounts_factors import Passkey, set_password
from registry.storage.events import SYSTEM
from tests.world import CAF, World, email

ORIGIN = "http://ecluse.example"
PASSWORD = "quatre-tilleuls-devant-la-halle"
_HTML = {"Accept": "text/html", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


@dataclass
class Browser:
    """One browser. `csrf` is read from the last page, as a form's hidden field would be."""

    world: World
    client: httpx.AsyncClient
    page: str = ""
    seed: str = field(default="", repr=False)
    now: float = 1_700_000_000.0

    @property
    def cookie(self) -> str | None:
        return self.client.cookies.get("ecluse")

    async def get(self, path: str, **headers: str) -> httpx.Response:
        response = await self.client.get(path, headers={**_HTML, **headers})
        if response.headers.get("content-type", "").startswith("text/html") and response.text:
            self.page = response.text
        return response

    async def see(self, path: str) -> str:
        """The page where a path leads in the end."""
        response = await self.get(path)
        while response.status_code == 303:
            response = await self.get(response.headers["location"])
        assert response.status_code == 200, f"{path}: {response.status_code} {self.text}"
        return self.page

    @property
    def csrf(self) -> str:
        found = re.search(r'name="_csrf" value="([^"]*)"', self.page)
        return found.group(1) if found else ""

    @property
    def text(self) -> str:
        return unescape(re.sub(r"<[^>]+>", " ", self.page))

    async def post(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        sent = {**_HTML, "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", **headers}
        response = await self.client.post(path, data={"_csrf": self.csrf, **(data or {})}, headers=sent)
        if response.headers.get("content-type", "").startswith("text/html") and response.text:
            self.page = response.text
        return response

    async def follow(self, response: httpx.Response) -> str:
        assert response.status_code == 303, f"{response.status_code} {self.text}"
        return await self.see(response.headers["location"])

    async def sign_in(self, who: str, password: str = PASSWORD) -> str:
        await self.see("/connexion")
        return await self.follow(await self.post("/connexion", {"email": who, "password": password, "next": "/"}))

    def code(self) -> str:
        """The next one-time code of the seed: each is a later one, since a code serves once."""
        self.now += 30
        return pyotp.TOTP(self.seed).at(int(self.now))

    async def install_codes(self) -> None:
        """A second factor, from the account's page."""
        await self.see("/compte")
        await self.follow(await self.post("/compte/code"))
        found = re.search(r'class="seed">([A-Z2-7 ]+)<', self.page)
        assert found
        self.seed = found.group(1).replace(" ", "")
        await self.follow(await self.post("/compte/code/confirmation", {"code": self.code()}))

    async def confirm(self) -> None:
        await self.see("/confirmation?next=/compte")
        await self.follow(await self.post("/confirmation", {"code": self.code(), "next": "/compte"}))

    def walls(self) -> None:
        """The server's real clock, for one-time codes, is this browser's."""
        from datetime import UTC, datetime

        self.world.app.state.auth.wall = lambda: datetime.fromtimestamp(self.now, UTC)


def browser(world: World, app: Any = None) -> Browser:
    transport = httpx.ASGITransport(app=app or world.app, raise_app_exceptions=False)
    made = Browser(world, httpx.AsyncClient(transport=transport, base_url=ORIGIN))
    made.walls()
    return made


async def account(world: World, address: str, party: str, *roles: str, password: str = PASSWORD) -> str:
    """An account with roles and a password, its undertaking still to accept; its id."""
    hashed = await world.app.state.auth.passwords.hash(password)

    async def work(tx: Any) -> str:
        made = await account_for(tx, address, world.calendar())
        await grant(tx, made, party, list(roles), date(2021, 1, 1), None)
        await set_password(tx, made, hashed, world.calendar())
        return made

    return await world.gate.engine.transact(work)


async def entered(world: World, address: str, party: str, *roles: str, codes: bool = False) -> Browser:
    """A browser signed in and acting for a party; with one-time codes installed if asked."""
    await account(world, address, party, *roles)
    opened = browser(world)
    await opened.sign_in(address)
    await opened.follow(await opened.post("/connexion/partie", {"party": party, "agrees": "yes", "next": "/"}))
    if codes:
        await opened.install_codes()
    return opened


async def administrator(world: World, party: str = CAF) -> Browser:
    """The party's administrator, identity confirmed."""
    return await entered(world, email(party, "administrator"), party, "administrator", codes=True)


async def invitation(world: World, address: str, party: str, *roles: str) -> str:
    """The path of an invitation made by the operator."""
    made = await world.gate.unattended(lambda session: make(session, address, party, roles, None, SYSTEM))
    return f"/invitation/{made.secret}"


def passkey(account_id: str) -> Passkey:
    return Passkey(b"id", account_id, b"key", 0, "Clé", "2023-01-01T00:00:00.000Z", None)
