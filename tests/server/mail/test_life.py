"""What cannot wait for a digest: an incident, told to the other party; a copy, told to those it was handed to."""

from server.mail.postman import Postman
from tests.server.mail.servers import Box, text_of
from tests.world import CAF, OULLINS, SGL, World, email


async def test_the_other_party_is_told_of_an_incident_at_once_and_the_one_who_reports_it_is_not(
    world: World, box: Box, postman: Postman
) -> None:
    request_id = await world.active()
    await postman.round()
    before = len(box.told(email(CAF, "it_security")))
    body = {"discovered_on": "2023-03-01", "description": "Clé perdue rue Orsel.", "personal_data_breach": True}
    await world.ok((SGL, "requester"), "POST", f"/requests/{request_id}/incidents", body)
    await postman.round()
    told = box.told(email(CAF, "it_security"))
    assert len(told) == before + 1
    assert "suivre un incident" in text_of(told[-1])
    assert "Orsel" not in told[-1].as_string()
    assert "suivre un incident" not in " ".join(map(text_of, box.told(email(SGL, "requester"))))


async def test_those_a_copy_was_handed_to_learn_that_it_waits_for_them(world: World, postman: Postman) -> None:
    request_id = await world.filed()
    body = {"parties": [OULLINS]}
    await world.ok((SGL, "requester"), "POST", f"/requests/{request_id}/copies", body)
    copy = (await world.read(request_id))["copies"][OULLINS]
    rows = await world.rows(
        "SELECT a.email, n.about FROM notice n JOIN account a ON a.id = n.account WHERE n.exchange = ?", copy
    )
    assert rows == [(email(OULLINS, "requester"), "filing")]
