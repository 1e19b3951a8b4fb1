"""A whole installation for a test: the reference convention, an account for every function, the real application."""

from __future__ import annotations

import asyncio
import copy
import json
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx

from registry.gate.conventions import load_document
from registry.storage.accounts import account_for, grant, issue_token
from schemas import enumeration
from server.app import assembled, parts_of
from server.home import create_keys
from server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from litestar import Litestar

CONVENTION = "ctg-sol-2021-2025"
CAF, SGL, OULLINS, MERGED = "caf-rhone", "saint-genis-laval", "oullins", "oullins-pierre-benite"


def reference(name: str) -> Any:
    return json.loads(resources.files("schemas").joinpath(f"reference/{name}.json").read_text(encoding="utf-8"))


def example(reference_id: str) -> dict[str, Any]:
    """One example of the reference cases, with its expectations."""
    return copy.deepcopy(
        next(e for e in reference("requests")["requests"] if e["request"]["reference"] == reference_id)
    )


def request_document(**changes: Any) -> dict[str, Any]:
    """A conforming request of Saint-Genis-Laval to the Caf."""
    document = example("EX-2022-007")["request"]
    document |= {"requester": SGL, "processors": [], "transfers": [], "requested_on": None}
    return document | changes


@dataclass
class Calendar:
    """A clock that a test moves."""

    day: date = date(2023, 3, 1)
    minutes: int = 0

    def __call__(self) -> datetime:
        return datetime.combine(self.day, time(10), ZoneInfo("Europe/Paris")) + timedelta(minutes=self.minutes)


@dataclass
class World:
    """`call` speaks HTTP to the real application as the person of a function of a party."""

    client: httpx.AsyncClient
    app: Any
    calendar: Calendar
    settings: Settings
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def gate(self) -> Any:
        return self.app.state.gate

    async def call(
        self,
        who: tuple[str, str] | None,
        method: str,
        path: str,
        body: Any = None,
        *,
        version: int | str | None = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> httpx.Response:
        sent = dict(headers or {})
        if who is not None:
            sent["Authorization"] = f"Bearer {self.tokens[who]}"
        if version is not None:
            sent["If-Match"] = f'"{version}"'
        if body is not None:
            options["json"] = body
        return await self.client.request(method, f"/api/v1{path}", headers=sent, **options)

    async def ok(self, who: tuple[str, str], method: str, path: str, body: Any = None, **options: Any) -> Any:
        response = await self.call(who, method, path, body, **options)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()

    async def refused(
        self,
        status: int,
        slug: str,
        who: tuple[str, str] | None,
        method: str,
        path: str,
        body: Any = None,
        **options: Any,
    ) -> Any:
        response = await self.call(who, method, path, body, **options)
        problem = response.json()
        assert (response.status_code, problem["type"]) == (status, f"urn:ecluse:problem:{slug}"), response.text
        assert response.headers["content-type"] == "application/problem+json"
        assert problem["status"] == status
        assert problem["title"]
        assert problem["detail"]
        return problem

    async def create(self, document: dict[str, Any] | None = None, party: str = SGL) -> str:
        created = await self.ok(
            (party, "requester"), "POST", f"/conventions/{CONVENTION}/requests", document or request_document()
        )
        return created["id"]

    async def read(self, request_id: str, who: tuple[str, str] = (CAF, "dpo")) -> Any:
        return await self.ok(who, "GET", f"/requests/{request_id}")

    async def filed(self, document: dict[str, Any] | None = None, party: str = SGL) -> str:
        request_id = await self.create(document, party)
        await self.ok((party, "requester"), "POST", f"/requests/{request_id}/filing", {}, version=1)
        return request_id

    async def under_study(self, document: dict[str, Any] | None = None, party: str = SGL, holder: str = CAF) -> str:
        """Filed, admitted, every stage answered."""
        request_id = await self.filed(document, party)
        await self.ok(
            (holder, "business_referent"), "POST", f"/requests/{request_id}/admission", {"outcome": "under_study"}
        )
        for who, stage in (((party, "dpo"), "requester_dpo"), ((holder, "it_security"), "holder")):
            file = await self.read(request_id, who)
            path = f"/requests/{request_id}/document?stage={stage}"
            await self.ok(who, "PUT", path, file["request"], version=file["version"])
        return request_id

    async def version(self, request_id: str, who: tuple[str, str] = (CAF, "dpo")) -> int:
        return (await self.read(request_id, who))["version"]

    async def studied(self, request_id: str, conclusion: str = "favourable", holder: str = CAF) -> None:
        version = await self.version(request_id, (holder, "dpo"))
        roles = {"opportunity": "business_referent", "feasibility": "it_security", "compliance": "compliance_referent"}
        for part, role in roles.items():
            body = {"conclusion": conclusion, "text": "Analyse du volet."}
            await self.ok((holder, role), "PUT", f"/requests/{request_id}/study/{part}", body, version=version)

    async def opinion(self, request_id: str, body: dict[str, Any] | None = None, holder: str = CAF) -> Any:
        version = await self.version(request_id, (holder, "dpo"))
        body = body or {"value": "favourable", "text": "Avis favorable."}
        return await self.ok((holder, "dpo"), "POST", f"/requests/{request_id}/opinion", body, version=version)

    async def decided(self, request_id: str, body: dict[str, Any] | None = None, holder: str = CAF) -> Any:
        version = await self.version(request_id, (holder, "dpo"))
        body = body or {"value": "approved"}
        return await self.ok((holder, "controller"), "POST", f"/requests/{request_id}/decision", body, version=version)

    async def approved(self, document: dict[str, Any] | None = None) -> str:
        request_id = await self.under_study(document)
        await self.studied(request_id)
        await self.opinion(request_id)
        await self.decided(request_id)
        return request_id

    async def attach(self, request_id: str, kind: str, who: tuple[str, str] = (SGL, "requester")) -> Any:
        files = {"file": (f"{kind}.txt", f"Pièce {kind}.".encode(), "text/plain")}
        data = {"kind": kind, "dated_on": self.calendar.day.isoformat()}
        return await self.ok(who, "POST", f"/requests/{request_id}/attachments", data=data, files=files)

    async def prepared(self, request_id: str, requester: str = SGL) -> None:
        version = await self.version(request_id, (requester, "requester"))
        base = f"/requests/{request_id}"
        await self.ok((requester, "controller"), "POST", f"{base}/acceptance", {}, version=version)
        await self.ok((requester, "requester"), "POST", f"{base}/preparation", {})
        await self.attach(request_id, "article_14_notice", (requester, "requester"))

    async def confirmed(self, request_id: str, party: str) -> None:
        who = (party, "records_manager")
        entry_id = (await self.read(request_id, who))["register_entries"][party]
        entry = await self.ok(who, "GET", f"/parties/{party}/register/entries/{entry_id}")
        body = {"entry": entry_id, "entry_version": entry["version"], "action": "created"}
        await self.ok(who, "POST", f"/requests/{request_id}/register-confirmations", body)

    async def activate(self, request_id: str, requester: str = SGL) -> Any:
        body = {"authorised_users": ["Agents du guichet unique"]}
        return await self.ok((requester, "requester"), "POST", f"/requests/{request_id}/activation", body)

    async def active(self, document: dict[str, Any] | None = None) -> str:
        request_id = await self.approved(document)
        await self.prepared(request_id)
        for party in (CAF, SGL):
            await self.confirmed(request_id, party)
        await self.activate(request_id)
        return request_id

    async def rows(self, sql: str, *args: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.gate.engine.read(lambda tx: tx.rows(sql, *args))]

    async def stop_publishing(self) -> None:
        """Another replica holds the lease, and does nothing with it."""
        take = """INSERT INTO lease (name, holder, until) VALUES ('operator', 'another', 99999999999)
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until"""
        await self.gate.engine.transact(lambda tx: tx.execute(take))
        await asyncio.sleep(0.3)  # a round under way ends

    async def published(self) -> None:
        """Wait until every record committed so far is in a shown head."""
        for _ in range(500):
            waiting = "SELECT (SELECT count(*) FROM event WHERE leaf_index IS NULL) + (SELECT count(*) FROM log_head WHERE size > published)"
            if (await self.rows(waiting))[0][0] == 0:
                return
            await asyncio.sleep(0.02)
        raise AssertionError("records wait for their publication")

    async def events(self) -> int:
        """How many acts are recorded; a log's own records come when it is published, and a refusal is told of an account."""
        return (await self.rows("SELECT count(*) FROM event WHERE type NOT IN ('key', 'account')"))[0][0]


def email(party: str, role: str) -> str:
    if role == "dpo":
        found = next(p for p in reference("convention")["parties"] if p["id"] == party)
        return found["contacts"]["dpo_email"]
    return f"{role.replace('_', '-')}@{party}.example"


@asynccontextmanager
async def running(app: Any) -> AsyncIterator[None]:
    """The application's lifespan, lived in one task: fixtures are set up and torn down in different ones."""
    started, stop = asyncio.Event(), asyncio.Event()
    unexpected = lambda: None  # noqa: E731  the real one ends the process, which is the tests' own
    app.state.stop = unexpected

    async def live() -> None:
        async with app.lifespan():
            started.set()
            await stop.wait()

    life = asyncio.create_task(live())
    starting = asyncio.create_task(started.wait())
    await asyncio.wait({life, starting}, return_when=asyncio.FIRST_COMPLETED)
    starting.cancel()
    if life.done():
        life.result()
    try:
        yield
    finally:
        stop.set()
        await life
    if app.state.failure is not None and app.state.stop is unexpected:
        raise AssertionError(app.state.failure)


@asynccontextmanager
async def opened_world(home: Path, url: str, document: dict[str, Any] | None = None) -> AsyncIterator[World]:
    """The application on a fresh migrated database; the calendar stands at 1 March 2023."""
    settings = Settings(home, url, "ecluse.example", None, 5, public_url="http://ecluse.example")
    create_keys(settings)
    with _routed(settings) as app:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with running(app), httpx.AsyncClient(transport=transport, base_url="http://ecluse.example") as client:
            world = World(client, app, Calendar(), settings)
            world.gate.clock = world.calendar
            await _people(world, document or reference("convention"))
            yield world


_IDLE: list[Litestar] = []


@contextmanager
def _routed(settings: Settings) -> Iterator[Litestar]:
    """The application of these settings; its routes, which take longer to make than all the rest, were maybe another's."""
    parts = parts_of(settings)
    app = _IDLE.pop() if _IDLE else assembled(parts)
    app.state = parts
    yield app
    _IDLE.append(app)


async def _people(world: World, document: dict[str, Any]) -> None:
    async def work(tx: Any) -> dict[tuple[str, str], str]:
        gate, now = world.gate, world.calendar()
        await load_document(tx, document, now, gate.vault, gate.recorder)
        tokens = {}
        for party in (p["id"] for p in document["parties"]):
            for role in enumeration("role"):
                account = await account_for(tx, email(party, role), now)
                if role not in {"dpo", "delegate"}:
                    await grant(tx, account, party, [role], date(2021, 1, 1), None)
                tokens[party, role] = await issue_token(tx, account, party, now, 3650)
        return tokens

    world.tokens = await world.gate.engine.transact(work)
