"""The dashboard: aggregates alone, the same as the API's, for those who may see them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from registry.indicators.board import STAGES
from schemas import enumeration
from tests.server.people.browsers import browser, entered
from tests.world import CAF, CONVENTION, OULLINS, SGL, World, request_document

PATH = f"/conventions/{CONVENTION}/indicators"


def lines(board: dict[str, Any], table: str) -> dict[str, Any]:
    found = next(one for one in board["tables"] if one["id"] == table)
    return {line["id"]: line["count"] for line in found["lines"]}


async def test_small_counts_are_kept_back_and_the_others_are_exact(people: World) -> None:
    for _ in range(5):
        await people.filed(request_document(convention_field="housing"))
    people.calendar.day = date(2024, 2, 1)
    for _ in range(6):
        await people.filed(request_document(convention_field="housing"))
    for _ in range(2):
        await people.filed(request_document(convention_field="youth"))
    await people.create()
    who = (CAF, "steering_committee")
    whole = await people.ok(who, "GET", PATH)
    assert (whole["total"], whole["years"], whole["threshold"]) == (13, [2023, 2024], 5)
    assert lines(whole, "holder")[CAF] == 13
    assert lines(whole, "state")["in_progress"] == 13
    assert lines(whole, "field")["youth"] is None
    assert [count for count in lines(whole, "field").values() if count is None] == [None, None]
    year = await people.ok(who, "GET", f"{PATH}?year=2024")
    assert (year["total"], lines(year, "field")["youth"], lines(year, "field")["housing"]) == (8, None, None)
    assert lines(await people.ok(who, "GET", f"{PATH}?year=2023"), "field")["housing"] == 5
    reader = await entered(people, "comite@caf.example", CAF, "steering_committee")
    await reader.see("/tableau-de-bord?year=2024")
    assert re.search(r"<strong>8</strong>\s+demandes déposées en 2024", reader.page)
    assert '<abbr class="kept"' in reader.page
    assert "EX-2024" not in reader.page
    assert (await reader.get("/tableau-de-bord?year=1999")).status_code == 404
    assert (await reader.get("/tableau-de-bord?year=x")).status_code == 400


async def test_recommendations_delays_and_registers_are_counted_as_they_stand(people: World) -> None:
    advice = {"number": 1, "text": "Relire les droits.", "prior": False, "owner": SGL, "due_on": "2023-03-20"}
    body = {"value": "favourable_with_recommendations", "text": "Favorable.", "recommendations": [advice]}
    for _ in range(5):
        exchange = await people.under_study()
        people.calendar.day = date(2023, 3, 8)
        await people.studied(exchange)
        await people.opinion(exchange, body)
        await people.decided(exchange)
        people.calendar.day = date(2023, 3, 1)
    who = (OULLINS, "secretariat")
    found = await people.ok(who, "GET", PATH)
    assert lines(found, "recommendations") == {"ended": 0, "open": 5, "late": 0}
    assert lines(found, "opinion")["favourable_with_recommendations"] == 5
    assert lines(found, "registers") == {"both": 0, "incomplete": 5, "none": 0}
    assert {delay["step"]: delay["median"] for delay in found["delays"]} == {
        "admissibility": 0, "study": 7, "dpo_opinion": 7, "decision": 0, "whole_file_target": 7,
    }  # fmt: skip
    people.calendar.day = date(2023, 4, 1)
    assert lines(await people.ok(who, "GET", PATH), "recommendations") == {"ended": 0, "open": 0, "late": 5}


async def test_who_sees_the_indicators(people: World) -> None:
    for role in ("steering_committee", "secretariat", "auditor", "requester", "dpo"):
        await people.ok((CAF, role), "GET", PATH)
    await people.refused(403, "forbidden", (CAF, "administrator"), "GET", PATH)
    await people.refused(401, "unauthenticated", None, "GET", PATH)
    await people.refused(404, "not-found", (CAF, "dpo"), "GET", "/conventions/ailleurs/indicators")
    reader = await entered(people, "secretaire@caf.example", CAF, "secretariat")
    await reader.see("/tableau-de-bord")
    assert "Aucune demande n'a encore été déposée" in reader.text
    assert (await reader.get("/echanges")).status_code == 403
    boss = await entered(people, "technique@caf.example", CAF, "administrator")
    assert (await boss.get("/tableau-de-bord")).status_code == 403
    assert (await browser(people).get("/tableau-de-bord")).status_code == 303


def test_every_state_of_a_filed_exchange_has_its_place() -> None:
    placed = [state for _, states in STAGES.values() for state in states]
    assert sorted(placed) == sorted(set(enumeration("state")) - {"draft", "dpo_consultation"})
