"""An export in somebody's hands: which record was changed since, who took it out, when; offline, against a kept key."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from registry.imports import Unreadable
from registry.imports.exported import is_export
from registry.imports.verification import verify_export
from registry.ledger.keys import parse_vkey
from registry.ledger.verify.anchor import Anchor
from server.home import load_log_signer
from tests.journeys.test_exports import _asked, _done, _file, _fill
from tests.registry.exports.samples import RECORD, exported, line, program
from tests.world import SGL, World

if TYPE_CHECKING:
    from pathlib import Path

MANAGER = (SGL, "records_manager")
EMBEDDING = ("json", "ods", "xlsx")
NOBODY = Anchor()


async def _exported(world: World, form: str, folder: Path, **asked: Any) -> Path:
    await _fill(world)
    path = await _asked(world, {"format": form} | asked)
    job = await _done(world, path)
    file = folder / job["name"]
    file.write_bytes(await _file(world, path))
    return file


def _recorder(world: World) -> Anchor:
    origin = world.gate.recorder.origin(SGL, 2023)
    return Anchor((parse_vkey(world.gate.recorder.signer(origin).vkey),))


def _kinds(file: Path, anchor: Anchor = NOBODY) -> list[str]:
    return [one.kind for one in verify_export(file, anchor).findings.kept]


def _replaced(file: Path, old: str, new: str) -> Path:
    """The file with a text changed everywhere but in its manifest, inside its archive when it is one."""
    changed = file.with_name(f"changed-{file.name}")
    if not zipfile.is_zipfile(file):
        text = file.read_text(encoding="utf-8")
        changed.write_text(text.replace(old, new, 1), encoding="utf-8")
        return changed
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(old.encode(), new.encode()))
    return changed


@pytest.mark.parametrize("form", ["json", "ods", "xlsx", "pdf", "csv", "jsonld", "madis-csv", "ciso-xlsx"])
async def test_an_export_is_verified_against_the_recorders_key(world: World, form: str, tmp_path: Path) -> None:
    file = await _exported(world, form, tmp_path)
    assert is_export(file)
    report = verify_export(file, _recorder(world))
    assert report.findings.kept == []
    assert report.fine
    assert report.agreeing == 3
    assert report.facts is not None
    assert (report.facts["party"], report.facts["on"], report.manifest["complete"]) == (SGL, "2023-03-01", True)
    assert not verify_export(file, NOBODY).fine, "what a file says of itself proves nothing"


@pytest.mark.parametrize("form", EMBEDDING)
async def test_a_changed_record_is_found(world: World, form: str, tmp_path: Path) -> None:
    file = await _exported(world, form, tmp_path)
    (found,) = verify_export(_replaced(file, "Activité numéro1", "Activité truquée"), _recorder(world)).findings.kept
    assert found.kind == "export-altered"
    assert "T-2023-002" in found.message


async def test_a_record_taken_away_or_added_is_found(world: World, tmp_path: Path) -> None:
    file = await _exported(world, "json", tmp_path)
    document = json.loads(file.read_text(encoding="utf-8"))
    (tmp_path / "less.json").write_text(json.dumps(document | {"records": document["records"][1:]}).replace(": ", ":"))
    more = json.loads(json.dumps(document["records"][0]))
    more["record"]["record_reference"] = "T-9999"
    (tmp_path / "more.json").write_text(json.dumps(document | {"records": [*document["records"], more]}))
    assert _kinds(tmp_path / "less.json") == ["export-missing"]
    assert _kinds(tmp_path / "more.json") == ["export-added"]


@pytest.mark.parametrize("key", ["as_of", "count", "complete", "exported_by", "records_sha256"])
async def test_a_manifest_that_says_otherwise_is_found(world: World, key: str, tmp_path: Path) -> None:
    file = await _exported(world, "json", tmp_path)
    document = json.loads(file.read_text(encoding="utf-8"))
    document["manifest"][key] = "autre"
    (tmp_path / "x.json").write_text(json.dumps(document))
    assert "export-record" in _kinds(tmp_path / "x.json")


async def test_a_record_and_its_fingerprint_changed_together_are_found(world: World, tmp_path: Path) -> None:
    from registry.exports.manifest import records_digest
    from registry.processing.normal import fingerprint

    file = await _exported(world, "json", tmp_path)
    document = json.loads(file.read_text(encoding="utf-8"))
    document["records"][0]["record"]["title"] = "Truqué"
    manifest = document["manifest"]
    manifest["records"][0] = f"{fingerprint(document['records'][0]['record'])} 1 confirmed T-2023-001"
    manifest["records_sha256"] = records_digest(manifest["records"])
    (tmp_path / "x.json").write_text(json.dumps(document))
    assert "export-record" in _kinds(tmp_path / "x.json")


@pytest.mark.parametrize("form", ["ods", "xlsx"])
async def test_a_changed_word_outside_the_records_is_found(world: World, form: str, tmp_path: Path) -> None:
    file = await _exported(world, form, tmp_path)
    found = verify_export(_replaced(file, "Confirmée", "Projet"), _recorder(world)).findings.kept
    assert {one.kind for one in found} == {"export-cell"}
    assert "2_-_Liste_des_traitements!J10" in [one.path for one in found]


_SHEET = '<table:table table:name="Note"><table:table-row><table:table-cell/></table:table-row></table:table>'


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("</office:spreadsheet>", f"{_SHEET}</office:spreadsheet>", "export-cell"),
        ("<text:p>Registre complet.", "<text:p>Registre de 2020.", "export-cell"),
        ('office:value-type="string"', 'office:value-type="string" table:formula="of:=1"', "export-formula"),
        ("<office:document-content ", "<!DOCTYPE x><office:document-content ", None),
    ],
)
async def test_a_spreadsheet_that_says_more_than_its_records_is_found(
    world: World, old: str, new: str, kind: str | None, tmp_path: Path
) -> None:
    file = _replaced(await _exported(world, "ods", tmp_path), old, new)
    if kind is None:
        with pytest.raises(Unreadable):
            verify_export(file, NOBODY)
    else:
        assert set(_kinds(file)) == {kind}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"status":"confirmed"', '"status":"archived"'),
        ('"register":{', '"register":{"note":1,'),
        ('"records":[', '"records":[{"kind":"autre"},'),
    ],
)
async def test_a_document_that_says_more_than_its_records_is_found(
    world: World, old: str, new: str, tmp_path: Path
) -> None:
    assert _kinds(_replaced(await _exported(world, "json", tmp_path), old, new)) == ["export-content"]


async def test_what_follows_the_manifest_is_found(world: World, tmp_path: Path) -> None:
    file = await _exported(world, "json", tmp_path)
    file.write_bytes(file.read_bytes().rstrip().removesuffix(b"}") + b',"register":{}}')
    assert _kinds(file) == ["export-content"]


@pytest.mark.parametrize("form", ["ods", "xlsx"])
async def test_an_export_saved_again_by_an_office_program_still_verifies(
    world: World, form: str, tmp_path: Path
) -> None:
    file = await _exported(world, form, tmp_path)
    again = tmp_path / "again"
    home = os.environ | {"HOME": str(tmp_path)}
    command = [program("soffice"), "--headless", "--convert-to", form, "--outdir", again, file]
    subprocess.run(command, env=home, check=True, capture_output=True)
    assert verify_export(again / file.name, _recorder(world)).fine


@pytest.mark.parametrize("form", EMBEDDING)
async def test_two_parties_may_have_used_the_same_reference(form: str, tmp_path: Path) -> None:
    """As a municipality and the one it succeeds to did."""
    lines = [line(1), line(1, RECORD | {"title": "De l'autre commune"})]
    file = tmp_path / f"registre.{form}"
    file.write_bytes((await exported(form, lines))[0])
    report = verify_export(file, NOBODY)
    assert (report.findings.kept, report.agreeing) == ([], 2)


async def test_a_record_given_twice_is_found(world: World, tmp_path: Path) -> None:
    file = await _exported(world, "json", tmp_path)
    document = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(document | {"records": [*document["records"], document["records"][0]]}))
    assert _kinds(file) == ["export-added"]


async def test_a_register_larger_than_an_import_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.imports.reading.SIZE", 100)
    file = tmp_path / "registre.json"
    file.write_bytes((await exported("json", [line(1)]))[0])
    assert verify_export(file, NOBODY).findings.kept == []


@pytest.mark.parametrize("entered", ["a b c", "", 5])
async def test_a_manifest_of_another_form_is_said_so(world: World, entered: object, tmp_path: Path) -> None:
    file = await _exported(world, "json", tmp_path)
    document = json.loads(file.read_text(encoding="utf-8"))
    document["manifest"]["records"] = [entered]
    file.write_text(json.dumps(document))
    assert "manifest-malformed" in _kinds(file)


async def test_a_signature_of_somebody_else_is_found(world: World, tmp_path: Path) -> None:
    from registry.ledger.keys import Signer

    file = await _exported(world, "json", tmp_path)
    origin = world.gate.recorder.origin(SGL, 2023)
    stranger = Anchor((parse_vkey(Signer.generate(f"{origin}/recorder").vkey),))
    assert _kinds(file, stranger) == ["record-unknown-key"]


def _log(world: World) -> Anchor:
    """What the party keeps: the log's key alone."""
    origin = world.gate.recorder.origin(SGL, 2023)
    return Anchor((load_log_signer(world.settings).signers(origin)[0].verifier,))


@pytest.mark.parametrize("form", ["json", "ods", "pdf", "csv"])
async def test_an_export_carries_its_own_proof(world: World, form: str, tmp_path: Path) -> None:
    file = await _exported(world, form, tmp_path)
    report = verify_export(file, _log(world))
    assert report.findings.kept == []
    assert report.fine
    assert report.head is not None


async def test_an_export_that_nobody_publishes_in_time_is_a_promise(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.gate.export_events._PATIENCE", 0.1)
    await world.stop_publishing()
    file = await _exported(world, "json", tmp_path)
    report = verify_export(file, _log(world))
    assert (report.findings.kept, report.fine, report.head) == ([], False, None)
    assert report.manifest["receipt"] is None
    assert verify_export(file, _recorder(world)).fine


async def test_the_receipt_beside_the_file_confirms_it(world: World, tmp_path: Path) -> None:
    file = await _exported(world, "ods", tmp_path)
    record = json.loads(verify_export(file, NOBODY).manifest["record"]["note"].split("\n", 1)[0])
    for _ in range(300):
        response = await world.call(MANAGER, "GET", f"/receipts/{record['object']}/1")
        if response.status_code == 200:
            break
        await asyncio.sleep(0.02)
    assert response.status_code == 200, response.text
    receipt = file.with_name(f"{file.name}.tlog-proof")
    receipt.write_bytes(response.content)
    keys = await world.client.get(
        f"/ledger/{SGL}/2023/keys", headers={"Authorization": f"Bearer {world.tokens[MANAGER]}"}
    )
    anchor = Anchor(tuple(parse_vkey(vkey) for vkey in keys.json()["log"]))
    assert verify_export(file, anchor).fine
    other = await _exported(world, "json", tmp_path)
    other.with_name(f"{other.name}.tlog-proof").write_bytes(response.content)
    assert _kinds(other, anchor) == ["export-receipt"]


async def test_a_public_and_a_large_export_are_verified_too(world: World, tmp_path: Path) -> None:
    for audience in ("public", "full"):
        file = await _exported(
            world, "ods", tmp_path, audience=audience, filter={"legal_basis": "public_interest_task"}
        )
        report = verify_export(file, _recorder(world))
        assert report.fine, report.findings.kept
        assert report.manifest["complete"] is False


def test_any_other_file_is_no_export(tmp_path: Path) -> None:
    for number, content in enumerate((b"", b"bonjour", b'{"a": 1}', b"PK\x03\x04", b"%PDF-1.7\n")):
        path = tmp_path / str(number)
        path.write_bytes(content)
        if is_export(path):
            with pytest.raises(Unreadable):
                verify_export(path, NOBODY)
    archive = tmp_path / "pack.zip"
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("manifest.json", "{}")
    assert not is_export(archive)
