"""The exchanged data never enter: refused at every entry, with a place and a mask, and written nowhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.test_cli import ecluse
from tests.world import CAF, CONVENTION, SGL, reference, request_document

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import World

NIR = "184127645108946"
SAID = f"Voir le dossier {NIR} de la famille."
PEOPLE = "DUPONT Marie 12/03/1984\nMARTIN Paul 01/02/1990\nDURAND Zoé 30/11/2001"
REQUESTER = (SGL, "requester")

BODIES = [
    ("POST", "filing", REQUESTER, {"urgency_reason": SAID}, "/urgency_reason"),
    ("POST", "admission", (CAF, "business_referent"), {"outcome": "inadmissible", "reasons": SAID}, "/reasons"),
    ("POST", "information-requests", (CAF, "dpo"), {"items": ["Bonjour", SAID]}, "/items/1"),
    ("PUT", "study/opportunity", (CAF, "business_referent"), {"conclusion": "favourable", "text": SAID}, "/text"),
    ("POST", "opinion", (CAF, "dpo"), {"value": "favourable", "text": SAID}, "/text"),
    ("POST", "decision", (CAF, "controller"), {"value": "refused", "reasons": SAID}, "/reasons"),
    ("POST", "findings/SEC-01/override", (CAF, "controller"), {"reasons": SAID}, "/reasons"),
    ("POST", "withdrawal", REQUESTER, {"reasons": SAID}, "/reasons"),
    ("POST", "activation", REQUESTER, {"authorised_users": [SAID]}, "/authorised_users/0"),
]


async def _refused(world: World, who: tuple[str, str], method: str, path: str, body: Any, pointer: str) -> None:
    problem = await world.refused(422, "exchanged-data", who, method, path, body, version=1)
    assert pointer in {error["pointer"] for error in problem["errors"]}
    shown = json.dumps(problem, ensure_ascii=False)
    assert NIR[3:] not in shown
    assert "Marie" not in shown
    assert "1 84 ●● …" in shown or "D●●●●● M●●●●" in shown


@pytest.mark.parametrize(("method", "path", "who", "body", "pointer"), BODIES, ids=[b[1] for b in BODIES])
async def test_an_act_that_brings_a_number_is_refused_and_changes_nothing(
    world: World, method: str, path: str, who: tuple[str, str], body: Any, pointer: str
) -> None:
    request_id = await world.create()
    before = await world.events()
    await _refused(world, who, method, f"/requests/{request_id}/{path}", body, pointer)
    assert await world.events() == before


async def test_drafts_records_and_acts_of_a_convention_are_read_too(world: World) -> None:
    created = f"/conventions/{CONVENTION}/requests"
    document = request_document(title=f"Dossier 1 84 12 76 451 089 {NIR[-2:]}")
    await _refused(world, REQUESTER, "POST", created, document, "/title")
    document = request_document()
    document["purposes"]["main"] = PEOPLE
    await _refused(world, REQUESTER, "POST", created, document, "/purposes/main")
    request_id = await world.create()
    await _refused(world, REQUESTER, "PUT", f"/requests/{request_id}/document", document, "/purposes/main")

    record = {"record": {"title": "Cantine", "purposes": [PEOPLE]}}
    entries = f"/parties/{SGL}/register/entries"
    await _refused(world, (SGL, "records_manager"), "POST", entries, record, "/record/purposes/0")
    amendment = {"reference": "A-1", "signed_on": "2023-01-01", "description": SAID}
    path = f"/conventions/{CONVENTION}/amendments"
    await _refused(world, (CAF, "secretariat"), "POST", path, amendment, "/description")
    body = {"messages": {"LIC-05": SAID}}
    await _refused(world, (CAF, "dpo"), "POST", f"/conventions/{CONVENTION}/checks", body, "/messages/LIC-05")


async def test_a_piece_that_holds_persons_is_refused_by_content_and_by_name(world: World) -> None:
    request_id = await world.create()
    path, data = f"/requests/{request_id}/attachments", {"kind": "dpia", "dated_on": "2023-03-01"}
    for name, content in (("liste.csv", PEOPLE.replace(" ", ";")), ("note.txt", SAID), (f"{NIR}.txt", "rien")):
        files = {"file": (name, content.encode(), "text/plain")}
        problem = await world.refused(422, "exchanged-data", REQUESTER, "POST", path, data=data, files=files)
        assert NIR[3:] not in json.dumps(problem, ensure_ascii=False)
    assert await world.rows("SELECT * FROM attachment") == []


async def test_nothing_of_it_is_written_anywhere(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    request_id = await world.create()
    body = {"value": "favourable", "text": SAID + "\n" + PEOPLE}
    await world.refused(422, "exchanged-data", (CAF, "dpo"), "POST", f"/requests/{request_id}/opinion", body, version=1)
    written = "".join(capfd.readouterr())
    assert NIR not in written
    assert "Marie" not in written


def test_a_convention_file_that_names_persons_is_not_installed(tmp_path: Path) -> None:
    convention = tmp_path / "convention.json"
    convention.write_text(json.dumps(reference("convention") | {"territory": SAID}), encoding="utf-8")
    done = ecluse("init", convention, home=tmp_path / "home")
    assert done.returncode == 2
    assert "/territory" in done.stderr
    assert NIR not in done.stderr
    assert not (tmp_path / "home").exists()
