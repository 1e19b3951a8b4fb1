"""Many people at once: no lost event, no error, and once each what the rules allow once."""

import asyncio
from collections import Counter

from tests.world import CAF, CONVENTION, SGL, World, request_document

CREATE = f"/conventions/{CONVENTION}/requests"


async def test_sixteen_writers_lose_no_event_and_share_no_reference(world: World) -> None:
    async def life(number: int) -> str:
        request_id = await world.create(request_document(title=f"Demande {number}"))
        await world.ok((SGL, "requester"), "POST", f"/requests/{request_id}/filing", {}, version=1)
        await world.ok(
            (CAF, "business_referent"), "POST", f"/requests/{request_id}/admission", {"outcome": "under_study"}
        )
        return request_id

    ids = await asyncio.gather(*(life(number) for number in range(16)))
    rows = await world.rows("SELECT object, revision FROM event WHERE type = 'exchange' ORDER BY object, revision")
    assert Counter(row[0] for row in rows) == dict.fromkeys(ids, 3)
    assert [row[1] for row in rows] == [1, 2, 3] * 16
    references = [row[0] for row in await world.rows("SELECT reference FROM exchange")]
    assert len(set(references)) == 16


async def test_sixteen_opinions_on_one_version_give_one(world: World) -> None:
    request_id = await world.under_study()
    version = await world.version(request_id)
    body = {"value": "favourable", "text": "Avis."}
    path = f"/requests/{request_id}/opinion"
    calls = [world.call((CAF, "dpo"), "POST", path, body, version=version) for _ in range(16)]
    statuses = Counter(response.status_code for response in await asyncio.gather(*calls))
    assert statuses == {200: 1, 409: 15}


async def test_people_acting_on_different_parts_do_not_collide(world: World) -> None:
    request_id = await world.under_study()
    version = await world.version(request_id)
    base = f"/requests/{request_id}"
    acts = [
        world.call((CAF, role), "PUT", f"{base}/study/{part}", {"conclusion": "favourable"}, version=version)
        for part, role in (
            ("opportunity", "business_referent"), ("feasibility", "it_security"), ("compliance", "compliance_referent"),
        )
    ]  # fmt: skip
    acts.append(
        world.call((CAF, "dpo"), "POST", f"{base}/opinion", {"value": "favourable", "text": "Avis."}, version=version)
    )
    assert [response.status_code for response in await asyncio.gather(*acts)] == [200] * 4
    assert (await world.read(request_id))["state"] == "awaiting_decision"


async def test_one_key_used_by_many_at_once_gives_one_request(world: World) -> None:
    headers = {"Idempotency-Key": "une-fois"}
    calls = [world.call((SGL, "requester"), "POST", CREATE, request_document(), headers=headers) for _ in range(8)]
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_cancelled_call_leaves_the_service_whole(world: World) -> None:
    for delay in range(12):
        task = asyncio.create_task(world.call((SGL, "requester"), "POST", CREATE, request_document()))
        await asyncio.sleep(delay / 2000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await world.create()
    exchanges, created = (
        await world.rows("SELECT count(*) FROM exchange"),
        await world.rows("SELECT count(*) FROM event WHERE type = 'exchange'"),
    )
    assert exchanges == created
