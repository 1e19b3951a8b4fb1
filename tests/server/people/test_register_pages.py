"""The registers at a browser: read, completed by two people at once, confirmed one by one, imported and exported."""

from __future__ import annotations

import asyncio
import io
import json
import re
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from server.pages import register as register_module
from tests.server.people.browsers import Browser, browser, entered
from tests.server.people.controls import controls
from tests.world import CAF, SGL, World, request_document

if TYPE_CHECKING:
    import httpx
    import pytest

HOSTILE = "<script>alert(1)</script> & « la fiche » " + "très-long-" * 25
MANAGER = (CAF, "records_manager")


async def manager(world: World, party: str = CAF, name: str = "gestion") -> Browser:
    return await entered(world, f"{name}@{party}.example", party, "records_manager")


def plain(reader: Browser) -> str:
    return re.sub(r"\s+", " ", reader.text)


async def made(world: World, party: str = CAF, **record: Any) -> dict[str, Any]:
    path = f"/parties/{party}/register/entries"
    return await world.ok((party, "records_manager"), "POST", path, {"record": record})


async def upload(reader: Browser, path: str, name: str, content: bytes, **fields: str) -> httpx.Response:
    files = {"file": (name, content, "application/octet-stream")}
    sent = {"Accept": "text/html", "Origin": "http://ecluse.example", "Sec-Fetch-Site": "same-origin"}
    response = await reader.client.post(path, data={"_csrf": reader.csrf, **fields}, files=files, headers=sent)
    if response.text:
        reader.page = response.text
    return response


async def test_a_register_is_read_page_by_page_and_entry_by_entry(
    people: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_module, "_LIMIT", 2)
    exchange = await people.active()
    for number in range(3):
        await made(people, title=f"{HOSTILE}{number}")
    reader = await entered(people, "lecture@caf.example", CAF, "auditor")
    seen, path = [], "/registre"
    while path:
        await reader.see(path)
        seen += re.findall(r'class="reference">(T-[^<]+)<', reader.page)
        found = re.search(r'<a href="([^"]+)" rel="next"', reader.page)
        path = found.group(1).replace("&amp;", "&") if found else ""
    assert seen == ["T-2023-001", "T-2023-002", "T-2023-003", "T-2023-004"]
    assert "<script>alert" not in reader.page
    assert "Ajouter une fiche" not in reader.page
    for query, references in (
        ("incomplete=1", ["T-2023-002", "T-2023-003"]),
        ("status=draft", []),
        ("as_of=2023-02-28", []),
        ("q=quotient", ["T-2023-001"]),
        ("kind=processor", []),
    ):
        page = await reader.see(f"/registre?{query}")
        assert re.findall(r'class="reference">(T-[^<]+)<', page) == references, query
    await reader.see("/registre/completude")
    assert "3 fiches incomplètes sur 4" in plain(reader)
    assert "exigé par l'article 30(1)(b) du RGPD" in plain(reader)
    entry = (await people.read(exchange))["register_entries"][CAF]
    page = await reader.see(f"/registre/fiches/{entry}")
    assert "Les fiches concordent" in plain(reader)
    assert f'href="/echanges/{exchange}"' in page
    assert "Commune de Saint-Genis-Laval" in plain(reader)
    assert "Modifier cette fiche" not in page
    stranger = await manager(people, SGL)
    assert (await stranger.get(f"/registre/fiches/{entry}")).status_code == 404
    for path in ("/registre?status=x", "/registre?kind=x", "/registre?as_of=1", "/registre?cursor=a", "/registre?x=1"):
        assert (await reader.get(path)).status_code == 400, path


async def test_who_does_not_keep_the_register_changes_nothing_in_it(people: World) -> None:
    exchange = await people.approved()
    entry = (await people.read(exchange))["register_entries"][CAF]
    auditor = await entered(people, "audit@caf.example", CAF, "auditor")
    committee = await entered(people, "comite@caf.example", CAF, "steering_committee")
    before = await people.events()
    await auditor.see("/registre")
    for reader in (auditor, committee):
        for path in ("/registre/fiches/nouvelle", f"/registre/fiches/{entry}/modifier", "/registre/confirmations",
                     f"/registre/confirmations/{exchange}", "/registre/import"):  # fmt: skip
            assert (await reader.get(path)).status_code == 403, path
            fields = {"chosen": f"{exchange} {entry} 1", "read": "1", "version": "1", "entry": entry}
            refused = await reader.post(path, fields)
            assert refused.status_code in {200, 403}, path
    for path in ("/registre", "/registre/exports", "/registre/completude", f"/registre/fiches/{entry}"):
        assert (await committee.get(path)).status_code == 403, path
        asked = await browser(people).get(path)
        assert asked.headers["location"].startswith("/connexion"), path
    assert await people.events() == before


async def test_two_people_who_change_one_entry_both_keep_what_they_typed(people: World) -> None:
    entry = (await made(people, title="Premier", purposes=["Une finalité"]))["entry"]
    path = f"/registre/fiches/{entry}/modifier"
    one, other = await manager(people, name="une"), await manager(people, name="autre")
    forms = {reader.csrf: controls(await reader.see(path)).sent for reader in (one, other)}
    first, second = forms.values()
    for reader, sent in ((one, first), (other, second)):
        sent["_csrf"] = [reader.csrf]
    first["title"] = [HOSTILE]
    second["purposes"] = ["Une finalité\r\nUne autre"]
    assert (await one.post(path, first)).status_code == 303
    refused = await other.post(path, second)
    assert refused.status_code == 412
    assert "Nom du traitement : « Premier » devient" in plain(other)
    kept = controls(other.page).sent
    assert (kept["title"], kept["purposes"], kept["version"]) == (
        [HOSTILE.strip()], ["Une finalité\r\nUne autre"], ["2"],
    )  # fmt: skip
    await other.follow(await other.post(path, kept))
    stored = await people.ok(MANAGER, "GET", f"/parties/{CAF}/register/entries/{entry}")
    assert (stored["version"], stored["record"]["title"]) == (3, HOSTILE.strip())
    assert stored["record"]["purposes"] == ["Une finalité", "Une autre"]
    assert "ajout de « Une autre »" in plain(other)
    assert "<script>alert" not in other.page


async def test_an_entry_of_either_register_is_added_by_its_form(people: World) -> None:
    reader = await manager(people)
    path = "/registre/fiches/nouvelle?kind=processor"
    sent = controls(await reader.see(path)).sent
    sent |= {"title": ["Hébergement"], "_add": ["controllers"]}
    assert (await reader.post(path, sent)).status_code == 200
    sent = controls(reader.page).sent
    sent["controllers/0/name"] = ["Commune d'Oullins"]
    sent["created_on"] = ["demain"]
    assert (await reader.post(path, sent)).status_code == 422
    assert 'href="#created_on"' in reader.page
    sent = controls(reader.page).sent
    assert sent["title"] == ["Hébergement"]
    sent["created_on"] = ["01/03/2023"]
    await reader.follow(await reader.post(path, sent))
    entry = reader.client.cookies and re.search(r"/registre/fiches/([0-9a-f-]{36})/modifier", reader.page)
    assert entry
    stored = await people.ok(MANAGER, "GET", f"/parties/{CAF}/register/entries/{entry.group(1)}")
    assert (stored["kind"], stored["record"]["created_on"]) == ("processor", "2023-03-01")
    assert stored["record"]["controllers"] == [{"name": "Commune d'Oullins"}]
    sent["title"] = ["Suivi de 1 85 05 78 006 084 91"]
    assert (await reader.post(path, sent)).status_code == 422
    assert "ne reçoit jamais les données échangées" in reader.text


async def test_each_entry_of_a_bulk_confirmation_is_an_act_of_its_own(people: World) -> None:
    exchanges = [await people.approved(request_document(title=f"{HOSTILE} {n}")) for n in range(3)]
    reader = await manager(people)
    await reader.see("/registre/confirmations")
    chosen = re.findall(r'name="chosen" value="([^"]+)"', reader.page)
    assert [one.split()[0] for one in chosen] == exchanges
    assert (await reader.post("/registre/confirmations", {"read": "1"})).status_code == 422
    assert "Cochez au moins une fiche" in reader.text
    await people.confirmed(exchanges[0], CAF)
    before = await people.events()
    done = await reader.post("/registre/confirmations", {"chosen": chosen, "read": "1"})
    assert done.status_code == 200
    assert "2 confirmées, 1 non" in plain(reader)
    assert "Cette fiche est déjà confirmée pour cette version de l'échange." in reader.text
    assert await people.events() == before + 2
    for exchange in exchanges:
        file = await people.read(exchange)
        assert [c["party"] for c in file["register_confirmations"]] == [CAF]
    await reader.see("/registre/confirmations")
    assert "Rien n'attend votre confirmation" in reader.text


async def test_one_entry_is_confirmed_as_it_was_read_or_an_existing_one_in_its_place(people: World) -> None:
    drafted, existing = await people.approved(), await people.approved()
    entry = (await people.read(drafted))["register_entries"][CAF]
    reader = await manager(people)
    await reader.see(f"/registre/confirmations/{drafted}")
    stored = await people.ok(MANAGER, "GET", f"/parties/{CAF}/register/entries/{entry}")
    body = {"record": {**stored["record"], "title": "Changée entre-temps"}}
    await people.ok(MANAGER, "PUT", f"/parties/{CAF}/register/entries/{entry}", body, version=1)
    stale = await reader.post(f"/registre/confirmations/{drafted}", {"entry": entry, "version": "1"})
    assert stale.status_code == 412
    assert "La fiche a changé" in reader.text
    await reader.follow(await reader.post(f"/registre/confirmations/{drafted}", {"entry": entry, "version": "2"}))
    assert (await people.read(drafted))["register_confirmations"][0]["entry_version"] == 2
    await reader.see(f"/registre/confirmations/{existing}")
    wrong = await reader.post(f"/registre/confirmations/{existing}", {"reference": "T-1999-001"})
    assert wrong.status_code == 422
    assert 'href="#reference"' in reader.page
    reference = stored["reference"]
    await reader.follow(await reader.post(f"/registre/confirmations/{existing}", {"reference": reference}))
    assert (await people.read(existing))["register_confirmations"][0]["action"] == "updated"


async def test_a_file_is_imported_as_it_was_previewed_or_not_at_all(people: World) -> None:
    await made(people, title="Ancienne")
    lines = [{"kind": "controller", "record": {"title": f"Importée {n}"}} for n in range(2)]
    changed = {"kind": "controller", "record": {"record_reference": "T-2023-001", "title": HOSTILE}}
    content = json.dumps({"records": [*lines, changed]}).encode()
    reader = await manager(people)
    await reader.see("/registre/import")
    for bad, status in ((b"", 422), (b"%PDF-1.4", 422), (b'{"records": 3}', 422)):
        assert (await upload(reader, "/registre/import", "x.json", bad)).status_code == status
        assert 'href="#file"' in reader.page
    before = await people.events()
    sent = await upload(reader, "/registre/import", "registre.json", content)
    held = sent.headers["location"]
    await reader.follow(sent)
    assert "devient" in plain(reader)
    assert "<script>alert" not in reader.page
    digest = re.search(r'name="digest" value="([^"]+)"', reader.page)
    assert digest
    assert await people.events() == before
    other = await manager(people, name="voisin")
    assert (await other.get(held)).status_code == 404
    await people.ok(
        MANAGER, "PUT", f"/parties/{CAF}/register/entries/{await _entry(people)}",
        {"record": {"title": "Entre-temps"}}, version=1,
    )  # fmt: skip
    before = await people.events()
    assert (await reader.post(held, {"digest": digest.group(1)})).status_code == 409
    assert "Le registre a changé depuis votre lecture" in reader.text
    assert await people.events() == before
    again = re.search(r'name="digest" value="([^"]+)"', reader.page)
    assert again
    await reader.follow(await reader.post(held, {"digest": again.group(1)}))
    assert "2 fiches ajoutées, 1 fiche modifiée" in plain(reader)
    assert await people.events() == before + 3
    await reader.follow(await reader.post(held, {"digest": again.group(1)}))
    assert await people.events() == before + 3
    assert list((people.settings.home / "exports").iterdir()) == []
    refused = json.dumps({"records": [{"kind": "controller", "record": {"title": 3}}]}).encode()
    await reader.see("/registre/import")
    await reader.follow(await upload(reader, "/registre/import", "faux.json", refused))
    assert "Ce fichier ne peut pas être importé" in reader.text
    assert "records/0" in reader.text
    people.calendar.minutes += 61
    await people.app.state.jobs.sweep()
    assert list((people.settings.home / "exports").iterdir()) == []


async def _entry(world: World) -> str:
    found = await world.ok(MANAGER, "GET", f"/parties/{CAF}/register")
    return found["items"][0]["entry"]


async def test_an_export_is_asked_for_followed_fetched_and_given_up(people: World) -> None:
    await people.active()
    reader = await entered(people, "export@caf.example", CAF, "auditor")
    await reader.see("/registre/exports")
    for wrong in ({"format": "doc"}, {"format": "ciso-xlsx", "kind": "processor"}, {"as_of": "hier"}):
        fields = {"format": "json", "kind": "controller", "audience": "full", **wrong}
        assert (await reader.post("/registre/exports", fields)).status_code == 422, wrong
        assert f'href="#{list(wrong)[-1]}"' in reader.page
    asked = {"format": "csv", "kind": "controller", "audience": "public", "as_of": "", "status": "confirmed"}
    response = await reader.post("/registre/exports", asked)
    path = response.headers["location"]
    for _ in range(300):
        await reader.see(path)
        if "Le fichier est prêt" in reader.text:
            break
        await asyncio.sleep(0.05)
    link = re.search(r'href="(/api/v1/parties/[^"]+/file)"', reader.page)
    assert link
    fetched = await reader.client.get(link.group(1))
    assert {name.rpartition(".")[2] for name in zipfile.ZipFile(io.BytesIO(fetched.content)).namelist()} == {
        "csv",
        "json",
    }
    receipt = re.search(r'href="(/api/v1/receipts/[^"]+)"', reader.page)
    assert receipt
    assert (await reader.client.get(receipt.group(1))).status_code in {200, 202}
    await reader.follow(await reader.post(f"{path}/abandon"))
    assert "Le fichier a été supprimé" in reader.text
    assert (await reader.client.get(link.group(1))).status_code == 409
    stranger = await manager(people, SGL)
    assert (await stranger.get(path)).status_code == 404
    await reader.see("/registre/exports")
    assert "supprimé" in reader.text
    people.calendar.day += timedelta(days=2)
    assert (await reader.get(path)).status_code in {303, 404}
