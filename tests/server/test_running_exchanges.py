"""What an exchange that runs refuses: hours to come, delays that begin again, copies for who has left."""

from datetime import date

import pytest

from tests.world import CAF, CONVENTION, MERGED, SGL, World

ASKER = (SGL, "requester")


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_the_72_hours_of_a_breach_are_neither_pushed_back_nor_begun_again(world: World) -> None:
    path = f"/requests/{await world.active()}/incidents"
    body = {"discovered_on": "2023-03-01", "description": "Envoi égaré.", "personal_data_breach": True}
    late = {**body, "discovered_at": "23:59"}  # the clock says 10:00
    wrong = await world.refused(422, "invalid-document", ASKER, "POST", path, late)
    assert wrong["errors"][0]["pointer"] == "/discovered_at"
    await world.ok(ASKER, "POST", path, {**body, "discovered_at": "09:00"})
    await world.ok(ASKER, "POST", f"{path}/1/status", {"personal_data_breach": False})
    world.calendar.day = date(2023, 3, 20)
    await world.ok(ASKER, "POST", f"{path}/1/status", {"personal_data_breach": True})
    (incident,) = (await world.read(path.split("/")[2]))["incidents"]
    assert incident["notify_by"] == "2023-03-04T08:00:00.000Z"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_no_copy_is_made_for_a_party_that_left(world: World) -> None:
    request_id = await world.active()
    world.calendar.day = date(2025, 12, 1)
    renewal = {"reference": "AV-1", "signed_on": "2025-12-01", "description": "Reconduction.", "term": "2030-12-31"}
    await world.ok((CAF, "secretariat"), "POST", f"/conventions/{CONVENTION}/amendments", renewal)
    leaving = {"exit_on": "2025-12-31", "reference": "Délibération 12"}
    await world.ok((MERGED, "controller"), "POST", f"/conventions/{CONVENTION}/exits", leaving)
    world.calendar.day = date(2026, 1, 1)
    copies = f"/requests/{request_id}/copies"
    wrong = await world.refused(422, "invalid-document", ASKER, "POST", copies, {"parties": [MERGED]})
    assert wrong["errors"][0]["message"].endswith("a quitté la convention.")
