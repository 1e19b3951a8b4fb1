"""Transfers on one screen, sorted and filtered by the address; the public list, page by page."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import TYPE_CHECKING

from server.pages import exchanges as exchanges_module
from server.pages import transfers as transfers_module
from tests.server.people.browsers import Browser, browser, entered
from tests.world import CAF, CONVENTION, OULLINS, SGL, World, request_document

if TYPE_CHECKING:
    import pytest

HOSTILE = "=HYPERLINK(1) <script>alert(1)</script> " + "interminable" * 30


def references(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/echanges/[^"]+">([^<]+)</a>', page)


async def walked(reader: Browser, path: str) -> list[list[str]]:
    """The references of each page of the list."""
    seen = []
    while path:
        seen.append(references(await reader.see(path)))
        found = re.search(r'<a href="([^"]+)" rel="next"', reader.page)
        path = found.group(1).replace("&amp;", "&") if found else ""
    return seen


async def test_transfers_are_sorted_filtered_paged_and_exported(people: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfers_module, "_LIMIT", 2)
    monkeypatch.setattr(transfers_module, "_BATCH", 2)
    people.calendar.day = date(2023, 3, 1)
    first = await people.approved(request_document(title=HOSTILE))
    people.calendar.day = date(2023, 3, 2)
    second = await people.active()
    people.calendar.day = date(2023, 3, 3)
    await people.approved()
    await people.prepared(first)
    for party in (CAF, SGL):
        await people.confirmed(first, party)
    await people.activate(first)
    await people.filed()
    reader = await entered(people, "audit@caf.example", CAF, "auditor")
    one, two, three = "EX-2023-001", "EX-2023-002", "EX-2023-003"
    for query, pages in (
        ("", [[three, two], [one]]),
        ("?sort=approved", [[one, two], [three]]),
        ("?sort=-activated", [[one, two]]),
        ("?sort=reference&state=active", [[one, two]]),
        ("?sort=-reference", [[three, two], [one]]),
        (f"?party={OULLINS}", [[]]),
        ("?since=2023-03-02&until=2023-03-02", [[two]]),
    ):
        assert await walked(reader, f"/transferts{query}") == pages, query
    await reader.see("/transferts?sort=approved")
    assert 'aria-sort="ascending"' in reader.page
    assert "<script>alert" not in reader.page
    fetched = await reader.get("/transferts.csv?sort=approved")
    lines = list(csv.reader(io.StringIO(fetched.text.removeprefix("\ufeff")), delimiter=";"))
    assert [line[0] for line in lines] == ["Échange", one, two, three]
    assert not lines[1][1].startswith("=")
    assert "controller@caf-rhone.example" in lines[1][7]
    assert second in await reader.see("/transferts?state=active")
    for query in ("sort=x", "state=x", "since=1", "cursor=a", "party=A B", "x=1", "cursor=999999999.1"):
        assert (await reader.get(f"/transferts?{query}")).status_code in {400, 404}, query
    stranger = await entered(people, "audit@oullins.example", OULLINS, "auditor")
    assert await walked(stranger, "/transferts") == [[]]
    committee = await entered(people, "comite@caf.example", CAF, "steering_committee")
    for path in ("/transferts", "/transferts.csv"):
        assert (await committee.get(path)).status_code == 403
        assert (await browser(people).get(path)).status_code == 303


async def test_the_public_list_is_read_page_by_page_by_anybody(people: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchanges_module, "_LIMIT", 1)
    for _ in range(2):
        await people.active()
    reader, seen, path = browser(people), [], f"/exchanges/{CONVENTION}"
    while path:
        await reader.see(path)
        seen += re.findall(r'<th scope="row">([^<]+)</th>', reader.page)
        found = re.search(r'<a href="([^"]+)" rel="next"', reader.page)
        path = found.group(1) if found else ""
    assert seen == ["EX-2023-001", "EX-2023-002"]
    await reader.see(f"/exchanges/{CONVENTION}?after=ZZ")
    assert "Il n'y a plus d'échange au-delà" in reader.text
    assert (await reader.get("/exchanges/nulle-part")).status_code == 404
