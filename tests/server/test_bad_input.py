"""Bad input gets a French sentence, a stable type and the right status; it changes nothing."""

import pytest

from tests.world import CAF, CONVENTION, OULLINS, SGL, World, request_document

CREATE = f"/conventions/{CONVENTION}/requests"
ASKER = (SGL, "requester")


async def _unchanged(world: World, before: int) -> None:
    assert await world.events() == before


async def test_an_unknown_party_is_named_with_its_pointer(world: World) -> None:
    before = await world.events()
    problem = await world.refused(
        422, "invalid-document", ASKER, "POST", CREATE, request_document(holder="caf-du-nord")
    )
    assert problem["errors"] == [
        {"pointer": "/holder", "message": "Partie inconnue de la convention : « caf-du-nord »."}
    ]
    await _unchanged(world, before)


async def test_holder_equal_to_requester_is_refused_at_filing_only(world: World) -> None:
    request_id = await world.create(request_document(holder=SGL))
    before = await world.events()
    problem = await world.refused(409, "gate-closed", ASKER, "POST", f"/requests/{request_id}/filing", {}, version=1)
    assert {error["check"] for error in problem["errors"]} == {"CONV-04"}
    await _unchanged(world, before)


async def test_a_filing_without_addressee_is_refused(world: World) -> None:
    request_id = await world.create(request_document(holder=None))
    await world.refused(409, "gate-closed", ASKER, "POST", f"/requests/{request_id}/filing", {}, version=1)


async def test_reversed_dates_are_refused(world: World) -> None:
    body = {"user": "x@y.example", "valid_from": "2023-05-01", "valid_until": "2023-04-01"}
    problem = await world.refused(
        422, "invalid-document", (CAF, "controller"), "POST", f"/parties/{CAF}/delegations", body
    )
    assert problem["errors"][0]["pointer"] == "/valid_until"


async def test_a_body_of_ten_megabytes_is_refused(world: World) -> None:
    before = await world.events()
    await world.refused(413, "too-large", ASKER, "POST", CREATE, request_document(title="x" * 10_000_000))
    await _unchanged(world, before)


async def test_wrong_types_and_unknown_fields_are_pointed_at(world: World) -> None:
    document = request_document(volume=[], holdre=CAF, frequency="parfois")
    problem = await world.refused(422, "invalid-document", ASKER, "POST", CREATE, document)
    assert {error["pointer"] for error in problem["errors"]} == {"/volume", "/holdre", "/frequency"}
    assert "holder" in next(e["message"] for e in problem["errors"] if e["pointer"] == "/holdre")


@pytest.mark.parametrize(
    ("content", "status", "slug"),
    [
        (b"{", 400, "unreadable-body"),
        (b"", 400, "unreadable-body"),
        (b"\xff\xfe", 400, "unreadable-body"),
        (b"[" * 100_000, 400, "unreadable-body"),
        (b"[]", 422, "invalid-document"),
        (b'{"title": "a\\u0000b"}', 422, "invalid-document"),
        (b'{"title": "\\ud800"}', 400, "unreadable-body"),
        (b'{"volume": {"count": 1.5}}', 422, "invalid-document"),
        (b'{"volume": {"count": 9007199254740993}}', 422, "invalid-document"),
        (b'{"volume": {"count": -1}}', 422, "invalid-document"),
    ],
)
async def test_unreadable_bodies_are_refused(world: World, content: bytes, status: int, slug: str) -> None:
    before = await world.events()
    response = await world.call(ASKER, "POST", CREATE, content=content, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["type"]) == (status, f"urn:ecluse:problem:{slug}"), response.text
    await _unchanged(world, before)


async def test_another_media_type_is_refused(world: World) -> None:
    response = await world.call(ASKER, "POST", CREATE, content=b"{}", headers={"Content-Type": "text/plain"})
    assert response.status_code == 415


async def test_a_stale_version_is_refused_and_loses_nothing(world: World) -> None:
    request_id = await world.create()
    path = f"/requests/{request_id}/document"
    await world.ok(ASKER, "PUT", path, request_document(title="Un"), version=1)
    await world.refused(412, "stale-version", ASKER, "PUT", path, request_document(title="Deux"), version=1)
    assert (await world.read(request_id, ASKER))["request"]["title"] == "Un"


async def test_a_judging_act_says_which_version_it_judges(world: World) -> None:
    request_id = await world.under_study()
    body = {"value": "favourable", "text": "Avis."}
    path = f"/requests/{request_id}/opinion"
    await world.refused(428, "precondition-required", (CAF, "dpo"), "POST", path, body)
    await world.refused(400, "invalid-parameter", (CAF, "dpo"), "POST", path, body, headers={"If-Match": "*"})


async def test_an_act_the_state_does_not_allow_is_refused(world: World) -> None:
    request_id = await world.create()
    await world.refused(409, "wrong-state", ASKER, "POST", f"/requests/{request_id}/activation",
                        {"authorised_users": ["Agents"]})  # fmt: skip


async def test_another_partys_request_does_not_exist(world: World) -> None:
    request_id = await world.filed()
    other = (OULLINS, "requester")
    for method, path, body in (
        ("GET", "", None), ("GET", "/events", None), ("GET", "/recommendations", None), ("POST", "/withdrawal", {}),
        ("POST", "/filing", {}),
    ):  # fmt: skip
        await world.refused(404, "not-found", other, method, f"/requests/{request_id}{path}", body)
    await world.refused(404, "not-found", other, "GET", f"/parties/{CAF}/register")
    assert (await world.ok(other, "GET", "/requests"))["items"] == []


async def test_a_draft_does_not_exist_for_the_other_party(world: World) -> None:
    request_id = await world.create()
    await world.refused(404, "not-found", (CAF, "dpo"), "GET", f"/requests/{request_id}")


@pytest.mark.parametrize("role", ["steering_committee", "secretariat", "administrator"])
async def test_committee_secretariat_and_administrators_read_no_file(world: World, role: str) -> None:
    request_id = await world.filed()
    for path in ("/requests", f"/requests/{request_id}", f"/parties/{CAF}/register"):
        await world.refused(403, "forbidden", (CAF, role), "GET", path)


async def test_no_token_or_a_wrong_one_is_refused(world: World) -> None:
    await world.refused(401, "unauthenticated", None, "GET", "/requests")
    response = await world.call(None, "GET", "/requests", headers={"Authorization": "Bearer ecl_nothing"})
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")


async def test_unknown_parameters_and_cursors_are_refused(world: World) -> None:
    for query in ("stat=draft", "state=unknown", "limit=0", "limit=1000", "limit=a", "cursor=%2a", "limit=1&limit=2"):
        response = await world.call(ASKER, "GET", f"/requests?{query}")
        assert response.status_code == 400, query


async def test_an_unknown_address_and_method_answer_a_problem(world: World) -> None:
    await world.refused(404, "not-found", ASKER, "GET", "/nowhere")
    response = await world.call(ASKER, "DELETE", "/requests")
    assert response.status_code == 405
    assert "GET" in response.headers["allow"]


async def test_a_replayed_key_answers_the_same_and_does_nothing_more(world: World) -> None:
    headers = {"Idempotency-Key": "depot-1"}
    first = await world.call(ASKER, "POST", CREATE, request_document(), headers=headers)
    before = await world.events()
    again = await world.call(ASKER, "POST", CREATE, request_document(), headers=headers)
    assert (again.status_code, again.json()["id"], again.headers["location"]) == (
        201, first.json()["id"], first.headers["location"],
    )  # fmt: skip
    await world.refused(
        422, "idempotency-key-reused", ASKER, "POST", CREATE, request_document(title="Autre"), headers=headers
    )
    await _unchanged(world, before)
    other = await world.call(
        (CAF, "requester"), "POST", CREATE, request_document(requester=CAF, holder=SGL), headers=headers
    )
    assert other.status_code == 201


async def test_a_key_expires_after_a_day(world: World) -> None:
    from datetime import date

    headers = {"Idempotency-Key": "depot-1"}
    first = await world.call(ASKER, "POST", CREATE, request_document(), headers=headers)
    world.calendar.day = date(2023, 3, 3)
    second = await world.call(ASKER, "POST", CREATE, request_document(), headers=headers)
    assert second.status_code == 201
    assert second.json()["id"] != first.json()["id"]
