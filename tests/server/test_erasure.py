"""Erasure through the API: texts and keys go, facts, proofs and the other acts stay, and the log says what was done."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

import pytest

from registry.gate.erasure import erase_account
from registry.gate.session import Session
from registry.ledger.canonical import canonical
from registry.ledger.commitments import commit_facts
from registry.ledger.receipts import parse_receipt
from registry.storage.accounts import find_account
from registry.storage.rebuild import PROJECTIONS, rebuild
from tests.world import CAF, CONVENTION, SGL, World, email, request_document

WHY = {"legal_basis": "article_17_1_d", "reason": "exchanged_data_entered", "dpo_informed_on": "2023-03-01"}
ALL: dict[str, Any] = {"scope": "object", **WHY}
HOLDER, REQUESTER = (CAF, "controller"), (SGL, "controller")


async def projections(world: World) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(await world.rows(f"SELECT * FROM {table}"), key=repr) for table in PROJECTIONS}


async def erased(world: World, request_id: str, who: tuple[str, str] = HOLDER, **scope: Any) -> Any:
    return await world.ok(who, "POST", f"/requests/{request_id}/erasure", {**(scope or {"scope": "object"}), **WHY})


async def history(world: World, request_id: str, who: tuple[str, str] = (CAF, "dpo")) -> list[dict[str, Any]]:
    return (await world.ok(who, "GET", f"/requests/{request_id}/events?limit=200"))["items"]


async def test_a_whole_exchange_is_erased_and_says_so(world: World) -> None:
    request_id = await world.active()
    before = await world.read(request_id)
    answered = await erased(world, request_id)
    assert answered["state"] == "active"
    assert answered["receipt"].startswith(f"/api/v1/receipts/{request_id}/")
    file = await world.read(request_id)
    assert file["request"]["title"] == file["opinion"]["text"] == file["attachments"][0]["file_name"] == "effacé"
    assert file["request"]["data_items"][0]["cnil_category"] == before["request"]["data_items"][0]["cnil_category"]
    assert (file["document_hash"], file["version"]) == (before["document_hash"], before["version"])
    assert file["erased_on"] == "2023-03-01"
    assert file["erasures"][0] | {"erased_by": "", "revisions": []} == {
        "scope": "object", "legal_basis": "article_17_1_d", "reason": "exchanged_data_entered",
        "erased_on": "2023-03-01", "erased_by": "", "party": CAF, "revisions": [],
        "attachments": [before["attachments"][0]["sha256"]],
    }  # fmt: skip
    assert file["acts"] == []
    for table in ("opening", "attachment", "object_key"):
        assert await world.rows(f"SELECT 1 FROM {table} WHERE object = ?", request_id) == []
    assert (await world.ok((CAF, "dpo"), "GET", "/requests"))["items"][0]["title"] == "effacé"


async def test_the_erasure_is_a_record_of_codes_and_dates(world: World) -> None:
    request_id = await world.filed()
    await erased(world, request_id)
    ((kind, facts, revision),) = await world.rows(
        "SELECT type, facts, revision FROM event WHERE object = ? ORDER BY revision DESC LIMIT 1", request_id
    )
    told = json.loads(facts)
    assert (kind, told["act"], told["party"], told["opening_commit"]) == ("erasure", "erasure", CAF, None)
    assert told["input"] == ALL
    assert told["derived"] == {"revisions": [1], "attachments": [], "key_destroyed": True, "delegation": None}
    acts = await history(world, request_id)
    assert [(act["act"], act["erased"]) for act in acts] == [
        ("creation", True), ("filing", False), ("erasure", False),
    ]  # fmt: skip
    assert acts[-1]["revision"] == revision == 3


async def test_every_act_on_an_erased_exchange_is_refused_clearly(world: World) -> None:
    request_id = await world.approved()
    await erased(world, request_id)
    events = await world.events()
    for who, act, body in (
        ((SGL, "controller"), "acceptance", {}),
        ((SGL, "requester"), "preparation", {}),
        ((CAF, "controller"), "lapse", {"reasons": "x"}),
    ):
        problem = await world.refused(409, "erased", who, "POST", f"/requests/{request_id}/{act}", body, version=1)
        assert "01/03/2023" in problem["detail"]
    files = {"file": ("a.txt", b"x", "text/plain")}
    data = {"kind": "other", "dated_on": "2023-03-01"}
    await world.refused(
        409, "erased", (SGL, "requester"), "POST", f"/requests/{request_id}/attachments", data=data, files=files
    )
    assert await world.events() == events


async def test_erasing_twice_changes_nothing(world: World) -> None:
    request_id = await world.filed()
    first = await erased(world, request_id)
    events = await world.events()
    again = await erased(world, request_id, REQUESTER)
    assert await world.events() == events
    assert (first["record"] is None, again["record"]) == (False, None)
    one = await world.filed()
    await erased(world, one, scope="revision", revision=1)
    events = await world.events()
    await erased(world, one, scope="revision", revision=1)
    assert await world.events() == events


async def test_one_act_is_erased_and_the_others_keep_their_texts_under_a_new_key(world: World) -> None:
    request_id = await world.active()
    acts = await history(world, request_id)
    opinion = next(act for act in acts if act["act"] == "opinion")
    ((old,),) = await world.rows("SELECT wrapped FROM object_key WHERE object = ?", request_id)
    await erased(world, request_id, scope="revision", revision=opinion["revision"])
    file = await world.read(request_id)
    assert file["opinion"]["text"] == "effacé"
    assert file["request"]["title"] != "effacé"
    assert file["erased_on"] is None
    assert [act["erased"] for act in await history(world, request_id)] == [
        act["act"] == "opinion" for act in acts
    ] + [False]  # fmt: skip
    ((new,),) = await world.rows("SELECT wrapped FROM object_key WHERE object = ?", request_id)
    assert bytes(new) != bytes(old)
    await world.attach(request_id, "other")  # the exchange lives on
    assert (await world.read(request_id))["attachments"][-1]["file_name"] == "other.txt"


async def test_an_attachment_is_erased_with_its_name(world: World) -> None:
    request_id = await world.filed()
    await world.attach(request_id, "deliberation")
    await world.attach(request_id, "other")
    kept, gone = (await world.read(request_id))["attachments"]
    await erased(world, request_id, scope="attachment", sha256=gone["sha256"])
    assert await world.rows("SELECT sha256 FROM attachment") == [(kept["sha256"],)]
    file = await world.read(request_id)
    assert [piece["file_name"] for piece in file["attachments"]] == ["deliberation.txt", "effacé"]
    assert file["attachments"][1]["sha256"] == gone["sha256"]
    pack = await world.call((CAF, "dpo"), "GET", f"/requests/{request_id}/evidence")
    names = zipfile.ZipFile(io.BytesIO(pack.content)).namelist()
    assert [name for name in names if name.startswith("pieces/")] == [f"pieces/{kept['sha256']}-deliberation.txt"]


async def test_proofs_facts_and_evidence_still_hold_after_an_erasure(world: World) -> None:
    request_id = await world.active()
    await erased(world, request_id)
    await world.published()
    for act in await history(world, request_id):
        found = await world.call((CAF, "dpo"), "GET", act["receipt"].removeprefix("/api/v1"))
        assert found.status_code == 200
        extra = json.loads(parse_receipt(found.content).extra)
        told = json.loads(extra["facts"]["text"])
        assert extra["opening"] is None
        assert act["erased"] == (told["opening_commit"] is not None)
        salt = base64.b64decode(extra["facts"]["salt"])
        assert commit_facts(salt, canonical(told)) == json.loads(extra["record"].split("\n")[0])["commit"]
    pack = zipfile.ZipFile(
        io.BytesIO((await world.call((SGL, "dpo"), "GET", f"/requests/{request_id}/evidence")).content)
    )
    act = json.loads(pack.read("actes/0001-creation.json"))
    assert act["erased"] is True
    assert act["input"]["title"] == "effacé"
    assert not [name for name in pack.namelist() if name.startswith("pieces/")]


async def test_evidence_of_an_erased_exchange_is_verified_offline(world: World, tmp_path: Any) -> None:
    from registry.ledger.verify.anchor import Anchor
    from registry.ledger.verify.evidence import verify_evidence

    request_id = await world.active()
    opinion = next(act for act in await history(world, request_id) if act["act"] == "opinion")
    await erased(world, request_id, scope="revision", revision=opinion["revision"])
    await erased(world, request_id)
    await world.published()
    path = tmp_path / "preuves.zip"
    path.write_bytes((await world.call((SGL, "dpo"), "GET", f"/requests/{request_id}/evidence")).content)
    report = verify_evidence(path, Anchor())
    assert not report.findings.kept
    assert opinion["revision"] in report.erased


async def test_projections_refold_to_the_same_rows_after_erasures(world: World) -> None:
    one, two = await world.active(), await world.active()
    await erased(world, one)
    opinion = next(act for act in await history(world, two) if act["act"] == "opinion")
    await erased(world, two, scope="revision", revision=opinion["revision"])
    for party, entry in (await world.read(two))["register_entries"].items():
        path = f"/parties/{party}/register/entries/{entry}/erasure"
        await world.ok((party, "controller"), "POST", path, ALL)
    live = await projections(world)
    await rebuild(world.gate.engine, world.gate.vault)
    assert await projections(world) == live


async def test_a_register_entry_is_erased_by_its_controller_alone(world: World) -> None:
    request_id = await world.active()
    entry_id = (await world.read(request_id))["register_entries"][SGL]
    path = f"/parties/{SGL}/register/entries/{entry_id}"
    who = (SGL, "records_manager")
    entry = await world.ok(who, "GET", path)
    body = {"record": {**entry["record"], "purposes": ["Une autre finalité"]}}
    await world.ok(who, "PUT", path, body, version=entry["version"])
    await world.refused(403, "forbidden", who, "POST", f"{path}/erasure", ALL)
    await world.refused(404, "not-found", HOLDER, "POST", f"{path}/erasure", ALL)
    await world.ok(REQUESTER, "POST", f"{path}/erasure", {"scope": "revision", "revision": 2, **WHY})
    first, second = (await world.ok(who, "GET", f"{path}/versions"))["items"]
    assert first["record"]["purposes"][0] != "effacé"
    assert second["record"]["purposes"] == ["effacé"]
    done = await world.ok(REQUESTER, "POST", f"{path}/erasure", ALL)
    assert done["erased_on"] == "2023-03-01"
    assert done["status"] == "confirmed"
    for version in (await world.ok(who, "GET", f"{path}/versions"))["items"]:
        assert set(version["record"]["purposes"]) == {"effacé"}
    await world.refused(409, "erased", who, "PUT", path, body, version=2)
    events = await world.events()
    assert (await world.ok(REQUESTER, "POST", f"{path}/erasure", ALL))["record"] is None
    assert await world.events() == events
    assert (await world.read(request_id))["request"]["title"] != "effacé"


@pytest.mark.parametrize(
    ("who", "status", "slug"),
    [
        ((CAF, "dpo"), 403, "forbidden"), ((CAF, "records_manager"), 403, "forbidden"),
        ((SGL, "requester"), 403, "forbidden"), ((CAF, "delegate"), 403, "forbidden"),
        (("oullins", "controller"), 404, "not-found"), (None, 401, "unauthenticated"),
    ],
)  # fmt: skip
async def test_only_a_controller_of_one_of_the_parties_erases(
    world: World, who: tuple[str, str] | None, status: int, slug: str
) -> None:
    request_id = await world.filed()
    await world.refused(status, slug, who, "POST", f"/requests/{request_id}/erasure", ALL)
    assert (await world.read(request_id))["request"]["title"] != "effacé"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"scope": "revision"}, "/revision"), ({"scope": "attachment"}, "/sha256"), ({"revision": 1}, "/revision"),
        ({"scope": "revision", "revision": 99}, "/revision"),
        ({"scope": "attachment", "sha256": "0" * 64}, "/sha256"),
        ({"dpo_informed_on": "2023-03-02"}, "/dpo_informed_on"), ({"reason": "parce que"}, "/reason"),
        ({"comment": "M. X"}, "/comment"),
    ],
)  # fmt: skip
async def test_a_badly_described_erasure_is_refused_with_a_pointer(
    world: World, change: dict[str, Any], pointer: str
) -> None:
    request_id = await world.filed()
    events = await world.events()
    problem = await world.refused(
        422, "invalid-document", HOLDER, "POST", f"/requests/{request_id}/erasure", {**ALL, **change}
    )
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert await world.events() == events


async def test_what_was_sent_leaves_no_digest_behind(world: World) -> None:
    document = request_document()
    made = await world.ok(
        (SGL, "requester"), "POST", f"/conventions/{CONVENTION}/requests", document, headers={"Idempotency-Key": "k1"}
    )
    assert len(await world.rows("SELECT 1 FROM idempotency")) == 1
    await erased(world, made["id"], REQUESTER)
    assert await world.rows("SELECT 1 FROM idempotency") == []


async def test_an_erasure_and_an_act_at_the_same_time_leave_nothing_unreadable(world: World) -> None:
    import asyncio

    request_id = await world.filed()
    await asyncio.gather(
        *(world.attach(request_id, kind) for kind in ("dpia", "deliberation", "delegation", "other")),
        *(erased(world, request_id, scope="revision", revision=1) for _ in range(2)),
    )
    file = await world.read(request_id)
    assert [erasure["revisions"] for erasure in file["erasures"]] == [[1]]
    assert sorted(piece["file_name"] for piece in file["attachments"]) == [
        "delegation.txt", "deliberation.txt", "dpia.txt", "other.txt",
    ]  # fmt: skip
    assert len([act for act in await history(world, request_id) if act["erased"]]) == 1
    pack = await world.call((CAF, "dpo"), "GET", f"/requests/{request_id}/evidence")
    assert (
        len([name for name in zipfile.ZipFile(io.BytesIO(pack.content)).namelist() if name.startswith("pieces/")]) == 4
    )


async def test_an_account_is_erased_and_its_acts_stay_under_names_of_nobody(world: World) -> None:
    request_id = await world.filed()
    who = (SGL, "requester")
    address = email(*who)

    async def erase(tx: Any) -> bool:
        gate = world.gate
        from registry.clock import paris_day
        from registry.exchange.context import Actor
        from registry.storage.conventions import Conventions
        from registry.storage.events import SYSTEM

        now = gate.now()
        actor = Actor(SYSTEM, "", frozenset({"controller"}))
        session = Session(tx, actor, now, paris_day(now), gate.vault, gate.recorder, Conventions())
        return await erase_account(session, address, ALL | {"reason": "departure"})

    account = await world.gate.engine.read(lambda tx: find_account(tx, address))
    assert await world.gate.engine.transact(erase)
    await world.refused(401, "unauthenticated", who, "GET", "/requests")
    for table, column in (("account", "id"), ("account_role", "account"), ("token", "account"), ("actor", "account")):
        assert await world.rows(f"SELECT 1 FROM {table} WHERE {column} = ?", account) == []
    acts = await history(world, request_id)
    assert [act["by"] for act in acts] == ["effacé", "effacé"]
    ((kind, facts, owner),) = await world.rows(
        "SELECT e.type, e.facts, l.owner FROM event e JOIN log l ON l.id = e.log WHERE e.object = ?", account
    )
    assert (kind, owner, json.loads(facts)["derived"]) == ("erasure", SGL, {"account": account})
    assert address not in json.dumps([str(row) for row in await world.rows("SELECT facts FROM event")])
    assert await world.gate.engine.transact(erase) is False


async def test_an_address_typed_in_an_act_lives_in_its_account_only(world: World) -> None:
    await world.ok(
        (CAF, "administrator"), "POST", f"/parties/{CAF}/dpo-designations",
        {"person": "interim@caf.example", "from": "2023-01-01", "interim": True},
    )  # fmt: skip
    request_id = await world.filed()
    await world.ok(
        (CAF, "controller"), "POST", f"/requests/{request_id}/substitution", {"person": "interim@caf.example"}
    )
    acts = await history(world, request_id)
    assert acts[-1]["input"] == {"person": "interim@caf.example"}
    account = await world.gate.engine.read(lambda tx: find_account(tx, "interim@caf.example"))
    from registry.storage.events import history as stored

    events = await world.gate.engine.read(lambda tx: stored(tx, request_id, world.gate.vault.unwrap))
    assert events[-1].event.input == {"person": account}
