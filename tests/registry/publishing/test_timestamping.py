"""RFC 3161 tokens over daily heads, from a real authority (openssl)."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import sys
import zipfile
from asyncio.subprocess import PIPE, STDOUT
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
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


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    if shutil.which("openssl") is None:
        pytest.skip("the authority is openssl's: install openssl")
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
        named = json.loads(archive.read(f"journaux/{CONVENTION}/2023/keys"))["log"][0]
    file = tmp_path / "preuves.zip"
    file.write_bytes(pack.content)
    ca = ("--tsa-ca", authority.root)
    assert "la tête de 3 enregistrements" in await verified(0, file, "--key", named, *ca)
    assert "non vérifiés : 1" in await verified(0, file, "--key", named)
    other = tmp_path / "autre.pem"
    other.write_bytes(_self_signed())
    assert "jeton d'horodatage" in await verified(1, file, "--key", named, "--tsa-ca", other)


async def verified(code: int, *arguments: object) -> str:
    """What `ecluse verify` prints; its exit code is checked."""
    command = "from server.cli import main; main()"
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-c", command, "verify", *map(str, arguments), stdout=PIPE, stderr=STDOUT
    )
    output = (await done.communicate())[0].decode()
    assert done.returncode == code, output
    return output


def _self_signed() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Une autre autorité")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


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
