"""Clocks as the parties read them: due dates, lists of what is overdue, and the same after a rebuild."""

from datetime import date, timedelta

from registry.storage.rebuild import rebuild
from tests.world import CAF, SGL, World

ASKER, DPO, BUSINESS = (SGL, "requester"), (CAF, "dpo"), (CAF, "business_referent")
WEDNESDAY = date(2023, 4, 26)


async def _clock(world: World, request_id: str, name: str) -> dict[str, object]:
    return next(one for one in (await world.read(request_id, ASKER))["clocks"] if one["name"] == name)


async def _listed(world: World, who: tuple[str, str], query: str) -> list[dict[str, object]]:
    """Every item of a list, page by page."""
    found, path = [], f"/requests?limit=1&{query}"
    while path:
        answer = await world.call(who, "GET", path)
        assert answer.is_success, answer.text
        found += answer.json()["items"]
        following = answer.json()["next"]
        path = f"/requests?limit=1&{query}&cursor={following}" if following else ""
    return found


async def test_clocks_stop_and_resume_and_lists_know_what_is_overdue(world: World) -> None:
    world.calendar.day = WEDNESDAY
    first, second = await world.filed(), await world.filed()
    admissibility = await _clock(world, first, "admissibility")
    assert (admissibility["due_on"], admissibility["parties"]) == ("2023-05-04", [CAF])
    assert admissibility["roles"] == ["business_referent", "compliance_referent", "controller", "delegate"]
    due = (await _listed(world, ASKER, "state=filed"))[0]["due"]
    assert due == {
        "on": "2023-04-28",
        "clock": "acknowledgement",
        "label": "Accusé de réception",
        "parties": [CAF],
        "roles": admissibility["roles"],
    }

    world.calendar.day = date(2023, 4, 28)
    asked = {"items": ["Le canal"]}
    await world.ok(BUSINESS, "POST", f"/requests/{first}/information-requests", asked)
    stopped = await _clock(world, first, "admissibility")
    assert (stopped["stopped"], stopped["due_on"], stopped["parties"]) == (True, None, [])
    assert (await _clock(world, first, "information"))["parties"] == [SGL]
    assert await _listed(world, ASKER, "overdue=true") == []

    world.calendar.day = date(2023, 5, 9)
    assert [one["id"] for one in await _listed(world, BUSINESS, "overdue=true")] == [second]
    await world.ok(ASKER, "POST", f"/requests/{first}/information", {"text": "Canal : portail."})
    resumed = await _clock(world, first, "admissibility")
    assert (resumed["due_on"], resumed["net_days"], resumed["elapsed_days"]) == ("2023-05-12", 2, 13)
    assert (await _clock(world, first, "acknowledgement"))["ended_on"] == "2023-04-28"

    world.calendar.day = date(2023, 5, 13)
    assert [one["id"] for one in await _listed(world, ASKER, "overdue=true")] == [second, first]
    assert [one["id"] for one in await _listed(world, ASKER, f"overdue=true&state=filed&party={CAF}")] == [
        second,
        first,
    ]
    assert await _listed(world, ASKER, "overdue=true&state=active") == []
    assert (await world.read(first, ASKER))["state"] == "filed"  # late, and nothing was done of itself
    await world.refused(400, "invalid-parameter", ASKER, "GET", "/requests?overdue=false")
    projected = await world.rows("SELECT * FROM exchange_listing ORDER BY exchange, party")
    files = await world.rows("SELECT id, file, summary FROM exchange ORDER BY id")
    await rebuild(world.gate.engine, world.gate.vault)
    assert await world.rows("SELECT * FROM exchange_listing ORDER BY exchange, party") == projected
    assert await world.rows("SELECT id, file, summary FROM exchange ORDER BY id") == files
    await world.ok(ASKER, "POST", f"/requests/{second}/withdrawal", {})
    assert (await _clock(world, second, "admissibility"))["ended_on"] == "2023-05-13"
    assert [one["id"] for one in await _listed(world, ASKER, "overdue=true")] == [first]


async def test_the_clocks_of_a_whole_life(world: World) -> None:
    world.calendar.day = WEDNESDAY
    request_id = await world.under_study()
    opinion = await _clock(world, request_id, "dpo_opinion")
    assert (opinion["due_on"], opinion["roles"]) == ("2023-05-22", ["dpo"])
    world.calendar.day = date(2023, 5, 23)
    assert (await _clock(world, request_id, "dpo_opinion"))["past_due"]
    await world.studied(request_id)
    condition = {"number": 1, "text": "Chiffrer.", "prior": False, "due_days": 30}
    given = {"value": "favourable_with_recommendations", "text": "Avis.", "recommendations": [condition]}
    await world.opinion(request_id, given)
    assert (await _clock(world, request_id, "decision"))["due_on"] == "2023-06-07"  # Whit Monday is a holiday
    await world.decided(request_id)
    lapse = await _clock(world, request_id, "lapse")
    assert (lapse["due_on"], lapse["opens"], lapse["past_due"]) == ("2023-11-23", "lapse", False)
    followed = await _clock(world, request_id, "recommendation")
    assert (followed["label"], followed["due_on"], followed["parties"]) == ("Recommandation n° 1", "2023-06-22", [SGL])
    await world.prepared(request_id)
    for party in (CAF, SGL):
        await world.confirmed(request_id, party)
    await world.activate(request_id)
    await world.ok(ASKER, "POST", f"/requests/{request_id}/recommendations/1/status", {"status": "in_progress"})
    review = await _clock(world, request_id, "review")
    assert date.fromisoformat(str(review["due_on"])) > world.calendar.day + timedelta(360)
    world.calendar.day = date(2023, 6, 23)
    assert [one["due"]["clock"] for one in await _listed(world, DPO, "overdue=true")] == ["recommendation"]
