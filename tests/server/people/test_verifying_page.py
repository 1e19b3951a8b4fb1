"""A file verified on a page: the same verdict as the offline command, for anybody, and nothing of it kept."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from registry.storage.rates import Limit
from server import verifying
from server.pages import verification
from tests.server.people.browsers import Browser, browser, entered
from tests.world import CAF, CONVENTION, World

if TYPE_CHECKING:
    import httpx


async def sent(reader: Browser, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
    parts = [("file", (name, content, "application/octet-stream")) for name, content in files]
    headers = {"Accept": "text/html", "Origin": "http://ecluse.example", "Sec-Fetch-Site": "same-origin"}
    data = {"_csrf": reader.csrf, **fields}
    response = await reader.client.post("/verification", data=data, files=parts, headers=headers)
    reader.page = response.text
    return response


def verdict(reader: Browser) -> str:
    found = re.search(r'<h2 id="verdict">([^<]+)</h2>', reader.page)
    return found.group(1) if found else ""


async def exported(world: World) -> bytes:
    who, base = (CAF, "auditor"), f"/parties/{CAF}/register/exports"
    job = await world.ok(who, "POST", base, {"format": "json"})
    for _ in range(300):
        if (await world.ok(who, "GET", f"{base}/{job['id']}"))["state"] == "done":
            break
        await asyncio.sleep(0.05)
    return (await world.call(who, "GET", f"{base}/{job['id']}/file")).content


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_each_kind_of_file_has_its_verdict(people: World) -> None:
    exchange = await people.active()
    register = await exported(people)
    await people.published()
    who = (CAF, "auditor")
    receipt = (await people.call(who, "GET", f"/receipts/{exchange}/1")).content
    pack = (await people.call(who, "GET", f"/requests/{exchange}/evidence")).content
    named = [
        await people.client.get(f"/ledger/{owner}/2023/keys", headers=_bearer(people)) for owner in (CONVENTION, CAF)
    ]
    found = [key for keys in named for key in re.findall(r'[^\s"]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+', keys.text)]
    kept = "\n".join(dict.fromkeys(found))
    reader = browser(people)
    await reader.see("/verification")
    assert (await sent(reader, ("acte.tlog-proof", receipt))).status_code == 200
    assert verdict(reader) == "Cohérent, mais comparé à rien"
    for name, content in (("registre.json", register), ("preuves.zip", pack)):
        await sent(reader, (name, content), keys=kept)
        assert verdict(reader) == "Vérifié", (name, reader.text)
        assert "la clé que vous avez donnée" in reader.text
    altered = json.loads(register)
    altered["records"][0]["record"]["title"] = "<script>alert(1)</script>"
    await sent(reader, ("registre.json", json.dumps(altered, ensure_ascii=False).encode()), keys=kept)
    assert verdict(reader) == "Vérification refusée"
    assert "n'est plus celle qui a été exportée" in reader.text
    assert "<script>alert" not in reader.page


def _bearer(world: World) -> dict[str, str]:
    return {"Authorization": f"Bearer {world.tokens[CAF, 'auditor']}"}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_what_cannot_be_verified_is_said_at_its_field(people: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(Path(tempfile.gettempdir()).glob("*/fichier*"))
    reader = await entered(people, "lecture@caf.example", CAF, "auditor")
    await reader.see("/verification")
    cases: list[tuple[list[tuple[str, bytes]], dict[str, str], str]] = [
        ([("x.ods", b"")], {}, "file"),
        ([("../../x.json", b'{"register": 1}')], {}, "file"),
        ([("a.json", b"{}"), ("b.json", b"{}")], {}, "file"),
        ([("a.tlog-proof", b"c2sp.org/tlog-proof@v1\n")], {"keys": "pas une clé"}, "keys"),
    ]
    for files, fields, name in cases:
        assert (await sent(reader, *files, **fields)).status_code == 422, (files, fields)
        assert f'href="#{name}"' in reader.page, (files, fields, reader.text)
        assert all(text in reader.page for text in fields.values())
    assert set(Path(tempfile.gettempdir()).glob("*/fichier*")) == before
    assert (await sent(browser(people), ("x.ods", b"rien"), _csrf="faux")).status_code == 403
    monkeypatch.setattr(verification, "VERIFICATIONS", Limit("one", 1, 600))
    assert [(await sent(reader, ("x.ods", b""))).status_code for _ in range(2)] == [422, 429]
    monkeypatch.setattr(verification, "VERIFICATIONS", Limit("another", 9, 1))
    taken: list[Any] = [verifying._room.acquire(blocking=False) for _ in range(verifying.AT_ONCE)]
    try:
        assert (await sent(reader, ("x.ods", b"rien"))).status_code == 429
    finally:
        for _ in taken:
            verifying._room.release()
