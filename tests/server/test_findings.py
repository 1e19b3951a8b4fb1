"""Findings through the API: what speaks, what waits, what a convention set, what time changed, what was passed."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from registry.conformity.offline import check_document
from registry.gate.nightly import LEASE_SECONDS, TASK, AlreadyRunning, nightly
from registry.storage.conventions import load_convention
from registry.storage.leases import hold, release
from registry.storage.rebuild import rebuild
from schemas import schema
from tests.world import CAF, CONVENTION, SGL, example, request_document

if TYPE_CHECKING:
    from tests.world import World

DPO, REQUESTER, CONTROLLER = (CAF, "dpo"), (SGL, "requester"), (CAF, "controller")
CHECKS = f"/conventions/{CONVENTION}/checks"


def ids(found: list[dict[str, Any]]) -> set[str]:
    return {item["id"] for item in found}


async def test_a_draft_says_what_it_finds_and_what_waits_for_an_answer(world: World) -> None:
    document = example("EX-2023-009")["request"] | {"requester": SGL}
    created = await world.ok(REQUESTER, "POST", f"/conventions/{CONVENTION}/requests", document)
    assert "MIN-01" in ids(created["findings"])
    assert "LIC-01" in ids(created["pending"])
    assert not ids(created["findings"]) & ids(created["pending"])
    waiting = next(item for item in created["pending"] if item["id"] == "LIC-01")
    assert waiting["stage"] == "requester_dpo"
    assert waiting["message"].startswith("À compléter")

    base = f"/requests/{created['id']}"
    await world.ok(REQUESTER, "POST", f"{base}/filing", {}, version=created["version"])
    file = await world.read(created["id"], (SGL, "dpo"))
    saved = await world.ok(
        (SGL, "dpo"), "PUT", f"{base}/document?stage=requester_dpo", file["request"], version=file["version"]
    )
    assert "LIC-01" in ids(saved["findings"])
    assert {item["stage"] for item in saved["pending"]} == {"holder"}


async def test_a_finding_says_its_worth_its_phase_and_what_could_be_done_instead(world: World) -> None:
    document = request_document(convention_field="social_support")
    document["retention"][0]["months"] = 30
    document["purposes"]["kind"] = "statistics"
    created = await world.ok(REQUESTER, "POST", f"/conventions/{CONVENTION}/requests", document)
    found = {item["id"]: item for item in created["findings"]}
    doubtful = found["CONS-05"]
    assert (doubtful["confidence"], doubtful["confidence_label"]) == ("to_check", "À vérifier")
    assert doubtful["blocks"] is False
    assert doubtful["phase"] == "request"
    assert [a["kind"] for a in found["ALT-01"]["alternatives"]] == ["aggregated_table", "open_data"]
    assert all(a["text"].endswith(".") for a in found["ALT-01"]["alternatives"])


async def test_a_dpo_sets_thresholds_and_sentences_and_everything_reads_them(world: World) -> None:
    request_id = await world.create()
    assert "CONS-02" not in ids((await world.read(request_id, REQUESTER))["findings"])
    body = {
        "settings": {"retention_months": 6},
        "messages": {"CONS-02": "Trop long : plus de {retention_months} mois."},
    }
    await world.ok(DPO, "POST", CHECKS, body)

    rules = await world.ok(REQUESTER, "GET", CHECKS)
    assert rules["rules_version"] == "1.1+1"
    assert rules["settings"]["retention_months"] == 6
    assert rules["adjustments"] == body
    found = {f["id"]: f for f in (await world.read(request_id, REQUESTER))["findings"]}
    assert found["CONS-02"]["message"] == "Trop long : plus de 6 mois."
    await world.ok(REQUESTER, "POST", f"/requests/{request_id}/filing", {}, version=1)
    filed = await world.read(request_id)
    assert filed["rules_version"] == "1.1+1"
    assert "CONS-02" in ids(filed["findings_at_filing"])

    await world.ok((CAF, "secretariat"), "POST", CHECKS, {"settings": {"retention_months": None}})
    assert (await world.ok(DPO, "GET", CHECKS))["rules_version"] == "1.1+2"
    assert "CONS-02" not in ids((await world.read(request_id))["findings"])
    assert (await world.read(request_id))["rules_version"] == "1.1+1"

    before = await world.rows("SELECT document FROM convention")
    await rebuild(world.gate.engine, world.gate.vault)
    assert await world.rows("SELECT document FROM convention") == before


async def test_a_guard_reads_the_convention_s_threshold(world: World) -> None:
    document = request_document(data_nature="aggregated", data_items=[])
    document["volume"] |= {"scope": "aggregated", "cell_threshold": 5}
    request_id = await world.filed(document)
    await world.ok(DPO, "POST", CHECKS, {"settings": {"minimum_cell_size": 8}})
    admission = {"outcome": "outside_procedure", "reasons": "Données agrégées."}
    path = f"/requests/{request_id}/admission"
    problem = await world.refused(409, "gate-closed", (CAF, "business_referent"), "POST", path, admission)
    assert [e["check"] for e in problem["errors"]] == ["ALT-02"]
    assert "8 foyers" in problem["errors"][0]["message"]
    await world.ok(DPO, "POST", CHECKS, {"settings": {"minimum_cell_size": None}})
    await world.ok((CAF, "business_referent"), "POST", path, admission)


async def test_settings_are_set_by_a_dpo_or_the_secretariat_and_refused_with_pointers(world: World) -> None:
    for role in ("requester", "controller", "administrator", "records_manager"):
        body = {"settings": {"retention_months": 6}}
        await world.refused(403, "forbidden", (SGL, role), "POST", CHECKS, body)
    wrong = {"settings": {"article_14_days": 45}, "messages": {"LIC-99": "x", "LIC-05": "{inconnu}"}}
    problem = await world.refused(422, "invalid-document", DPO, "POST", CHECKS, wrong)
    pointers = {e["pointer"] for e in problem["errors"]}
    assert pointers == {"/settings/article_14_days", "/messages/LIC-99", "/messages/LIC-05"}
    problem = await world.refused(422, "invalid-document", DPO, "POST", CHECKS, {"settings": {"max_data_itmes": 3}})
    assert problem["errors"][0]["pointer"] == "/settings/max_data_itmes"
    assert "max_data_items" in problem["errors"][0]["message"]
    await world.refused(409, "already-done", DPO, "POST", CHECKS, {})
    assert (await world.ok(DPO, "GET", CHECKS))["rules_version"] == "1.1"


async def test_the_review_date_follows_the_convention(world: World) -> None:
    await world.ok(DPO, "POST", CHECKS, {"settings": {"review_months": 3}})
    request_id = await world.active()
    assert (await world.read(request_id))["next_review_on"] == "2023-06-01"


async def test_a_blocking_finding_of_classing_may_be_passed_before_the_study_and_no_other(world: World) -> None:
    document = request_document(data_nature="non_personal")
    request_id = await world.filed(document)
    path = f"/requests/{request_id}/admission"
    admission = {"outcome": "outside_procedure", "reasons": "Sans donnée personnelle."}
    await world.refused(409, "gate-closed", (CAF, "business_referent"), "POST", path, admission)
    override = f"/requests/{request_id}/findings/QUAL-01/override"
    await world.refused(403, "forbidden", (CAF, "business_referent"), "POST", override, {"reasons": "Vérifié."})
    await world.refused(403, "forbidden", (SGL, "controller"), "POST", override, {"reasons": "Vérifié."})
    await world.refused(
        409, "wrong-state", CONTROLLER, "POST", f"/requests/{request_id}/findings/CONS-01/override", {"reasons": "x"}
    )
    await world.ok(CONTROLLER, "POST", override, {"reasons": "Nature confirmée par le détenteur."})
    passed = next(f for f in (await world.read(request_id))["findings"] if f["id"] == "QUAL-01")
    assert passed["override_reasons"] == "Nature confirmée par le détenteur."
    assert passed["overridden_by"]
    await world.ok((CAF, "business_referent"), "POST", path, admission)


async def test_what_only_activation_reads_may_be_passed_when_its_source_allows_it(world: World) -> None:
    document = request_document()
    document["dpia"] |= {"status": "completed"}
    request_id = await world.approved(document)
    await world.prepared(request_id)
    for party in (CAF, SGL):
        await world.confirmed(request_id, party)
    activation = {"authorised_users": ["Agents"]}
    base = f"/requests/{request_id}"
    problem = await world.refused(409, "gate-closed", REQUESTER, "POST", f"{base}/activation", activation)
    assert {e["check"] for e in problem["errors"]} == {"AIPD-06"}
    await world.ok(CONTROLLER, "POST", f"{base}/findings/AIPD-06/override", {"reasons": "Conseil donné oralement."})
    await world.activate(request_id)
    assert (await world.read(request_id))["state"] == "active"


async def test_what_is_not_answered_counts_as_open_for_every_approval(world: World) -> None:
    request_id = await world.filed()
    base = f"/requests/{request_id}"
    await world.ok((CAF, "business_referent"), "POST", f"{base}/admission", {"outcome": "under_study"})
    await world.studied(request_id)
    condition = {"number": 1, "text": "À compléter.", "prior": True}
    await world.opinion(
        request_id,
        {"value": "favourable_subject_to_conditions", "text": "Sous condition.", "recommendations": [condition]},
    )
    version = await world.version(request_id)
    waiting = ids((await world.read(request_id))["pending"])
    assert {"LIC-05", "SEC-01"} <= waiting
    for value in ("approved", "approved_subject_to_conditions", "awaiting_conditions"):
        body = {"value": value, "reasons": "Motifs."}
        problem = await world.refused(409, "gate-closed", CONTROLLER, "POST", f"{base}/decision", body, version=version)
        assert {e["check"] for e in problem["errors"]} == waiting


async def test_what_the_activation_found_is_frozen_with_it(world: World) -> None:
    processor = {"name": "Éditeur du portail famille", "article_28_contract": True, "country": "FR"}
    request_id = await world.approved(request_document(processors=[processor]))
    await world.prepared(request_id)
    await world.attach(request_id, "article_28_contract")
    for party in (CAF, SGL):
        await world.confirmed(request_id, party)
    await world.activate(request_id)
    assert "REG-03" in ids((await world.read(request_id))["findings_at_filing"])


async def test_a_condition_that_covers_a_blocking_finding_is_shown_beside_it(world: World) -> None:
    document = request_document()
    document["channel"]["kind"] = "unencrypted_email"
    request_id = await world.under_study(document)
    await world.studied(request_id)
    condition = {"number": 1, "text": "Passer par SFTP.", "prior": True, "covers": ["SEC-01"], "paths": ["channel"]}
    body = {"value": "favourable_subject_to_conditions", "text": "Sous condition.", "recommendations": [condition]}
    await world.opinion(request_id, body)
    found = {f["id"]: f for f in (await world.read(request_id))["findings"]}
    assert found["SEC-01"]["blocks"]
    assert found["SEC-01"]["covered_by"] == [1]
    version = await world.version(request_id)
    await world.refused(
        409, "gate-closed", CONTROLLER, "POST", f"/requests/{request_id}/decision", {"value": "approved",
        "reasons": "x"}, version=version,
    )  # fmt: skip
    await world.decided(request_id, {"value": "approved_subject_to_conditions"})


async def test_what_the_api_answers_of_an_exchange_is_checked_offline_to_the_same_findings(world: World) -> None:
    request_id = await world.active()
    world.calendar.day = date(2024, 5, 2)
    file = await world.read(request_id)
    convention = (await world.gate.engine.read(lambda tx: load_convention(tx, CONVENTION))).convention
    report = check_document(file, convention.document, world.calendar.day)
    told = {(f.id, f.severity) for f in report.findings}
    assert "CYC-03" in ids(file["findings"])
    assert {(f["id"], f["severity"]) for f in file["findings"]} == told


async def _night(world: World, holder: str = "one") -> Any:
    return await nightly(world.gate.engine, world.calendar, holder)


async def test_the_nightly_pass_sees_what_time_alone_changed_and_changes_nothing_twice(world: World) -> None:
    request_id = await world.active()
    quiet = await _night(world)
    assert (quiet.examined, list(quiet.changes)) == (1, [])

    world.calendar.day = date(2024, 3, 2)
    events = await world.events()
    done = await _night(world)
    reference = (await world.read(request_id))["reference"]
    assert [(c.about, c.check, c.message is None) for c in done.changes] == [(reference, "CYC-03", False)]
    assert list((await _night(world)).changes) == []
    assert await world.events() == events

    world.calendar.day = date(2024, 3, 10)
    found = {f["id"]: f for f in (await world.read(request_id))["findings"]}
    assert (found["CYC-03"]["phase"], found["CYC-03"]["since"]) == ("life", "2024-03-02")
    assert "dépassée de 9 jours" in found["CYC-03"]["message"]

    world.calendar.day = date(2024, 2, 1)
    gone = await _night(world)
    assert [(c.check, c.message) for c in gone.changes] == [("CYC-03", None)]


async def test_the_nightly_pass_tells_of_a_convention_whose_term_is_near(world: World) -> None:
    await world.active()
    world.calendar.day = date(2025, 9, 1)
    done = await _night(world)
    assert (CONVENTION, "CYC-06") in {(c.about, c.check) for c in done.changes}
    convention = await world.ok(DPO, "GET", f"/conventions/{CONVENTION}")
    (near,) = convention["findings"]
    assert near["id"] == "CYC-06"
    assert "1 échanges actifs" in near["message"]


async def test_findings_of_an_exchange_that_ended_are_forgotten(world: World) -> None:
    request_id = await world.filed()
    body = {"items": ["Précisez la finalité."], "due_on": "2023-03-10"}
    await world.ok((CAF, "business_referent"), "POST", f"/requests/{request_id}/information-requests", body)
    world.calendar.day = date(2023, 3, 20)
    assert [c.check for c in (await _night(world)).changes] == ["CYC-04"]
    await world.ok(REQUESTER, "POST", f"/requests/{request_id}/withdrawal", {})
    assert [(c.check, c.message) for c in (await _night(world)).changes] == [("CYC-04", None)]
    assert await world.rows("SELECT * FROM life_finding") == []


async def test_one_process_runs_the_nightly_pass_at_a_time_and_another_takes_over(world: World) -> None:
    engine, now = world.gate.engine, int(world.calendar().timestamp())
    assert await engine.transact(lambda tx: hold(tx, TASK, "other", now, LEASE_SECONDS))
    with pytest.raises(AlreadyRunning):
        await _night(world)
    assert await engine.transact(lambda tx: hold(tx, TASK, "other", now - LEASE_SECONDS - 1, LEASE_SECONDS))
    assert (await _night(world, "next")).examined == 0
    assert await engine.transact(lambda tx: hold(tx, TASK, "third", now, LEASE_SECONDS))
    await engine.transact(lambda tx: release(tx, TASK, "third"))
    passes = await asyncio.gather(_night(world, "a"), _night(world, "b"), return_exceptions=True)
    assert all(isinstance(p, AlreadyRunning) or p.changes == [] for p in passes)


async def test_schemas_have_versions_and_old_ones_stay_readable(world: World) -> None:
    today = await world.ok(DPO, "GET", "/schemas/convention")
    assert today["$id"] == schema("convention")["$id"] == "urn:ecluse:schema:convention:2"
    old = await world.ok(DPO, "GET", "/schemas/convention?version=1")
    assert old["$id"] == "urn:ecluse:schema:convention:1"
    assert "checks" in today["properties"]
    assert "checks" not in old["properties"]
    for version in ("3", "0", "x", "../../secret"):
        await world.refused(404, "not-found", DPO, "GET", f"/schemas/convention?version={version}")

    await world.create()
    rows = await world.rows("SELECT facts FROM event ORDER BY seq")
    named = {json.loads(bytes(facts))["schema"] for (facts,) in rows}
    assert {"convention:2", "request:1"} <= named
