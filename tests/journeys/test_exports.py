"""Exports asked of the server: they run behind, tell how far they are, stop when asked, and leave their signed record."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import subprocess
import zipfile
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from registry.exports.manifest import records_digest
from registry.ledger.commitments import commit_facts
from registry.ledger.encoding import decode_base64
from server.jobs import Jobs, Progress, Stopped
from tests.registry.exports.samples import RECORD, program
from tests.world import CAF, SGL, World

if TYPE_CHECKING:
    from pathlib import Path

MANAGER = (SGL, "records_manager")
BASE = f"/parties/{SGL}/register"


async def _asked(world: World, body: dict[str, Any], who: tuple[str, str] = MANAGER) -> str:
    response = await world.call(who, "POST", f"{BASE}/exports", body)
    assert response.status_code == 202, response.text
    assert response.json()["state"] == "running"
    return response.headers["location"].removeprefix("/api/v1")


async def _done(world: World, path: str, who: tuple[str, str] = MANAGER) -> dict[str, Any]:
    for _ in range(600):
        job = await world.ok(who, "GET", path)
        if job["state"] != "running":
            return job
        await asyncio.sleep(0.02)
    raise AssertionError("the export does not end")


async def _file(world: World, path: str) -> bytes:
    response = await world.call(MANAGER, "GET", f"{path}/file")
    assert response.status_code == 200, response.text
    assert "attachment" in response.headers["content-disposition"]
    return response.content


async def _fill(world: World, number: int = 3) -> None:
    for n in range(number):
        await world.ok(MANAGER, "POST", f"{BASE}/entries", {"record": RECORD | {"title": f"Activité numéro{n}"}})


@pytest.mark.parametrize("form", ["ods", "xlsx", "csv", "json", "jsonld", "pdf", "ciso-xlsx", "madis-csv"])
async def test_every_format_is_made_behind_and_fetched(world: World, form: str) -> None:
    await _fill(world)
    path = await _asked(world, {"format": form})
    job = await _done(world, path)
    assert (job["state"], job["reason"], job["done"], job["total"]) == ("done", None, 3, 3)
    content = await _file(world, path)
    assert job["name"].startswith(f"registre-{SGL}-2023-03-01.")
    if form in {"csv", "jsonld", "ciso-xlsx", "madis-csv"}:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            (manifest,) = [json.loads(archive.read(n)) for n in archive.namelist() if n.endswith(".manifeste.json")]
            assert manifest["count"] == 3
            assert len(archive.namelist()) == 2


async def test_the_file_carries_the_signed_record_of_its_own_export(world: World) -> None:
    await _fill(world)
    before = await world.events()
    path = await _asked(world, {"format": "json", "filter": {"q": "numéro1"}})
    await _done(world, path)
    assert await world.events() == before + 1
    document = json.loads(await _file(world, path))
    manifest = document["manifest"]
    assert [line["record"]["title"] for line in document["records"]] == ["Activité numéro1"]
    assert (manifest["complete"], manifest["filter"]) == (False, {"q": "numéro1"})
    signed = manifest["record"]
    record = json.loads(signed["note"].split("\n", 1)[0])
    assert (record["type"], record["object"]) == ("export", path.rsplit("/", 1)[1])
    facts = signed["facts"]
    assert commit_facts(decode_base64(facts["salt"]), facts["text"].encode()) == record["commit"]
    told = json.loads(facts["text"])
    assert (told["act"], told["party"], told["on"]) == ("export", SGL, "2023-03-01")
    assert told["derived"]["records_sha256"] == manifest["records_sha256"] == records_digest(manifest["records"])
    assert told["derived"]["filters"] == ["q"]
    assert "numéro1" not in facts["text"], "what people typed is no fact"
    (row,) = await world.rows("SELECT record FROM event WHERE type = ?", "export")
    assert bytes(row[0]).decode() == signed["note"]


async def test_a_past_day_the_public_and_filters_are_exported(world: World) -> None:
    await _fill(world, 1)
    world.calendar.day = date(2023, 3, 10)
    await _fill(world, 1)
    counts = {}
    for name, asked in {
        "past": {"as_of": "2023-03-01"}, "whole": {}, "none": {"filter": {"legal_basis": "consent"}},
        "processor": {"kind": "processor"}, "public": {"audience": "public"},
    }.items():  # fmt: skip
        path = await _asked(world, {"format": "json"} | asked)
        assert (await _done(world, path))["state"] == "done"
        content = await _file(world, path)
        counts[name] = json.loads(content)["manifest"]["count"]
        if name == "public":
            assert b"AES-SECRET" not in content
    assert counts == {"past": 1, "whole": 2, "none": 0, "processor": 0, "public": 2}


async def test_what_cannot_be_exported_is_refused(world: World) -> None:
    path = f"{BASE}/exports"
    for body, pointer in (
        ({"format": "docx"}, "/format"), ({}, "/format"), ({"format": "csv", "as_of": "hier"}, "/as_of"),
        ({"format": "ciso-xlsx", "kind": "processor"}, "/kind"), ({"format": "csv", "filter": {"x": 1}}, "/filter/x"),
    ):  # fmt: skip
        problem = await world.refused(422, "invalid-document", MANAGER, "POST", path, body)
        assert [error["pointer"] for error in problem["errors"]] == [pointer]
    await world.refused(404, "not-found", (CAF, "dpo"), "POST", path, {"format": "csv"})
    await world.refused(403, "forbidden", (SGL, "administrator"), "POST", path, {"format": "csv"})


async def test_an_export_belongs_to_its_party_and_is_given_up(world: World) -> None:
    path = await _asked(world, {"format": "csv"})
    await _done(world, path)
    await world.refused(404, "not-found", (CAF, "dpo"), "GET", path)
    await world.refused(404, "not-found", (CAF, "dpo"), "GET", f"{path}/file")
    jobs: Jobs = world.app.state.jobs
    file = jobs.file_of(path.rsplit("/", 1)[1])
    assert file.is_file()
    assert (await world.ok(MANAGER, "DELETE", path))["state"] == "cancelled"
    assert not file.exists()
    await world.refused(409, "wrong-state", MANAGER, "GET", f"{path}/file")
    job = await world.ok(MANAGER, "GET", path)
    assert (job["state"], job["name"]) == ("cancelled", None)


async def test_a_running_export_is_stopped_and_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await _fill(world)
    reached, gone_on = asyncio.Event(), asyncio.Event()
    read = Progress.read

    def paused(self: Progress, lines: int) -> None:
        reached.set()
        for _ in range(1000):
            if self.stopped.is_set():
                break
        read(self, lines)

    async def held(self: Jobs, job: Any, *arguments: Any) -> Any:
        reached.set()
        await gone_on.wait()
        return await register(self, job, *arguments)

    register = Jobs._register
    monkeypatch.setattr(Jobs, "_register", held)
    monkeypatch.setattr(Progress, "read", paused)
    before = await world.events()
    path = await _asked(world, {"format": "json"})
    await reached.wait()
    await world.ok(MANAGER, "DELETE", path)
    gone_on.set()
    job = await _done(world, path)
    assert job["state"] == "cancelled"
    for _ in range(200):
        if not world.app.state.jobs._running:
            break
        await asyncio.sleep(0.01)
    assert list((world.settings.home / "exports").iterdir()) == []
    assert await world.events() == before, "nothing was exported: nothing is recorded"


async def test_a_file_is_kept_for_a_day(world: World) -> None:
    path = await _asked(world, {"format": "csv"})
    await _done(world, path)
    jobs: Jobs = world.app.state.jobs
    await jobs.sweep()
    assert jobs.file_of(path.rsplit("/", 1)[1]).is_file()
    torn = jobs.file_of(path.rsplit("/", 1)[1]).with_suffix(".part")
    torn.write_bytes(b"left by a server that died")
    world.calendar.day += timedelta(days=1)
    await world.refused(404, "not-found", MANAGER, "GET", path)
    await jobs.sweep()
    assert not jobs.file_of(path.rsplit("/", 1)[1]).exists()
    assert not torn.exists()
    assert await world.rows("SELECT id FROM job") == []


async def test_an_export_whose_server_died_says_so(world: World) -> None:
    path = await _asked(world, {"format": "csv"})
    await _done(world, path)

    async def work(tx: Any) -> None:
        await tx.execute("UPDATE job SET state = 'running', beat_at = '2023-02-28T00:00:00.000Z'")

    await world.gate.engine.transact(work)
    job = await world.ok(MANAGER, "GET", path)
    assert (job["state"], "interrompu" in job["reason"]) == ("failed", True)


async def test_a_failed_export_says_why_in_words(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.exports.pdf.processes.MEMORY", 50 << 20)
    path = await _asked(world, {"format": "pdf"})
    job = await _done(world, path)
    assert job["state"] == "failed"
    assert "PDF" in job["reason"]


async def test_a_party_has_only_so_many_exports_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Jobs, "start", lambda *_: None)
    for _ in range(4):
        await _asked(world, {"format": "csv"})
    await world.refused(409, "too-many-exports", MANAGER, "POST", f"{BASE}/exports", {"format": "csv"})


async def test_the_inspector_sees_every_approved_exchange_and_its_holes(world: World) -> None:
    active = await world.active()
    world.calendar.day = date(2023, 4, 1)
    await world.approved()
    await world.create()
    path = f"/parties/{SGL}/inspection"
    lines = (await world.ok((SGL, "auditor"), "GET", path))["items"]
    assert [line["state"] for line in lines] == ["Active", "Approuvée"]
    first, second = lines
    assert first["reference"] == (await world.read(active))["reference"]
    assert first["holder_record"] == "T-2023-001, version 1, 01/03/2023"
    assert first["opinion"] == "Favorable, 01/03/2023"
    assert "article_14_notice.txt" in first["notice"]
    assert first["holes"] == []
    assert (first["last_review"], first["last_purge"]) == (
        "Première revue prévue le 01/03/2024", "Sans objet : accès sans copie",
    )  # fmt: skip
    assert {"Fiche du détenteur", "Fiche du demandeur", "Mention d'information", "Personnes habilitées"} <= set(
        second["holes"]
    )
    before = (await world.ok((SGL, "auditor"), "GET", f"{path}?as_of=2023-03-31"))["items"]
    assert [line["reference"] for line in before] == [first["reference"]]
    assert (await world.ok((SGL, "auditor"), "GET", f"{path}?as_of=2023-02-28"))["items"] == []
    await world.refused(404, "not-found", (CAF, "auditor"), "GET", path)
    await world.refused(403, "forbidden", (SGL, "steering_committee"), "GET", path)


async def test_the_pack_holds_the_pieces_of_every_exchange(world: World, tmp_path: Path) -> None:
    active = await world.active()
    reference = (await world.read(active))["reference"]
    path = await _asked(world, {"format": "inspection"}, (SGL, "auditor"))
    job = await _done(world, path)
    assert (job["state"], job["reason"], job["done"], job["total"]) == ("done", None, 1, 1)
    with zipfile.ZipFile(io.BytesIO(await _file(world, path))) as archive:
        names = set(archive.namelist())
        assert {"inspection.csv", "inspection.json"} <= names
        assert {f"{reference}/{name}.pdf" for name in ("request", "opinion", "decision", "fiche")} <= names
        (tmp_path / "fiche.pdf").write_bytes(archive.read(f"{reference}/fiche.pdf"))
        (piece,) = [name for name in names if "/pieces/" in name]
        assert archive.read(piece) == "Pièce article_14_notice.".encode()
        assert archive.read(f"{reference}/opinion.pdf").startswith(b"%PDF")
        rows = list(
            csv.reader(io.StringIO(archive.read("inspection.csv").decode("utf-8-sig"), newline=""), delimiter=";")
        )
    assert rows[1][rows[0].index("Dernière purge")] == "Sans objet : accès sans copie"
    told = subprocess.run(
        [program("pdftotext"), tmp_path / "fiche.pdf", "-"], capture_output=True, text=True, check=True
    )
    assert "T-2023-001" in told.stdout
    assert "Quotient familial" in told.stdout


def test_a_stopped_step_raises() -> None:
    progress = Progress(total=2)
    progress.read(5)
    assert progress.done == 2
    progress.stopped.set()
    with pytest.raises(Stopped):
        progress.step()
