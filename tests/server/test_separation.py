"""One person with several hats never asks, advises and decides in the same file."""

from datetime import date
from typing import Any

import pytest

from registry.storage.accounts import account_for, grant, issue_token
from tests.world import CAF, OULLINS, SGL, World, email, request_document


async def _hat(world: World, person: str, party: str, role: str) -> tuple[str, str]:
    """Give an existing person a further function, with a token for that party."""

    async def work(tx: Any) -> str:
        account = await account_for(tx, person, world.calendar())
        await grant(tx, account, party, [role], date(2021, 1, 1), None)
        return await issue_token(tx, account, party, world.calendar(), 30)

    who = (party, f"{role} of {person}")
    world.tokens[who] = await world.gate.engine.transact(work)
    return who


async def test_the_asker_does_not_decide_even_as_the_holders_controller(world: World) -> None:
    request_id = await world.under_study()
    await world.studied(request_id)
    await world.opinion(request_id)
    who = await _hat(world, email(SGL, "requester"), CAF, "controller")
    version = await world.version(request_id)
    await world.refused(403, "separation-of-duties", who, "POST", f"/requests/{request_id}/decision",
                        {"value": "approved"}, version=version)  # fmt: skip


async def test_the_dpo_who_advised_does_not_decide(world: World) -> None:
    request_id = await world.under_study()
    await world.studied(request_id)
    await world.opinion(request_id)
    who = await _hat(world, email(CAF, "dpo"), CAF, "controller")
    version = await world.version(request_id)
    await world.refused(403, "separation-of-duties", who, "POST", f"/requests/{request_id}/decision",
                        {"value": "approved"}, version=version)  # fmt: skip


async def test_the_opinion_of_the_other_partys_dpo_is_refused(world: World) -> None:
    request_id = await world.under_study()
    version = await world.version(request_id)
    body = {"value": "favourable", "text": "Avis."}
    path = f"/requests/{request_id}/opinion"
    await world.refused(403, "forbidden", (SGL, "dpo"), "POST", path, body, version=version)


async def test_the_role_alone_does_not_make_a_dpo_in_office(world: World) -> None:
    request_id = await world.under_study()
    version = await world.version(request_id)
    who = await _hat(world, "quelqu-un@caf.example", CAF, "dpo")
    body = {"value": "favourable", "text": "Avis."}
    problem = await world.refused(
        409, "gate-closed", who, "POST", f"/requests/{request_id}/opinion", body, version=version
    )
    assert {error["check"] for error in problem["errors"]} == {"CONV-09"}


async def test_the_holders_dpo_writes_compliance_but_not_opportunity(world: World) -> None:
    request_id = await world.under_study()
    version = await world.version(request_id)
    who = await _hat(world, email(CAF, "dpo"), CAF, "business_referent")
    path = f"/requests/{request_id}/study/"
    body = {"conclusion": "favourable"}
    problem = await world.refused(409, "gate-closed", who, "PUT", path + "opportunity", body, version=version)
    assert {error["check"] for error in problem["errors"]} == {"ROL-08"}
    await world.ok((CAF, "dpo"), "PUT", path + "compliance", body, version=version)


async def test_the_requester_cannot_study_its_own_request(world: World) -> None:
    request_id = await world.under_study()
    version = await world.version(request_id)
    path = f"/requests/{request_id}/study/opportunity"
    body = {"conclusion": "favourable"}
    await world.refused(403, "forbidden", (SGL, "business_referent"), "PUT", path, body, version=version)


async def test_a_shared_dpo_is_flagged_and_a_substitute_can_be_named(world: World) -> None:
    shared, interim = email(CAF, "dpo"), "interim@caf.example"
    await _hat(world, shared, SGL, "dpo")
    request_id = await world.filed()
    base = f"/requests/{request_id}"
    await world.ok((CAF, "business_referent"), "POST", f"{base}/admission", {"outcome": "under_study"})
    file = await world.read(request_id)
    assert "ROL-07" in {finding["id"] for finding in file["findings_at_filing"]}
    controller = (CAF, "controller")
    await world.refused(422, "invalid-document", controller, "POST", f"{base}/substitution", {"person": interim})
    designation = {"person": interim, "from": "2023-02-01", "until": None, "interim": True}
    await world.ok(controller, "POST", f"/parties/{CAF}/dpo-designations", designation)
    await world.ok(controller, "POST", f"{base}/substitution", {"person": interim})
    who = await _hat(world, interim, CAF, "dpo")
    body = {"value": "favourable", "text": "Avis."}
    path = f"{base}/opinion"
    await world.refused(403, "forbidden", (CAF, "dpo"), "POST", path, body, version=file["version"])
    await world.ok(who, "POST", path, body, version=file["version"])


async def test_a_party_files_only_for_itself(world: World) -> None:
    path = "/conventions/ctg-sol-2021-2025/requests"
    document = request_document(requester="oullins")
    await world.refused(403, "forbidden", (SGL, "requester"), "POST", path, document)


async def test_the_holder_may_ask_and_then_the_requester_studies(world: World) -> None:
    """The push case (reading 7.5): the study is still by the other party, the opinion by the holder's DPO."""
    request_id = await world.create(request_document(), CAF)
    await world.ok((CAF, "requester"), "POST", f"/requests/{request_id}/filing", {}, version=1)
    file = await world.read(request_id)
    assert (file["initiated_by"], file["studying_party"]) == (CAF, SGL)
    body = {"outcome": "under_study"}
    admission = f"/requests/{request_id}/admission"
    await world.refused(403, "forbidden", (CAF, "business_referent"), "POST", admission, body)
    await world.ok((SGL, "business_referent"), "POST", admission, body)
    path, body = f"/requests/{request_id}/study/opportunity", {"conclusion": "favourable"}
    await world.refused(403, "forbidden", (CAF, "business_referent"), "PUT", path, body, version=file["version"])
    await world.ok((SGL, "business_referent"), "PUT", path, body, version=file["version"])


async def test_who_only_wrote_in_a_draft_asked_too(world: World) -> None:
    """Neither filing it nor having begun it: a colleague's pen is enough, and the file says whose it was."""
    colleague = "collegue@saint-genis-laval.example"
    writer = await _hat(world, colleague, SGL, "requester")
    request_id = await world.create()
    path = f"/requests/{request_id}/document"
    file = await world.read(request_id, writer)
    await world.ok(writer, "PUT", path, {**file["request"], "title": "Autre titre"}, version=1)
    await world.ok((SGL, "requester"), "POST", f"/requests/{request_id}/filing", {}, version=2)
    await world.ok((CAF, "business_referent"), "POST", f"/requests/{request_id}/admission", {"outcome": "under_study"})
    for who, stage in (((SGL, "dpo"), "requester_dpo"), ((CAF, "it_security"), "holder")):
        request = (await world.read(request_id, who))["request"]
        if stage == "holder":
            request["channel"] = {**request["channel"], "breach_procedure": False}
        await world.ok(who, "PUT", f"{path}?stage={stage}", request, version=await world.version(request_id))
    await world.studied(request_id)  # the feasibility by the person who answered the holder's stage: that is not asking
    version = await world.version(request_id)
    controller, dpo = await _hat(world, colleague, CAF, "controller"), await _hat(world, colleague, CAF, "dpo")
    designation = {"person": colleague, "from": "2023-02-01", "until": None, "interim": True}
    await world.ok((CAF, "controller"), "POST", f"/parties/{CAF}/dpo-designations", designation)
    opinion, decision = f"/requests/{request_id}/opinion", f"/requests/{request_id}/decision"
    body = {"value": "favourable", "text": "Avis."}
    await world.refused(403, "separation-of-duties", dpo, "POST", opinion, body, version=version)
    await world.opinion(request_id)
    await world.refused(
        403, "separation-of-duties", controller, "POST", decision, {"value": "approved"}, version=version
    )
    override = f"/requests/{request_id}/findings/ALT-02/override"
    await world.refused(403, "separation-of-duties", controller, "POST", override, {"reasons": "Motif."})
    askers = (await world.read(request_id))["askers"]
    assert [row[0] for row in await world.rows("SELECT email FROM account WHERE id = ?", askers[0])] == [colleague]
    assert len(askers) == 1
    await world.decided(request_id)


async def test_who_proposed_a_correction_does_not_accept_it(world: World) -> None:
    who = await _hat(world, email(CAF, "dpo"), SGL, "requester")
    request_id = await world.approved()
    version = await world.version(request_id)
    request = (await world.read(request_id))["request"]
    shorter = {**request, "data_items": request["data_items"][:-1]}
    path = f"/requests/{request_id}/correction"
    await world.ok(who, "POST", path, {"request": shorter}, version=version)
    judged = {"version": version + 1, "accepted": True}
    await world.refused(403, "separation-of-duties", (CAF, "dpo"), "POST", path, judged, version=version)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_who_wrote_the_original_asks_in_its_copies_too(world: World) -> None:
    writer = await _hat(world, "collegue@saint-genis-laval.example", SGL, "requester")
    request_id = await world.create()
    file = await world.read(request_id, writer)
    await world.ok(writer, "PUT", f"/requests/{request_id}/document", {**file["request"], "title": "Autre"}, version=1)
    asker = (SGL, "requester")
    await world.ok(asker, "POST", f"/requests/{request_id}/filing", {}, version=2)
    await world.ok(asker, "POST", f"/requests/{request_id}/copies", {"parties": [OULLINS]})
    original = await world.read(request_id)
    copy = await world.read(original["copies"][OULLINS], (OULLINS, "requester"))
    assert set(copy["askers"]) == {original["created_by"], *original["askers"]}
    assert len(copy["askers"]) == 2
