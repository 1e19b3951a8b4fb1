"""The inspector's screen and the pack of pieces, from a browser: who sees them, holes in words, a pack made and given up."""

import asyncio
import csv
import io
import re
import zipfile
from datetime import date
from typing import Any

import pytest

from server.jobs import Jobs
from tests.server.people.browsers import Browser, entered
from tests.world import CAF, SGL, World, email


async def _auditor(world: World, party: str = SGL) -> Browser:
    return await entered(world, email(party, "auditor"), party, "auditor")


def _rows(opened: Browser) -> list[list[str]]:
    """The table's cells as read."""
    table = re.search(r"<tbody>(.*)</tbody>", opened.page, re.DOTALL)
    assert table
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", table.group(1), re.DOTALL)
    ]  # fmt: skip


async def _settled(opened: Browser, path: str) -> str:
    for _ in range(600):
        await opened.see(path)
        if "En préparation" not in opened.text:
            return opened.text
        await asyncio.sleep(0.02)
    raise AssertionError("the pack does not end")


async def _asked(opened: Browser, day: str = "2023-03-01") -> str:
    response = await opened.post("/inspection/pieces", {"as_of": day})
    assert response.status_code == 303, opened.text
    return response.headers["location"]


async def test_the_auditor_reads_each_approved_exchange_and_its_holes_in_words(people: World) -> None:
    active = await people.active()
    people.calendar.day = date(2023, 4, 1)
    bare = await people.approved()
    await people.create()
    opened = await _auditor(people)
    await opened.see("/")
    assert 'href="/inspection"' in opened.page
    await opened.see("/inspection")
    references = [(await people.read(one))["reference"] for one in (active, bare)]
    rows = _rows(opened)
    assert rows[0][0] == references[0]
    assert rows[1][0].startswith(references[1])
    assert "T-2023-001, version 1, 01/03/2023" in rows[0][6]
    assert rows[0][8] == "article_14_notice.txt (01/03/2023)"
    assert rows[0][-3:] == ["Première revue prévue le 01/03/2024", "Sans objet : accès sans copie", "Active"]
    assert rows[1][6:9] == ["Manque", "Manque", "Manque"]
    assert "2 échanges approuvés" in opened.text


async def test_the_form_shows_a_past_day(people: World) -> None:
    await people.active()
    people.calendar.day = date(2023, 4, 1)
    await people.approved()
    opened = await _auditor(people)
    await opened.see("/inspection?as_of=2023-03-31")
    assert "situation au 31 mars 2023" in opened.text
    assert len(_rows(opened)) == 1
    await opened.see("/inspection?as_of=2023-02-28")
    assert "Aucun échange n'était approuvé à cette date." in opened.text
    await opened.see("/inspection?as_of=")
    assert len(_rows(opened)) == 2
    response = await opened.get("/inspection?as_of=hier")
    assert response.status_code == 422
    assert "Indiquez une date (jour, mois, année)." in opened.text
    assert len(_rows(opened)) == 2


async def test_a_column_sorts_both_ways_with_its_holes_first(people: World) -> None:
    people.calendar.day = date(2023, 3, 20)
    active = (await people.read(await people.active()))["reference"]
    people.calendar.day = date(2023, 4, 1)
    bare = (await people.read(await people.approved()))["reference"]
    opened = await _auditor(people)
    seen = {}
    for sort in ("notice", "-notice", "decision", "-decision", "holes"):
        await opened.see(f"/inspection?sort={sort}")
        seen[sort] = [row[0].split()[0] for row in _rows(opened)]
    assert seen == {
        "notice": [bare, active], "-notice": [active, bare], "decision": [active, bare], "-decision": [bare, active],
        "holes": [active, bare],
    }  # fmt: skip
    await opened.see("/inspection?sort=-decision")
    assert re.search(r'class="col-decision" aria-sort="descending"><a href="[^"]*sort=decision"', opened.page)


async def test_only_those_who_read_files_see_the_screen(people: World) -> None:
    await people.active()
    opened = await entered(people, email(SGL, "administrator"), SGL, "administrator")
    await opened.see("/")
    assert 'href="/inspection"' not in opened.page
    assert (await opened.get("/inspection")).status_code == 403
    before = await people.rows("SELECT id FROM job")
    await opened.see("/compte")
    assert (await opened.post("/inspection/pieces", {"as_of": "2023-03-01"})).status_code == 403
    assert await people.rows("SELECT id FROM job") == before
    other = await _auditor(people, "saint-fons")
    await other.see("/inspection")
    assert "Aucun échange n'était approuvé à cette date." in other.text


async def test_the_data_are_one_click_away(people: World) -> None:
    await people.active()
    opened = await _auditor(people)
    await opened.see("/inspection")
    table, document = re.findall(r'href="(/api/v1/[^"]*inspection[^"]*)"', opened.page)
    response = await opened.get(table)
    assert response.headers["content-disposition"] == f'attachment; filename="inspection-{SGL}-2023-03-01.csv"'
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[0][0] == "Échange"
    assert rows[1][rows[0].index("Dernière purge")] == "Sans objet : accès sans copie"
    (line,) = (await opened.get(document)).json()["items"]
    assert line["reference"] == rows[1][0]
    assert line["last_purge"] == "Sans objet : accès sans copie"


async def test_a_pack_is_made_behind_and_downloaded(people: World) -> None:
    reference = (await people.read(await people.active()))["reference"]
    opened = await _auditor(people)
    await opened.see("/inspection")
    path = await _asked(opened)
    assert "L'archive est prête" in await _settled(opened, path)
    found = re.search(r'href="(/api/v1/[^"]*/file)"', opened.page)
    assert found
    response = await opened.get(found.group(1))
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert {"inspection.csv", "inspection.json", f"{reference}/opinion.pdf"} <= set(archive.namelist())
    assert await people.rows("SELECT done, total, state FROM job") == [(1, 1, "done")]
    for who in (await _auditor(people, CAF), await entered(people, email(SGL, "administrator"), SGL, "administrator")):
        assert (await who.get(path)).status_code in {403, 404}
    await opened.follow(await opened.post(f"{path}/abandon"))
    assert "L'archive a été supprimée." in opened.text
    assert not people.app.state.jobs.file_of(path.rsplit("/", 1)[1]).exists()


async def test_a_running_pack_is_followed_and_stopped(people: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await people.active()
    gone_on = asyncio.Event()

    async def held(self: Jobs, *arguments: Any) -> Any:
        await gone_on.wait()
        return await pack(self, *arguments)

    pack = Jobs._pack
    monkeypatch.setattr(Jobs, "_pack", held)
    opened = await _auditor(people)
    await opened.see("/inspection")
    path = await _asked(opened)
    await opened.see(path)
    assert "En préparation" in opened.text
    assert f'href="{path}">Actualiser' in opened.page
    await opened.follow(await opened.post(f"{path}/abandon"))
    assert "La préparation de l'archive a été arrêtée." in opened.text
    gone_on.set()
    for _ in range(200):
        if not people.app.state.jobs._running:
            break
        await asyncio.sleep(0.01)
    assert list((people.settings.home / "exports").iterdir()) == []
    assert await people.rows("SELECT state FROM job") == [("cancelled",)]


async def test_a_pack_too_many_is_refused_on_the_screen(people: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await people.active()
    monkeypatch.setattr(Jobs, "start", lambda *_: None)
    opened = await _auditor(people)
    await opened.see("/inspection")
    for _ in range(4):
        await _asked(opened)
    response = await opened.post("/inspection/pieces", {"as_of": "2023-03-01"})
    assert response.status_code == 409
    assert "4 exports de votre partie sont déjà en cours" in opened.text
    assert len(_rows(opened)) == 1


async def test_another_kind_of_export_is_no_pack(people: World) -> None:
    opened = await _auditor(people)
    body = {"format": "csv"}
    asked = await people.ok((SGL, "records_manager"), "POST", f"/parties/{SGL}/register/exports", body)
    assert (await opened.get(f"/inspection/pieces/{asked['id']}")).status_code == 404
    assert (await opened.get("/inspection/pieces/quelconque")).status_code == 404


async def test_a_form_without_its_token_asks_for_nothing(people: World) -> None:
    await people.active()
    opened = await _auditor(people)
    await opened.see("/inspection")
    response = await opened.post("/inspection/pieces", {"as_of": "2023-03-01", "_csrf": "faux"})
    assert response.status_code == 403
    assert await people.rows("SELECT id FROM job") == []
