"""`ecluse erase` and `ecluse verify --database`, as an operator types them."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from registry.clock import clock_on
from registry.storage.engines import engine_for
from registry.storage.migrations import migrate
from tests.server.test_cli import ecluse
from tests.tampering import Intruder
from tests.world import CAF, SGL, World, email, opened_world

WHY = (
    "--legal-basis", "article_17_1_d", "--reason", "exchanged_data_entered", "--dpo-informed-on", "2023-03-01",
)  # fmt: skip


Run = Callable[..., Awaitable[subprocess.CompletedProcess[str]]]


@pytest.fixture
def run(world: World) -> Run:
    """Run a command on the world's installation, whose clock becomes the command's: the next day, the hour that it is
    (the same day's could be earlier than what is recorded already).

    Beside the loop, so that the application goes on: a transaction of its own that stood still would hold up cleaning.
    """
    world.calendar.day += timedelta(days=1)
    world.gate.clock = clock_on(world.calendar.day)

    async def running(*arguments: str) -> subprocess.CompletedProcess[str]:
        home = world.settings.home
        variables = {"ECLUSE_TODAY": world.calendar.day.isoformat(), "ECLUSE_HOST_NAME": "ecluse.example"}
        return await asyncio.to_thread(ecluse, *arguments, home=home, url=world.settings.database_url, **variables)

    return running


async def test_an_exchange_is_erased_its_files_cleaned_and_the_database_verified(world: World, run: Run) -> None:
    request_id = await world.active()
    entries = (await world.read(request_id))["register_entries"]
    done = await run("erase", "--request", request_id, "--party", SGL, *WHY)
    assert done.returncode == 0, done.stderr
    assert "effacement enregistré" in done.stdout
    assert "nettoyés" in done.stdout
    assert all(entry in done.stdout for entry in entries.values())
    file = await world.read(request_id)
    assert file["request"]["title"] == "effacé"
    assert file["erasures"][0]["erased_by"] == "ecluse"
    assert "déjà" in (await run("erase", "--request", request_id, "--party", SGL, *WHY)).stdout
    assert (await run("erase", "--entry", entries[CAF], "--party", CAF, *WHY)).returncode == 0
    assert (await run("erase", "--account", email(SGL, "requester"), *WHY)).returncode == 0
    assert "Aucun compte" in (await run("erase", "--account", email(SGL, "requester"), *WHY)).stdout
    assert (await run("erase", "--finish")).returncode == 0
    await world.published()
    verified = await run("verify", "--database", "--json")
    told = json.loads(verified.stdout)
    assert (verified.returncode, told["fine"], told["findings"]) == (0, True, [])
    assert told["erased"] > 5


async def test_what_was_changed_is_said_with_exit_code_1(world: World, run: Run) -> None:
    request_id = await world.filed()
    await world.published()
    assert "exactement" in (await run("verify", "--database")).stdout
    await world.stop_publishing()
    async with Intruder(world.settings.database_url) as other:
        row = (await other.rows("exchange"))[0]
        await other.change("exchange", row, {"reference": "EX-0000-000"})
    done = await run("verify", "--database")
    assert done.returncode == 1
    assert f"✗ exchange [{request_id}] : La colonne « reference »" in done.stdout


async def test_wrong_usage_is_one_sentence_and_erases_nothing(world: World, run: Run) -> None:
    request_id = await world.filed()
    for arguments in (
        ("erase",), ("erase", "--request", request_id, *WHY), ("erase", "--request", request_id, "--party", SGL),
        ("erase", "--request", request_id, "--entry", request_id, "--party", SGL, *WHY),
        ("erase", "--request", request_id, "--party", "nulle-part", *WHY),
        ("erase", "--request", request_id, "--party", "oullins", *WHY),
        ("erase", "--request", request_id, "--party", SGL, "--revision", "77", *WHY),
        ("verify",), ("verify", "--database", "x.zip"), ("verify", "--database", "--key", "x"),
    ):  # fmt: skip
        done = await run(*arguments)
        assert done.returncode == 2, arguments
        assert done.stderr
        assert "Traceback" not in done.stderr
    assert (await world.read(request_id))["request"]["title"] != "effacé"


async def test_an_older_database_is_brought_up_to_date_with_its_projections(database_url: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with opened_world(home, database_url) as world:
        await world.active()
        await world.published()
    engine = engine_for(database_url)
    await engine.open()
    await migrate(engine, "ecluse_2026_11_24_0007_unsampled")
    await engine.close()
    options = {"home": home, "url": database_url, "ECLUSE_HOST_NAME": "ecluse.example"}
    done = await asyncio.to_thread(ecluse, "migrate", **options)
    assert "0010_search" in done.stdout, done.stderr
    verified = await asyncio.to_thread(ecluse, "verify", "--database", **options)
    assert "exactement" in verified.stdout, verified.stdout
