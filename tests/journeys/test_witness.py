"""A party's witness beside a host, as processes: cosigns what it fetches or is sent, and stops on a fork."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import stat
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn

from registry.clock import system_clock
from registry.ledger.checkpoints import Checkpoint, parse_checkpoint, sign_checkpoint
from registry.ledger.keys import parse_vkey
from registry.ledger.merkle import leaf_hash, tree_root
from registry.ledger.notes import split_note
from registry.ledger.proofs import consistency_proof, reader_of
from registry.ledger.witness_protocol import encode_add_checkpoint
from server.app import create_app
from server.home import load_log_signer
from server.witness.folder import create, open_witness
from tests.world import CONVENTION, SGL, World, opened_world, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[2]
READER = (SGL, "requester")
YEAR = datetime.now(UTC).year


@dataclass
class Done:
    code: int
    out: str
    err: str


class Party:
    """Runs commands in a folder of its own; `environment` is added to the process's."""

    def __init__(self, folder: Path, **environment: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.environment = environment

    async def start(self, *arguments: str | Path) -> asyncio.subprocess.Process:
        given = {key: value for key, value in os.environ.items() if not key.startswith("ECLUSE_")}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from server.cli import main; main()", *map(str, arguments), cwd=self.folder,
            env={**given, "PYTHONPATH": str(ROOT), **self.environment}, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def run(self, *arguments: str | Path, typed: str = "") -> Done:
        process = await self.start(*arguments)
        out, err = await asyncio.wait_for(process.communicate(typed.encode()), 60)
        return Done(process.returncode or 0, out.decode(), err.decode())


def init(party: Party, name: str, *keys: str) -> str:
    """A witness in the party's folder; its line for a policy."""
    made = create(party.folder / "temoin", name, [parse_vkey(key) for key in keys])
    return f"witness {name} {made.verifier.vkey}"


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """The running application on a loopback port; its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))
        server.capture_signals = _no_signals  # type: ignore[method-assign]
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


def _no_signals() -> Any:
    from contextlib import nullcontext

    return nullcontext()


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """The application by the machine's clock: witnesses are other machines."""
    async with opened_world(tmp_path / "home", database_url) as opened:
        opened.gate.clock = system_clock
        yield opened


def operator_of(world: World, tmp_path: Path) -> Party:
    settings = world.settings
    return Party(
        tmp_path, ECLUSE_HOME=str(settings.home), ECLUSE_DATABASE_URL=settings.database_url,
        ECLUSE_HOST_NAME=settings.host_name,
    )  # fmt: skip


async def recorded(world: World, count: int = 1) -> str:
    """Acts in the convention's log of this year; the last exchange."""
    for _ in range(count):
        exchange = await world.create()
    await world.published()
    return exchange


async def checkpoint(world: World) -> bytes:
    headers = {"Authorization": f"Bearer {world.tokens[READER]}"}
    return (await world.client.get(f"/ledger/{CONVENTION}/{YEAR}/checkpoint", headers=headers)).content


async def vkey(world: World) -> str:
    headers = {"Authorization": f"Bearer {world.tokens[READER]}"}
    return (await world.client.get(f"/ledger/{CONVENTION}/{YEAR}/keys", headers=headers)).json()["log"][0]


async def standing(world: World, exchange: str) -> Any:
    """How far the exchange's first act has come."""
    return (await world.ok(READER, "GET", f"/requests/{exchange}/events"))["items"][0]["ledger"]


async def lines_kept(world: World) -> set[str]:
    return {row[0] for row in await world.rows("SELECT DISTINCT witness FROM cosignature")}


async def test_a_pulling_witness_cosigns_and_its_lines_are_in_the_head(world: World, tmp_path: Path) -> None:
    await recorded(world)
    party = Party(tmp_path / "commune", ECLUSE_TOKEN=world.tokens[READER])
    made = await party.run("witness", "init", "temoin", "--name", "commune.example/temoin", "--log", await vkey(world))
    assert made.code == 0, made.err
    assert stat.S_IMODE((party.folder / "temoin" / "witness.pem").stat().st_mode) == 0o600
    (party.folder / "politique").write_text(f"{made.out}quorum commune.example/temoin\n")
    operator = operator_of(world, tmp_path)
    done = await operator.run("ledger", "policy", CONVENTION, party.folder / "politique")
    assert done.code == 0, done.err
    await world.published()
    async with served(world.app) as address:
        url = f"{address}/ledger/{CONVENTION}/{YEAR}"
        first = await party.run("witness", "run", url, "--once")
        assert (first.code, "cosignée" in first.err) == (0, True), first.err
        await recorded(world, 3)
        again = await party.run("witness", "run", "--once")  # the address is remembered
        assert again.code == 0, again.err
    note = await checkpoint(world)
    assert b"\xe2\x80\x94 commune.example/temoin " in note
    printed = await operator.run("ledger", "policy", CONVENTION)
    assert printed.out.splitlines()[0] == f"log {await vkey(world)}"
    (tmp_path / "politique").write_text(printed.out)
    exported = await operator.run("ledger", "export", tmp_path / "export")
    assert exported.code == 0, exported.err
    verified = await operator.run(
        "ledger", "verify", tmp_path / "export" / CONVENTION / str(YEAR), "--policy", tmp_path / "politique"
    )
    assert verified.code == 0, verified.out + verified.err
    wrong = await operator.run("ledger", "policy", "nulle-part", tmp_path / "politique")
    assert (wrong.code, "nulle-part" in wrong.err) == (2, True)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the database is the other machine's
async def test_a_forked_host_stops_the_witness_which_keeps_both_heads(world: World, tmp_path: Path) -> None:
    await recorded(world, 2)
    party = Party(tmp_path / "commune", ECLUSE_TOKEN=world.tokens[READER])
    init(party, "commune.example/temoin", await vkey(world))
    signer = load_log_signer(world.settings).signers(f"{world.settings.host_name}/ledger/{CONVENTION}/{YEAR}")[0]
    head = parse_checkpoint(split_note(await checkpoint(world))[0])
    shown = Checkpoint(head.origin, head.size, tree_root([leaf_hash(b"another history")] * head.size))
    witness = open_witness(party.folder / "temoin")  # as if the host had shown it another history before
    witness.add(shown, sign_checkpoint(shown, [signer]), 0, (), 1)
    witness.store.close()
    await recorded(world)
    async with served(world.app) as address:
        done = await party.run("witness", "run", f"{address}/ledger/{CONVENTION}/{YEAR}", "--once")
    assert done.code == 1
    assert "BIFURCATION" in done.err
    assert "délégués" in done.err
    names = {
        path.name.partition("-")[2].partition(".")[0]: path for path in (party.folder / "temoin" / "evidence").iterdir()
    }
    assert {re.sub(r"^\d+", "", name) for name in names} == {"-kept", "-seen", ""}
    assert not await lines_kept(world)
    again = await party.run("witness", "run", "--once")
    assert (again.code, "arrêté" in again.err) == (1, True)
    left = await party.run("witness", "leave", head.origin)
    assert left.code == 0, left.err
    assert open_witness(party.folder / "temoin").store.logs() == []


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the database is the other machine's
async def test_a_first_key_is_trusted_only_once_it_was_shown_and_confirmed(world: World, tmp_path: Path) -> None:
    await recorded(world)
    party = Party(tmp_path / "commune", ECLUSE_TOKEN=world.tokens[READER])
    init(party, "commune.example/temoin")
    async with served(world.app) as address:
        url = f"{address}/ledger/{CONVENTION}/{YEAR}"
        unknown = await party.run("witness", "run", url, "--once")
        assert (unknown.code, "pas suivi" in unknown.err) == (1, True)
        refused = await party.run("witness", "run", url, "--once", "--trust-first-key", typed="non\n")
        assert (refused.code, await vkey(world) in refused.err) == (1, True)
        accepted = await party.run("witness", "run", url, "--once", "--trust-first-key", typed="oui\n")
        assert "cosignature refusée" in accepted.err, "checked and kept, though no policy names this witness"
    assert len(open_witness(party.folder / "temoin").store.logs()) == 1


@asynccontextmanager
async def listening(party: Party, folder: str) -> AsyncIterator[str]:
    """A witness process that answers; its address."""
    process = await party.start("witness", "run", "--dir", folder, "--listen", "127.0.0.1:0")
    try:
        line = (await asyncio.wait_for(process.stderr.readline(), 30)).decode()
        port = re.search(r":(\d+)\.$", line.strip())[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        _, err = await asyncio.wait_for(process.communicate(), 30)
        assert b"Traceback" not in err, err.decode()


async def test_two_of_three_pushed_witnesses_make_an_act_witnessed_and_the_lost_tail_is_noticed(
    world: World, tmp_path: Path
) -> None:
    await recorded(world)
    key, operator = await vkey(world), operator_of(world, tmp_path)
    parties = {name: Party(tmp_path / name) for name in ("a", "b", "c")}
    made = {name: init(party, f"{name}.example/temoin", key) for name, party in parties.items()}
    async with listening(parties["a"], "temoin") as a, listening(parties["b"], "temoin") as b:
        urls = {"a": a, "b": b, "c": "http://127.0.0.1:9"}
        policy = "".join(f"{made[name]} {urls[name]}\n" for name in made)
        members = " ".join(f"{name}.example/temoin" for name in made)
        (tmp_path / "politique").write_text(f"{policy}group parties 2 {members}\nquorum parties\n")
        assert (await operator.run("ledger", "policy", CONVENTION, tmp_path / "politique")).code == 0
        exchange = await recorded(world)
        for _ in range(400):
            reached = await standing(world, exchange)
            if reached["status"] == "witnessed":
                break
            await asyncio.sleep(0.025)
        assert (reached["status"], len(reached["witnesses"]), reached["of"]) == ("witnessed", 2, 3)
        await require_push_protocol(world, a, key)
        await require_a_lost_end_noticed(world, operator, a, tmp_path)


async def require_push_protocol(world: World, address: str, key: str) -> None:
    """What a stranger gets from a listening witness."""
    async with httpx.AsyncClient(base_url=address) as client:
        assert (await client.post("/add-checkpoint", content=b"nonsense")).status_code == 400
        assert (await client.post("/add-checkpoint", content=b"x" * 2_000_000)).status_code == 413
        assert (await client.get("/add-checkpoint")).status_code == 405
        assert (await client.get("/autre")).status_code == 404
        note = await checkpoint(world)
        stale = await client.post("/add-checkpoint", content=encode_add_checkpoint(0, (), note))
        size = parse_checkpoint(split_note(note)[0]).size
        assert (stale.status_code, stale.text) == (409, f"{size}\n")
        assert stale.headers["content-type"] == "text/x.tlog.size"
        assert parse_vkey(key).name == f"ecluse.example/ledger/{CONVENTION}/{YEAR}"


async def require_a_lost_end_noticed(world: World, operator: Party, address: str, tmp_path: Path) -> None:
    """The witness gets a head that the database then loses: the server stops, and none starts until it is settled."""
    origin = f"{world.settings.host_name}/ledger/{CONVENTION}/{YEAR}"
    signer = load_log_signer(world.settings).signers(origin)[0]
    rows = await world.rows(
        "SELECT e.leaf_hash FROM event e JOIN log ON log.id = e.log WHERE origin = ? ORDER BY leaf_index", origin
    )
    held = [bytes(row[0]) for row in rows]
    leaves = [*held, leaf_hash(b"lost"), leaf_hash(b"lost too")]
    lost = sign_checkpoint(Checkpoint(origin, len(leaves), tree_root(leaves)), [signer])
    proof = consistency_proof(len(held), len(leaves), reader_of(leaves))
    async with httpx.AsyncClient(base_url=address) as client:
        body = encode_add_checkpoint(len(held), proof, lost)
        assert (await client.post("/add-checkpoint", content=body)).status_code == 200
    (tmp_path / "tete").write_bytes(lost)
    early = await operator.run("ledger", "reopen", CONVENTION, "--head", tmp_path / "tete")
    assert (early.code, "arrêtez" in early.err) == (2, True), "the server still runs"
    stopped = asyncio.Event()
    world.app.state.stop = stopped.set
    await recorded(world)
    await asyncio.wait_for(stopped.wait(), 10)
    assert "a.example/temoin" in world.app.state.failure
    refused = await operator.run("serve", "--port", "0")
    assert (refused.code, "ecluse ledger reopen" in refused.err) == (1, True), refused.err
    done = await operator.run("ledger", "reopen", CONVENTION, "--head", tmp_path / "tete")
    assert (done.code, f"{origin}-2" in done.out) == (0, True), done.err


async def test_a_lost_guard_and_a_lost_end_are_recovered_by_the_commands(database_url: str, tmp_path: Path) -> None:
    async with opened_world(tmp_path / "home", database_url) as world:
        world.gate.clock = system_clock
        await recorded(world, 2)
        operator = operator_of(world, tmp_path)
        receipt = await checkpoint(world)
        origin = f"{world.settings.host_name}/ledger/{CONVENTION}/{YEAR}"
        notes = [bytes(row[0]) for row in await world.rows("SELECT note FROM checkpoint")]
        settings, tokens = world.settings, world.tokens
    assert settings.guard_file.exists()
    settings.guard_file.unlink()
    refused = await operator.run("serve", "--port", "0")
    assert (refused.code, "ledger recover" in refused.err) == (1, True), refused.err
    alone = await operator.run("ledger", "recover")
    assert (alone.code, origin in alone.err) == (2, True), alone.err
    heads: list[str | Path] = []
    for number, note in enumerate([receipt, *notes]):
        (tmp_path / f"tete-{number}").write_bytes(note)
        heads += ["--head", tmp_path / f"tete-{number}"]
    done = await operator.run("ledger", "recover", *heads)
    assert (done.code, settings.guard_file.exists()) == (0, True), done.err
    signer = load_log_signer(settings).signers(origin)[0]
    head = parse_checkpoint(split_note(receipt)[0])
    lost = sign_checkpoint(Checkpoint(origin, head.size + 2, tree_root([leaf_hash(b"lost")])), [signer])
    (tmp_path / "perdue").write_bytes(lost)
    reopened = await operator.run("ledger", "reopen", CONVENTION, "--head", tmp_path / "perdue")
    assert (reopened.code, f"{origin}-2" in reopened.out) == (0, True), reopened.err
    app = create_app(settings)
    async with (
        running(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ecluse.example") as client,
    ):
        again = World(client, app, world.calendar, settings, tokens)
        again.gate.clock = system_clock
        await recorded(again)
        headers = {"Authorization": f"Bearer {tokens[READER]}"}
        served_keys = (await client.get(f"/ledger/{CONVENTION}/{YEAR}-2/keys", headers=headers)).json()
        derived = json.loads(served_keys["openings"][0]["facts"])["derived"]
        assert derived["previous"]["size"] == head.size + 2
