"""RFC 3161 tokens over daily heads, from a real authority (openssl)."""

from __future__ import annotations

import asyncio
import io
import shutil
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from cryptography.x509 import load_pem_x509_certificate

from registry.publishing.guard import Guard
from registry.publishing.serving import shown_head
from registry.publishing.timestamping import BadToken, Timestamper, verify_token
from registry.storage.timestamps import tokens_upto
from server.app import create_app
from server.outgoing import ask
from tests.registry.publishing.authority import Authority
from tests.registry.publishing.authority import running as running_authority
from tests.registry.publishing.host import Host
from tests.world import CONVENTION, SGL, World, opened_world, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cryptography.x509 import Certificate

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is the authority")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with running_authority(tmp_path_factory.mktemp("tsa") / "authority") as authority:
        yield authority


@pytest.fixture
def authority(shared: Authority) -> Authority:
    shared.asked, shared.broken = 0, None
    return shared


@pytest.fixture
async def host(engine, tmp_path: Path) -> Host:
    return Host(engine, Guard(tmp_path / "guard"))


def roots(authority: Authority) -> list[Certificate]:
    return [load_pem_x509_certificate(authority.root.read_bytes())]


def timestamper(host: Host, authority: Authority) -> Timestamper:
    return Timestamper(host.engine, authority.url, ask, host.clock)


async def kept(host: Host) -> list[tuple[int, bytes]]:
    log = (await host.logs())[-1]
    return await host.engine.read(lambda tx: tokens_upto(tx, log, 10**9))


async def note_of(host: Host) -> bytes:
    log = (await host.logs())[-1]
    return (await host.engine.read(lambda tx: shown_head(tx, log))).note


async def test_the_newest_head_gets_one_token_a_day(host: Host, authority: Authority) -> None:
    await host.record(2)
    await host.publish()
    await timestamper(host, authority).round()
    ((size, token),) = await kept(host)
    note = await note_of(host)
    assert size == 3
    assert authority.accepts(token, note)
    assert abs(verify_token(token, note, roots(authority)) - datetime.now(UTC)) < timedelta(minutes=5)
    await host.record(1)
    await host.publish()
    await timestamper(host, authority).round()
    assert authority.asked == 1, "one a day"
    host.now += timedelta(days=1)
    await timestamper(host, authority).round()
    assert [size for size, _ in await kept(host)] == [3, 4]
    host.now += timedelta(days=1)
    await timestamper(host, authority).round()
    assert authority.asked == 2, "a head that has a token needs no other"


async def test_a_failing_authority_is_asked_again_and_nothing_false_is_kept(host: Host, authority: Authority) -> None:
    await host.record(2)
    await host.publish()
    stranger = authority.answer(_other_query())
    for broken in (b"", b"nonsense", stranger):
        authority.broken = broken
        await timestamper(host, authority).round()
        assert await kept(host) == []
    await Timestamper(host.engine, "http://127.0.0.1:1/", ask, host.clock).round()
    assert await kept(host) == []
    authority.broken = None
    await timestamper(host, authority).round()
    assert len(await kept(host)) == 1


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_the_server_has_heads_timestamped_and_evidence_holds_the_tokens(
    authority: Authority, database_url: str, tmp_path: Path
) -> None:
    async with opened_world(tmp_path / "home", database_url) as world:
        exchange = await world.create()
        await world.published()
    app = create_app(replace(world.settings, tsa_url=authority.url))
    async with (
        running(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://e.example") as client,
    ):
        again = World(client, app, world.calendar, world.settings, world.tokens)
        again.gate.clock = world.calendar
        async with asyncio.timeout(10):
            while not await again.rows("SELECT 1 FROM log_timestamp"):
                await asyncio.sleep(0.02)
        pack = await again.call((SGL, "requester"), "GET", f"/requests/{exchange}/evidence")
    with zipfile.ZipFile(io.BytesIO(pack.content)) as archive:
        (token,) = [name for name in archive.namelist() if name.endswith(".tsr")]
        assert token == f"horodatages/{CONVENTION}/2023/3.tsr"
        assert authority.accepts(archive.read(token), archive.read(token.replace(".tsr", ".checkpoint")))


def _other_query() -> bytes:
    from rfc3161_client import TimestampRequestBuilder

    return TimestampRequestBuilder().data(b"something else").nonce(nonce=True).build().as_bytes()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_token_proves_that_note_by_that_authority_alone(
    host: Host, authority: Authority, tmp_path: Path
) -> None:
    await host.record(2)
    await host.publish()
    await timestamper(host, authority).round()
    ((_, token),) = await kept(host)
    note = await note_of(host)
    for other in (note + b"\n", note.replace(b"\n3\n", b"\n4\n"), b""):
        with pytest.raises(BadToken):
            verify_token(token, other, roots(authority))
    with pytest.raises(BadToken):
        verify_token(token, note, roots(Authority(tmp_path / "other")))
    with pytest.raises(BadToken):
        verify_token(token, note, [])
    for at in range(0, len(token), 97):
        with pytest.raises(BadToken):
            verify_token(token[:at] + bytes([token[at] ^ 1]) + token[at + 1 :], note, roots(authority))
