"""After an erasure no byte of it is left in the live files, on either engine."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from registry.storage import cleaning
from registry.storage.cleaning import clean
from tests.databases import Postgres
from tests.server.test_erasure import ALL, REQUESTER, WHY, history
from tests.world import CAF, SGL, World, opened_world, request_document

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

PLANTED = "Zyzomys-palatalis-5518"
"""A text that nothing else contains."""
STEMMED = b"zyzomy"
"""How the search's index keeps its first word."""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A server of these tests' own, whose files hold their data alone; small log files, to have many of them."""
    started = Postgres(durable=True, segment_megabytes=1)
    yield started
    started.close()


@pytest.fixture
def server(dialect: str, request: pytest.FixtureRequest) -> Postgres | None:
    return request.getfixturevalue("postgres") if dialect == "postgres" else None


@pytest.fixture
async def alone(server: Postgres | None, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    url = server.create() if server else request.getfixturevalue("database_url")
    async with opened_world(tmp_path / "home", url) as world:
        yield world


@pytest.fixture
def files(server: Postgres | None, alone: World) -> Path:
    """The folder of every live file of the database, its write-ahead log included."""
    return server.data if server else Path(alone.settings.database_url.removeprefix("sqlite:///")).parent


def holding(folder: Path, wanted: bytes) -> list[str]:
    """The files under a folder that contain some bytes."""
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            try:
                if wanted in path.read_bytes():
                    found.append(str(path.relative_to(folder)))
            except FileNotFoundError:
                continue
    return found


def planted(value: Any) -> Any:
    """A document whose every free text carries the planted one."""
    from schemas import split

    facts, texts = split("request", value)
    from registry.ledger.openings import join

    return join(facts, [f"{text} {PLANTED}" for text in texts])


async def on_disk(world: World) -> None:
    """Have the database write all it has in memory to its files."""
    if world.gate.engine.dialect == "postgres":
        await world.gate.engine.maintain("VACUUM ANALYZE")
        await world.gate.engine.maintain("CHECKPOINT")


async def cleaned(world: World) -> None:
    for _ in range(600):
        if await clean(world.gate.engine):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the files could not be cleaned")


async def lived(world: World) -> str:
    """A draft of two versions with a piece; the planted text in every free text of both, and in the piece."""
    request_id = await world.create(planted(request_document()))
    file = await world.read(request_id, (SGL, "requester"))
    again = {**file["request"], "title": f"Deuxième {PLANTED}"}
    await world.ok((SGL, "requester"), "PUT", f"/requests/{request_id}/document", again, version=1)
    files = {"file": (f"{PLANTED}.txt", PLANTED.encode() * 500, "text/plain")}
    data = {"kind": "other", "dated_on": "2023-03-01"}
    await world.ok((SGL, "requester"), "POST", f"/requests/{request_id}/attachments", data=data, files=files)
    return request_id


async def test_no_byte_of_an_erased_exchange_is_left_in_the_live_files(alone: World, files: Path) -> None:
    other = await alone.filed()
    request_id = await lived(alone)
    await alone.ok((SGL, "requester"), "POST", f"/requests/{request_id}/filing", {}, version=2)
    await on_disk(alone)
    ((wrapped,),) = await alone.rows("SELECT wrapped FROM object_key WHERE object = ?", request_id)
    assert holding(files, PLANTED.encode()), "it must be there before, or nothing is shown"
    assert holding(files, bytes(wrapped))
    assert holding(files, STEMMED)
    await alone.ok(REQUESTER, "POST", f"/requests/{request_id}/erasure", ALL)
    await cleaned(alone)
    assert holding(files, PLANTED.encode()) == []
    assert holding(files, STEMMED) == []
    assert holding(files, bytes(wrapped)) == []
    assert (await alone.read(other))["request"]["title"] != "effacé"
    assert (await alone.read(request_id))["request"]["title"] == "effacé"
    assert await alone.rows("SELECT 1 FROM cleaning") == []


async def test_no_byte_of_an_erased_version_is_left_and_the_others_survive(alone: World, files: Path) -> None:
    request_id = await lived(alone)
    clear = {**request_document(), "title": "Sans le texte"}
    await alone.ok((SGL, "requester"), "PUT", f"/requests/{request_id}/document", clear, version=2)
    await alone.ok((SGL, "requester"), "POST", f"/requests/{request_id}/filing", {}, version=3)
    digest = (await alone.read(request_id))["attachments"][0]["sha256"]
    ((wrapped,),) = await alone.rows("SELECT wrapped FROM object_key WHERE object = ?", request_id)
    await on_disk(alone)
    path = f"/requests/{request_id}/erasure"
    for revision in (1, 2):
        await alone.ok(REQUESTER, "POST", path, {"scope": "revision", "revision": revision, **WHY})
    await alone.ok(REQUESTER, "POST", path, {"scope": "attachment", "sha256": digest, **WHY})
    await cleaned(alone)
    assert holding(files, PLANTED.encode()) == []
    assert holding(files, bytes(wrapped)) == []
    assert (await alone.read(request_id))["request"]["title"] == "Sans le texte"
    acts = await history(alone, request_id)
    assert [act["act"] for act in acts if act["erased"]] == ["creation", "document", "attachments"]


async def test_no_byte_of_an_erased_register_entry_is_left(alone: World, files: Path) -> None:
    who = (SGL, "records_manager")
    body = {"record": {"purposes": [PLANTED]}}
    entry = (await alone.ok(who, "POST", f"/parties/{SGL}/register/entries", body))["entry"]
    path = f"/parties/{SGL}/register/entries/{entry}"
    await alone.ok(who, "PUT", path, {"record": {"purposes": ["Autre"]}}, version=1)
    await on_disk(alone)
    assert holding(files, PLANTED.encode())
    await alone.ok((SGL, "controller"), "POST", f"{path}/erasure", {"scope": "revision", "revision": 1, **WHY})
    await cleaned(alone)
    assert holding(files, PLANTED.encode()) == []
    assert (await alone.ok(who, "GET", path))["record"]["purposes"] == ["Autre"]


async def test_no_byte_of_an_erased_account_is_left(alone: World, files: Path) -> None:
    from datetime import date

    from registry.clock import paris_day
    from registry.exchange.context import Actor
    from registry.gate.erasure import erase_account
    from registry.gate.session import Session
    from registry.storage.accounts import account_for, grant
    from registry.storage.conventions import Conventions
    from registry.storage.events import SYSTEM

    address, gate = f"{PLANTED.lower()}@sgl.example", alone.gate

    async def make(tx: Any) -> None:
        account = await account_for(tx, address, gate.now())
        await grant(tx, account, SGL, ["requester"], date(2021, 1, 1), None)
        for number in range(5):  # several rows, so that statistics would quote them
            sql = """INSERT INTO invitation (id, hash, kind, email, party, roles, invited_by, created_at, expires_at)
                VALUES (?, ?, 'invitation', ?, ?, 'requester', ?, '2023', '2024')"""
            await tx.execute(
                sql, f"i{number}", bytes([number]), address if number else "un@autre.example", SGL, account
            )

    async def erase(tx: Any) -> bool:
        now = gate.now()
        actor = Actor(SYSTEM, "", frozenset({"controller"}))
        session = Session(tx, actor, now, paris_day(now), gate.vault, gate.recorder, Conventions())
        return await erase_account(session, address, ALL)

    await gate.engine.transact(make)
    await on_disk(alone)
    assert holding(files, address.encode())
    assert await gate.engine.transact(erase)
    await cleaned(alone)
    assert holding(files, address.encode()) == []


async def test_cleaning_waits_for_readers_that_still_see_the_texts(alone: World, files: Path) -> None:
    request_id = await lived(alone)
    await on_disk(alone)
    reading = alone.gate.engine.stream("SELECT file FROM exchange UNION ALL SELECT facts FROM event", size=1)
    await anext(reading)
    alone.app.state.cleaner.wake = lambda: None
    await alone.ok(REQUESTER, "POST", f"/requests/{request_id}/erasure", ALL)
    assert await clean(alone.gate.engine) is False
    assert len(await alone.rows("SELECT 1 FROM cleaning")) == 1
    await reading.aclose()
    await cleaned(alone)
    assert holding(files, PLANTED.encode()) == []


class _Dying:
    """The engine of a process that dies when it comes to a method."""

    def __init__(self, engine: Any, stage: str) -> None:
        self._engine, self._stage = engine, stage

    def __getattr__(self, name: str) -> Any:
        if name == self._stage:
            raise RuntimeError(name)
        return getattr(self._engine, name)


@pytest.mark.parametrize("stage", ["maintain", "transact"])
async def test_a_cleaning_that_was_interrupted_is_done_again(alone: World, files: Path, stage: str) -> None:
    request_id = await lived(alone)
    alone.app.state.cleaner.wake = lambda: None
    await alone.ok(REQUESTER, "POST", f"/requests/{request_id}/erasure", ALL)
    with pytest.raises(RuntimeError, match=stage):
        for _ in range(200):  # another reader of the same server may still hold an older snapshot
            await clean(_Dying(alone.gate.engine, stage))  # type: ignore[arg-type]
            await asyncio.sleep(0.05)
    assert len(await alone.rows("SELECT 1 FROM cleaning")) == 1
    await cleaned(alone)
    assert holding(files, PLANTED.encode()) == []


async def test_nothing_is_rewritten_when_nothing_was_erased(world: World) -> None:
    assert await clean(_Dying(_Dying(world.gate.engine, "maintain"), "transact"))  # type: ignore[arg-type]


async def test_rewritten_tables_keep_every_row(world: World) -> None:
    await world.active()
    await world.published()
    before = {table: sorted(await world.rows(f"SELECT * FROM {table}"), key=repr) for table in cleaning.READABLE}
    request_id = await world.filed()
    await world.ok((CAF, "controller"), "POST", f"/requests/{request_id}/erasure", ALL)
    await cleaned(world)
    for table, rows in before.items():
        assert set(rows) <= set(await world.rows(f"SELECT * FROM {table}")), table
