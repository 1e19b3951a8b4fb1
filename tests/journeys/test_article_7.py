"""Whole lives through the real API, on both engines."""

import pytest

from tests.world import CAF, CONVENTION, MERGED, OULLINS, SGL, World, example, request_document


async def test_a_request_goes_through_article_7_until_both_registers_hold_it(world: World) -> None:
    request_id = await world.active()
    file = await world.read(request_id)
    assert file["state"] == "active"
    assert {c["party"] for c in file["register_confirmations"]} == {CAF, SGL}
    for party in (CAF, SGL):
        register = await world.ok((party, "records_manager"), "GET", f"/parties/{party}/register")
        (line,) = register["items"]
        assert line["status"] == "confirmed"
        assert line["exchange"] == request_id
        assert line["missing"] == []
        assert line["record"]["purposes"][0] == file["request"]["purposes"]["main"]
    holder = (await world.ok((CAF, "dpo"), "GET", f"/parties/{CAF}/register"))["items"][0]["record"]
    assert "Commune de Saint-Genis-Laval" in {r["name"] for r in holder["categories_of_recipients"]}


async def test_every_step_leaves_a_signed_record_in_one_table(world: World) -> None:
    from registry.ledger.keys import parse_vkey
    from registry.ledger.records import parse_record

    request_id = await world.active()
    events = (await world.ok((CAF, "dpo"), "GET", f"/requests/{request_id}/events?limit=200"))["items"]
    assert [e["act"] for e in events] == [
        "creation", "filing", "admission", "document", "document", "study/opportunity", "study/feasibility",
        "study/compliance", "opinion", "decision", "acceptance", "preparation", "attachments", "register-confirmations",
        "register-confirmations", "activation",
    ]  # fmt: skip
    assert [e["revision"] for e in events] == list(range(1, len(events) + 1))
    (origin,) = [row[0] for row in await world.rows("SELECT origin FROM log WHERE owner = ?", CONVENTION)]
    signer = world.gate.recorder.signer(origin)
    verifier = parse_vkey(signer.vkey)
    for event in events:
        record = parse_record(event["record"].encode(), [verifier])
        assert (record.object, record.revision, record.commit) == (request_id, event["revision"], event["commit"])
        assert record.log == origin == "ecluse.example/ledger/ctg-sol-2021-2025/2023"
        assert record.type == "exchange"


async def test_the_conditional_example_goes_live_once_its_conditions_are_met(world: World) -> None:
    case = example("EX-2023-003")
    document = case["request"] | {"requester": SGL, "requested_on": None}
    request_id = await world.under_study(document)
    await world.studied(request_id, "reserved")
    recommendations = [r | {"owner": SGL} for r in case["recommendations"]]
    await world.opinion(
        request_id,
        {"value": case["expected_opinion"], "text": case["opinion_text"], "recommendations": recommendations},
    )
    version = await world.version(request_id)
    base = f"/requests/{request_id}"
    problem = await world.refused(
        409, "gate-closed", (CAF, "controller"), "POST", f"{base}/decision",
        {"value": "approved", "reasons": "Les conditions seront suivies."}, version=version,
    )  # fmt: skip
    assert {e["check"] for e in problem["errors"]} == {"AIPD-01", "CONS-03"}
    await world.decided(request_id, {"value": "approved_subject_to_conditions"})
    await world.prepared(request_id)
    body = {"authorised_users": ["Agents du Ccas"]}
    problem = await world.refused(409, "gate-closed", (SGL, "requester"), "POST", f"{base}/activation", body)
    assert {"AIPD-01", "CONS-03", "CYC-02", "CONV-12"} <= {e["check"] for e in problem["errors"]}

    corrected = (await world.read(request_id))["request"]
    corrected["retention"][0]["months"] = 12
    corrected["dpia"]["status"] = "completed"
    corrected["recipients"][0] = {"label": "Service des familles", "kind": "municipality", "professional_secrecy": True}
    await world.ok((SGL, "requester"), "POST", f"{base}/correction", {"request": corrected}, version=version)
    answer = {"accepted": True, "version": version + 1}
    await world.ok((CAF, "dpo"), "POST", f"{base}/correction", answer, version=version)
    file = await world.read(request_id)
    assert file["version"] == version + 1
    assert file["opinion"]["version"] == file["decision"]["version"] == version + 1

    dpia = {"completed_on": "2023-02-20", "residual_risk": "low", "dpo_advice": "Mesures suffisantes."}
    await world.ok((SGL, "dpo"), "POST", f"{base}/dpia", dpia)
    await world.attach(request_id, "dpia")
    for number in (1, 2, 3):
        path = f"{base}/recommendations/{number}/status"
        await world.ok((SGL, "requester"), "POST", path, {"status": "done"})
        await world.ok((CAF, "dpo"), "POST", path, {"status": "accepted_by_dpo"})
    for party in (CAF, SGL):
        await world.confirmed(request_id, party)
    assert (await world.activate(request_id))["state"] == "active"
    (line,) = (await world.ok((SGL, "records_manager"), "GET", f"/parties/{SGL}/register"))["items"]
    assert line["record"]["time_limits_for_erasure"][0]["months"] == 12


@pytest.mark.parametrize("reference", ["EX-2023-009", "EX-2024-006"])
async def test_the_refused_examples_are_filed_studied_and_refused_with_reasons(world: World, reference: str) -> None:
    case = example(reference)
    holder = case["request"]["holder"]
    requester = CAF if holder != CAF else SGL
    document = case["request"] | {"requester": requester, "requested_on": None}
    request_id = await world.filed(document, requester)
    await world.ok(
        (holder, "business_referent"), "POST", f"/requests/{request_id}/admission", {"outcome": "under_study"}
    )
    await world.studied(request_id, "unfavourable", holder)
    await world.opinion(request_id, {"value": "unfavourable", "text": case["opinion_text"]}, holder)
    version = await world.version(request_id, (holder, "dpo"))
    path = f"/requests/{request_id}/decision"
    await world.refused(409, "gate-closed", (holder, "controller"), "POST", path, {"value": "refused"}, version=version)
    body = {"value": "refused", "reasons": case["decision_reasons"], "alternative": case["alternative"],
            "dpo_informed_on": "2023-03-01"}  # fmt: skip
    assert (await world.ok((holder, "controller"), "POST", path, body, version=version))["state"] == "refused"


async def test_non_personal_data_leave_the_procedure_with_their_reasoning(world: World) -> None:
    document = example("EX-2022-002")["request"] | {"requested_on": None}
    request_id = await world.filed(document, CAF)
    path = f"/requests/{request_id}/admission"
    body = {"outcome": "outside_procedure"}
    await world.refused(422, "invalid-document", (SGL, "compliance_referent"), "POST", path, body)
    body["reasons"] = "Aucune donnée à caractère personnel."
    assert (await world.ok((SGL, "compliance_referent"), "POST", path, body))["state"] == "outside_procedure"
    answer = {"text": "Tableau transmis."}
    reply = await world.ok((SGL, "business_referent"), "POST", f"/requests/{request_id}/reply", answer)
    assert reply["state"] == "closed"


async def test_without_renewal_a_filing_is_recorded_but_goes_no_further(world: World) -> None:
    from datetime import date

    world.calendar.day = date(2026, 2, 2)
    request_id = await world.filed()
    path, body = f"/requests/{request_id}/admission", {"outcome": "under_study"}
    await world.refused(409, "convention-not-in-force", (CAF, "business_referent"), "POST", path, body)
    renewal = {"reference": "AV-1", "signed_on": "2026-01-15", "description": "Reconduction.", "term": "2030-12-31"}
    amended = await world.ok((CAF, "secretariat"), "POST", f"/conventions/{CONVENTION}/amendments", renewal)
    assert (amended["status_today"], amended["in_force_until"]) == ("in_force", "2030-12-31")
    assert (await world.ok((CAF, "business_referent"), "POST", path, body))["state"] == "under_study"


async def test_a_recorded_succession_hands_files_and_registers_to_the_new_municipality(world: World) -> None:
    from datetime import date

    request_id = await world.under_study(request_document(requester=OULLINS), OULLINS)
    world.calendar.day = date(2024, 1, 2)
    await world.refused(404, "not-found", (MERGED, "requester"), "GET", f"/requests/{request_id}")
    withdrawal = f"/requests/{request_id}/withdrawal"
    await world.refused(403, "forbidden", (OULLINS, "requester"), "POST", withdrawal, {})
    party = (await world.ok((CAF, "dpo"), "GET", f"/conventions/{CONVENTION}"))["parties"]
    successor = next(p for p in party if p["id"] == MERGED)
    successor.pop("delegations", None)
    body = {"predecessors": [OULLINS, "pierre-benite"], "successor": successor, "effective_on": "2024-01-01",
            "reference": "Arrêté de création de la commune nouvelle"}  # fmt: skip
    await world.ok((CAF, "secretariat"), "POST", f"/conventions/{CONVENTION}/successions", body)
    seen = await world.read(request_id, (MERGED, "requester"))
    assert "withdrawal" in seen["acts"]
    listed = await world.ok((MERGED, "requester"), "GET", f"/requests?party={CAF}")
    assert [item["id"] for item in listed["items"]] == [request_id]
    assert (await world.ok((MERGED, "requester"), "POST", withdrawal, {}))["state"] == "withdrawn"


async def test_complements_stop_the_clock_and_bring_the_file_back_where_it_was(world: World) -> None:
    request_id = await world.under_study()
    base = f"/requests/{request_id}"
    asked = {"items": ["Précisez les agents habilités."]}
    state = await world.ok((CAF, "it_security"), "POST", f"{base}/information-requests", asked)
    assert state["state"] == "awaiting_information"
    file = await world.read(request_id)
    file["request"]["recipients"][0]["label"] = "Régie scolaire, deux agents"
    saved = await world.ok((SGL, "requester"), "PUT", f"{base}/document", file["request"], version=file["version"])
    assert saved["version"] == file["version"] + 1
    assert (await world.ok((SGL, "requester"), "POST", f"{base}/information", {}))["state"] == "under_study"
    clock = (await world.read(request_id))["clock_events"]
    assert [(c["kind"], c["cause"]) for c in clock] == [
        ("stopped", "awaiting_information"), ("resumed", "awaiting_information"),
    ]  # fmt: skip
    await world.ok((CAF, "it_security"), "POST", f"{base}/information-requests", asked)
    dropping = f"{base}/dropping"
    await world.refused(409, "wrong-state", (CAF, "controller"), "POST", dropping, {})
    from datetime import date

    world.calendar.day = date(2023, 4, 15)
    assert (await world.ok((CAF, "controller"), "POST", dropping, {}))["state"] == "dropped"


async def test_a_referral_stops_the_clock_until_its_answer(world: World) -> None:
    request_id = await world.under_study()
    base = f"/requests/{request_id}"
    body = {"body": "cnaf", "question": "Une voie nationale existe-t-elle ?"}
    assert (await world.ok((CAF, "dpo"), "POST", f"{base}/referral", body))["state"] == "referred"
    await world.refused(422, "invalid-document", (CAF, "dpo"), "POST", f"{base}/return", {})
    back = await world.ok((CAF, "dpo"), "POST", f"{base}/return", {"answer": "Non."})
    assert back["state"] == "under_study"


async def test_a_delegate_decides_only_while_the_delegation_runs(world: World) -> None:
    from tests.world import email

    request_id = await world.under_study()
    await world.studied(request_id)
    await world.opinion(request_id)
    version = await world.version(request_id)
    path, body, who = f"/requests/{request_id}/decision", {"value": "approved"}, (CAF, "delegate")
    await world.refused(403, "forbidden", who, "POST", path, body, version=version)
    delegation = {"user": email(*who), "valid_from": "2023-01-01", "valid_until": "2023-02-28"}
    await world.ok((CAF, "controller"), "POST", f"/parties/{CAF}/delegations", delegation)
    await world.refused(403, "forbidden", who, "POST", path, body, version=version)
    await world.ok((CAF, "controller"), "POST", f"/parties/{CAF}/delegations", delegation | {"valid_until": None})
    assert (await world.ok(who, "POST", path, body, version=version))["state"] == "approved"
    assert (await world.read(request_id))["decision"]["delegation"]


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_an_opinion_that_announces_recommendations_or_conditions_states_some(world: World) -> None:
    request_id = await world.under_study()
    await world.studied(request_id)
    version, path = await world.version(request_id), f"/requests/{request_id}/opinion"
    for value in ("favourable_with_recommendations", "favourable_subject_to_conditions"):
        body = {"value": value, "text": "Avis."}
        refused = await world.refused(422, "invalid-document", (CAF, "dpo"), "POST", path, body, version=version)
        assert [one["pointer"] for one in refused["errors"]] == ["/recommendations"], value
    by_line = [{"path": "recipients.0", "value": "favourable", "text": "Sans le service."}]
    await world.opinion(request_id, {"value": "favourable_with_recommendations", "text": "Avis.", "lines": by_line})
