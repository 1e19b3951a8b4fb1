"""A register that leaves one installation and enters another: previewed, all or nothing, the same again."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

from registry.exports import FORMATS, write_export
from registry.gate.exporting import heading, holder, line_batches
from registry.processing.normal import normal
from registry.processing.selection import Selection
from tests.registry.exports.samples import RECORD
from tests.world import CAF, SGL, World

if TYPE_CHECKING:
    from collections.abc import Callable

MANAGER = (SGL, "records_manager")
BASE = f"/parties/{SGL}/register"


async def _export(world: World, form: str) -> bytes:
    day, selection = world.calendar.day, Selection()
    held = await world.gate.engine.read(lambda tx: holder(tx, SGL, day))
    lines = line_batches(world.gate.engine, held.scope, "controller", day, selection)
    file = io.BytesIO()
    await write_export(FORMATS[form], heading(held, "controller", day, selection, world.calendar(), None), lines, file)
    return file.getvalue()


async def _import(world: World, content: bytes, *, dry: bool = False, who: tuple[str, str] = MANAGER) -> Any:
    path = f"{BASE}/imports" + ("?dry_run=true" if dry else "")
    return await world.ok(who, "POST", path, files={"file": ("registre", content, "application/octet-stream")})


async def _fill(world: World) -> None:
    for number in range(3):
        record = RECORD | {"title": f"Activité n° {number}", "purposes": ["=1+1", "😀\nsuite"]}
        await world.ok(MANAGER, "POST", f"{BASE}/entries", {"record": record})


async def _records(world: World) -> list[Any]:
    items = (await world.ok(MANAGER, "GET", BASE))["items"]
    return [(item["reference"], normal(item["record"])) for item in items]


def _fiche(fill: Callable[[Any], None]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet("Fiche")
    sheet.write(2, 0, "Description du traitement")
    sheet.write(15, 0, "Finalité(s) du traitement effectué")
    fill(sheet)
    book.close()
    return file.getvalue()


@pytest.mark.parametrize("form", ["json", "ods", "xlsx"])
async def test_a_register_moves_to_another_installation_and_is_the_same(world: World, form: str) -> None:
    await _fill(world)
    before, content = await _records(world), await _export(world, form)
    unchanged = await _import(world, content)
    assert (unchanged["created"], unchanged["changed"], unchanged["unchanged"]) == ([], [], 3)
    assert await _export(world, form) == content, "importing what is there already changes nothing"

    async def empty(tx: Any) -> None:
        for table in ("register_version", "register_entry"):
            await tx.execute(f"DELETE FROM {table}")

    await world.gate.engine.transact(empty)
    preview = await _import(world, content, dry=True)
    assert [change["reference"] for change in preview["created"]] == ["T-2023-001", "T-2023-002", "T-2023-003"]
    assert await _records(world) == []
    done = await _import(world, content)
    assert (done["done"], len(done["created"])) == (True, 3)
    assert await _records(world) == before
    again = await _export(world, form)
    if form != "json":  # JSON also gives the identifiers of entries, which are the installation's own
        assert again == content
    else:
        assert [line["record"] for line in json.loads(again)["records"]] == [
            line["record"] for line in json.loads(content)["records"]
        ]
        first, second = (json.loads(export)["manifest"] | {"content_sha256": None} for export in (content, again))
        assert first == second
    made = await world.ok(MANAGER, "POST", f"{BASE}/entries", {"record": {"title": "Nouvelle"}})
    assert made["reference"] == "T-2023-004"


async def test_a_changed_cell_is_previewed_in_words_then_becomes_a_version(world: World) -> None:
    await _fill(world)
    (first, *_) = (await world.ok(MANAGER, "GET", BASE))["items"]

    def fill(sheet: Any) -> None:
        sheet.write_row(3, 0, ["Nom du traitement", "Activité renommée"])
        sheet.write_row(4, 0, ["N° / RÉF", first["reference"]])
        sheet.write_row(16, 0, ["Finalité principale", "Nourrir"])

    preview = await _import(world, _fiche(fill), dry=True)
    (change,) = preview["changed"]
    assert "Nom du traitement : « Activité n° 0 » devient « Activité renommée »." in change["changes"]
    assert not any("Base légale" in sentence for sentence in change["changes"]), "the template has no place for it"
    assert (await world.ok(MANAGER, "GET", BASE))["items"][0]["version"] == 1
    await _import(world, _fiche(fill))
    entry = await world.ok(MANAGER, "GET", f"{BASE}/entries/{first['entry']}")
    assert (entry["version"], entry["record"]["title"]) == (2, "Activité renommée")
    assert entry["record"]["supplement"] == RECORD["supplement"]
    versions = (await world.ok(MANAGER, "GET", f"{BASE}/entries/{first['entry']}/versions"))["items"]
    assert versions[1]["changes"] == change["changes"]


async def test_one_refused_cell_refuses_everything(world: World) -> None:
    def fill(sheet: Any) -> None:
        sheet.write_row(3, 0, ["Nom du traitement", "Cantine"])
        sheet.write_row(5, 0, ["Date de création du traitement", "hier"])

    events = await world.events()
    preview = await _import(world, _fiche(fill), dry=True)
    assert [point["place"] for point in preview["refused"]] == ["Fiche!B6"]
    files = {"file": ("registre.xlsx", _fiche(fill), "application/octet-stream")}
    problem = await world.refused(422, "invalid-document", MANAGER, "POST", f"{BASE}/imports", files=files)
    assert [error["pointer"] for error in problem["errors"]] == ["Fiche!B6"]
    assert await world.events() == events


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "\ud800"},
        {"purposes": "x"},
        {"supplement": [], "transfers": [1, None]},
        {"categories_of_personal_data": [{"category": ["health"]}]},
    ],
)
async def test_a_record_of_another_form_is_told_whether_its_entry_exists_or_not(world: World, wrong: Any) -> None:
    await _fill(world)
    for reference in ("T-2023-001", "A-1"):
        content = json.dumps({"records": [{"record": wrong | {"record_reference": reference}}]}).encode()
        preview = await _import(world, content, dry=True)
        assert preview["refused"]
        assert (preview["created"], preview["changed"]) == ([], [])


async def test_only_the_records_manager_imports_and_only_into_its_own_register(world: World) -> None:
    files = {"file": ("x", b'{"records": []}', "application/json")}
    path = f"{BASE}/imports"
    await world.refused(403, "forbidden", (SGL, "requester"), "POST", f"{path}?dry_run=true", files=files)
    await world.refused(403, "forbidden", (SGL, "requester"), "POST", path, files=files)
    await world.refused(404, "not-found", (CAF, "records_manager"), "POST", path, files=files)
    await world.refused(422, "unreadable-file", MANAGER, "POST", path, files={"file": ("x", b"bonjour", "text/plain")})
    await world.refused(422, "invalid-document", MANAGER, "POST", path, files={"autre": ("x", b"", "text/plain")})
    await world.refused(415, "unsupported-media-type", MANAGER, "POST", path, {})
    await world.refused(400, "invalid-parameter", MANAGER, "POST", f"{path}?dry_run=oui", files=files)


async def test_a_new_number_never_takes_one_that_the_file_gives(world: World) -> None:
    records = [{"title": "Sans numéro"}, {"title": "Avec", "record_reference": "T-2023-001"}]
    content = json.dumps({"records": [{"record": record} for record in records]}).encode()
    assert (await _import(world, content))["done"]
    found = {record["title"]: reference for reference, record in await _records(world)}
    assert found == {"Avec": "T-2023-001", "Sans numéro": "T-2023-002"}


async def test_a_number_stands_once_in_both_registers(world: World) -> None:
    lines = [{"kind": kind, "record": {"record_reference": "A-1"}} for kind in ("controller", "processor")]
    content = json.dumps({"records": lines}).encode()
    preview = await _import(world, content, dry=True)
    assert [point["place"] for point in preview["refused"]] == ["records/1"]


async def test_an_import_under_one_key_is_done_once(world: World) -> None:
    content = json.dumps({"records": [{"record": {"title": "Sans référence"}}]}).encode()
    for _ in range(2):
        done = await world.ok(
            MANAGER, "POST", f"{BASE}/imports", files={"file": ("x", content, "application/json")},
            headers={"Idempotency-Key": "une-fois"},
        )  # fmt: skip
        assert done["done"]
    assert [reference for reference, _ in await _records(world)] == ["T-2023-001"]
