"""The life of a convention through the API: its term, its four endings, its committee, a merger among open files."""

from datetime import date
from typing import Any

from registry.storage.rebuild import PROJECTIONS, rebuild
from tests.world import CAF, CONVENTION, MERGED, OULLINS, SGL, World, request_document

BASE = f"/conventions/{CONVENTION}"
CAF_CONTROLLER, SGL_CONTROLLER, SECRETARIAT = (CAF, "controller"), (SGL, "controller"), (CAF, "secretariat")


async def _read(world: World) -> Any:
    return await world.ok((CAF, "dpo"), "GET", BASE)


async def _kinds(world: World, day: date) -> list[str]:
    world.calendar.day = day
    return [alert["kind"] for alert in (await _read(world))["alerts"] if not alert["kind"].startswith("committee")]


def _letter(ground: str, sent_on: str = "2023-03-01") -> dict[str, str]:
    return {"ground": ground, "sent_on": sent_on, "reference": "LRAR 1A", "reasons": "Obligations de l'article 6."}


_ENDED = {"reference": "Décision 2023-12", "reasons": "Mise en demeure restée sans effet."}


async def test_each_month_of_the_countdown_is_told_once_and_a_renewal_silences_it(world: World) -> None:
    told = [
        await _kinds(world, day)
        for day in (
            date(2025, 6, 29), date(2025, 6, 30), date(2025, 9, 29), date(2025, 9, 30), date(2025, 11, 30),
            date(2025, 12, 31), date(2026, 1, 1),
        )
    ]  # fmt: skip
    assert told == [
        [], ["term_in_6_months"], ["term_in_6_months"], ["term_in_3_months"], ["term_in_1_months"],
        ["term_in_1_months"], ["expired"],
    ]  # fmt: skip
    renewal = {"reference": "AV-1", "signed_on": "2026-01-15", "description": "Reconduction.", "term": "2030-12-31"}
    await world.ok(SECRETARIAT, "POST", f"{BASE}/amendments", renewal)
    assert await _kinds(world, date(2026, 2, 1)) == []


async def test_a_party_that_does_not_follow_the_renewal_leaves_at_the_term_and_the_others_go_on(world: World) -> None:
    request_id = await world.filed()
    world.calendar.day = date(2025, 12, 1)
    renewal = {"reference": "AV-1", "signed_on": "2025-12-01", "description": "Reconduction.", "term": "2030-12-31"}
    await world.ok(SECRETARIAT, "POST", f"{BASE}/amendments", renewal)
    leaving = {"exit_on": "2025-12-31", "reference": "Délibération 12"}
    await world.refused(403, "forbidden", (SGL, "requester"), "POST", f"{BASE}/exits", leaving)
    wrong = await world.refused(
        422, "invalid-document", SGL_CONTROLLER, "POST", f"{BASE}/exits", {**leaving, "exit_on": "2026-03-01"}
    )
    assert wrong["errors"][0]["pointer"] == "/exit_on"
    await world.ok(SGL_CONTROLLER, "POST", f"{BASE}/exits", leaving)
    await world.refused(409, "already-done", SGL_CONTROLLER, "POST", f"{BASE}/exits", leaving)
    assert await _kinds(world, date(2026, 1, 2)) == ["party_exit"]
    admission = f"/requests/{request_id}/admission"
    body = {"outcome": "under_study"}
    await world.refused(409, "convention-not-in-force", (CAF, "business_referent"), "POST", admission, body)
    others = await world.filed(request_document(requester=MERGED), MERGED)
    path = f"/requests/{others}/admission"
    assert (await world.ok((CAF, "business_referent"), "POST", path, body))["state"] == "under_study"


async def test_a_breach_ends_the_convention_a_month_after_the_letter_and_only_if_its_sender_says_so(
    world: World,
) -> None:
    world.calendar.day = date(2023, 3, 3)
    await world.refused(403, "forbidden", (SGL, "dpo"), "POST", f"{BASE}/notices", _letter("breach_of_obligations"))
    sent = await world.ok(SGL_CONTROLLER, "POST", f"{BASE}/notices", _letter("breach_of_obligations"))
    (notice,) = sent["notices"]
    assert (notice["by"], notice["sent_on"], notice["available_on"]) == (SGL, "2023-03-01", "2023-04-02")
    again = _letter("breach_of_obligations")
    await world.refused(409, "already-done", SGL_CONTROLLER, "POST", f"{BASE}/notices", again)
    ended = {**_ENDED, "notice": notice["id"]}
    assert await _kinds(world, date(2023, 4, 1)) == ["formal_notice"]
    early = await world.refused(409, "gate-closed", SGL_CONTROLLER, "POST", f"{BASE}/termination", ended)
    assert "02/04/2023" in early["detail"]
    assert await _kinds(world, date(2023, 5, 2)) == ["formal_notice_elapsed"]
    assert (await _read(world))["status_today"] == "in_force"  # nothing is decided by silence
    await world.refused(403, "forbidden", CAF_CONTROLLER, "POST", f"{BASE}/termination", ended)
    after = await world.ok(SGL_CONTROLLER, "POST", f"{BASE}/termination", ended)
    assert (after["status_today"], after["terminated_on"]) == ("terminated", "2023-05-02")
    assert [alert["kind"] for alert in after["alerts"]] == ["terminated"]
    assert "article 14" in after["alerts"][0]["message"]
    await world.refused(409, "already-done", SGL_CONTROLLER, "POST", f"{BASE}/termination", ended)
    await world.refused(409, "already-done", CAF_CONTROLLER, "POST", f"{BASE}/notices", _letter("breach_of_laws"))


async def test_a_formal_notice_that_was_heard_is_withdrawn_and_leaves_its_trace(world: World) -> None:
    world.calendar.day = date(2023, 3, 3)
    sent = await world.ok(SGL_CONTROLLER, "POST", f"{BASE}/notices", _letter("breach_of_obligations"))
    heard = {"notice": sent["notices"][0]["id"], "reasons": "Les moyens ont été rétablis."}
    await world.refused(403, "forbidden", CAF_CONTROLLER, "POST", f"{BASE}/notice-withdrawals", heard)
    after = await world.ok(SGL_CONTROLLER, "POST", f"{BASE}/notice-withdrawals", heard)
    assert after["notices"][0]["withdrawn_on"] == "2023-03-03"
    assert await _kinds(world, date(2023, 5, 2)) == []
    ended = {**_ENDED, "notice": heard["notice"]}
    await world.refused(409, "already-done", SGL_CONTROLLER, "POST", f"{BASE}/termination", ended)


async def test_breaches_of_laws_and_changes_without_amendment_are_open_to_the_fund_alone(world: World) -> None:
    world.calendar.day = date(2023, 3, 3)
    await world.refused(403, "forbidden", SGL_CONTROLLER, "POST", f"{BASE}/notices", _letter("breach_of_laws"))
    await world.refused(403, "forbidden", SGL_CONTROLLER, "POST", f"{BASE}/termination", _ENDED)
    await world.ok(CAF_CONTROLLER, "POST", f"{BASE}/notices", _letter("breach_of_laws"))
    after = await world.ok(CAF_CONTROLLER, "POST", f"{BASE}/termination", _ENDED)
    assert (after["terminated_on"], after["terminations"][0]["ground"]) == ("2023-03-03", "change_without_amendment")


async def test_a_denunciation_fixes_the_last_day_six_months_ahead_and_may_be_taken_back_before(world: World) -> None:
    world.calendar.day = date(2023, 3, 3)
    sent = await world.ok(SGL_CONTROLLER, "POST", f"{BASE}/notices", _letter("denunciation", "2023-02-28"))
    assert (sent["status_today"], sent["terminated_on"]) == ("in_force", "2023-08-29")
    draft = await world.create()
    flagged = {finding["id"] for finding in (await world.read(draft, (SGL, "requester")))["findings"]}
    assert "CONV-02" in flagged  # the period asked for goes beyond the new end
    assert await _kinds(world, date(2023, 8, 28)) == ["denounced"]
    back = {"notice": sent["notices"][0]["id"], "reasons": "La commune reste."}
    after = await world.ok(SGL_CONTROLLER, "POST", f"{BASE}/notice-withdrawals", back)
    assert (after["status_today"], after["terminated_on"]) == ("in_force", None)


async def test_a_denunciation_that_took_effect_stops_everything_and_is_then_recorded(world: World) -> None:
    request_id = await world.filed()
    sent = await world.ok(SGL_CONTROLLER, "POST", f"{BASE}/notices", _letter("denunciation", "2023-03-01"))
    notice = sent["notices"][0]
    assert "denunciation_due" in await _kinds(world, date(2023, 9, 5))
    body = {"outcome": "under_study"}
    path = f"/requests/{request_id}/admission"
    await world.refused(409, "convention-not-in-force", (CAF, "business_referent"), "POST", path, body)
    late = {"notice": notice["id"], "reasons": "Trop tard."}
    await world.refused(409, "gate-closed", SGL_CONTROLLER, "POST", f"{BASE}/notice-withdrawals", late)
    ended = {**_ENDED, "notice": notice["id"]}
    after = await world.ok(SGL_CONTROLLER, "POST", f"{BASE}/termination", ended)
    assert (after["status_today"], after["terminated_on"]) == ("terminated", "2023-09-02")


async def test_the_committee_is_told_when_it_is_late_and_when_it_is_not_at_parity(world: World) -> None:
    async def kinds(day: date) -> list[str]:
        world.calendar.day = day
        return [alert["kind"] for alert in (await _read(world))["alerts"]]

    assert await kinds(date(2022, 1, 1)) == []
    assert await kinds(date(2022, 1, 2)) == ["committee_late"]
    meeting = {"held_on": "2022-01-02", "present": [CAF, SGL], "subjects": "Bilan de l'année."}
    await world.refused(403, "forbidden", (SGL, "secretariat"), "POST", f"{BASE}/committee/meetings", meeting)
    future = {**meeting, "held_on": "2022-01-03"}
    await world.refused(422, "invalid-document", SECRETARIAT, "POST", f"{BASE}/committee/meetings", future)
    unknown = {**meeting, "present": [CAF, "nulle-part"]}
    refused = await world.refused(422, "invalid-document", SECRETARIAT, "POST", f"{BASE}/committee/meetings", unknown)
    assert refused["errors"][0]["pointer"] == "/present/1"
    await world.ok(SECRETARIAT, "POST", f"{BASE}/committee/meetings", meeting)
    await world.refused(409, "already-done", SECRETARIAT, "POST", f"{BASE}/committee/meetings", meeting)
    assert await kinds(date(2023, 1, 2)) == []
    seat = {"party": CAF, "function": "Directeur", "kind": "full_member", "from": "2022-01-02"}
    await world.ok(SECRETARIAT, "POST", f"{BASE}/committee/members", seat)
    assert await kinds(date(2022, 6, 1)) == ["committee_parity"]
    other = {"party": SGL, "function": "Adjointe à l'enfance", "kind": "full_member", "from": "2022-06-02"}
    advised = {"party": SGL, "function": "Directrice de crèche", "kind": "resource_person", "from": "2022-06-02"}
    for member in (other, advised):
        joined = await world.ok(SECRETARIAT, "POST", f"{BASE}/committee/members", member)
    assert await kinds(date(2022, 6, 2)) == []
    leaving = {"member": joined["committee_members"][1]["id"], "until": "2022-06-30"}
    await world.ok(SECRETARIAT, "POST", f"{BASE}/committee/departures", leaving)
    await world.refused(409, "already-done", SECRETARIAT, "POST", f"{BASE}/committee/departures", leaving)
    assert await kinds(date(2022, 7, 1)) == ["committee_parity"]


async def test_a_merger_among_five_open_files_carries_files_people_and_registers(world: World) -> None:
    requested = request_document(requester=OULLINS)
    draft = await world.create(requested, OULLINS)
    filed = await world.filed(requested, OULLINS)
    studied = await world.under_study(requested, OULLINS)
    approved = await world.under_study(requested, OULLINS)
    await world.studied(approved)
    await world.opinion(approved)
    await world.decided(approved)
    prepared = await world.under_study(requested, OULLINS)
    await world.studied(prepared)
    await world.opinion(prepared)
    await world.decided(prepared)
    await world.prepared(prepared, OULLINS)
    world.calendar.day = date(2024, 1, 2)
    party = next(p for p in (await _read(world))["parties"] if p["id"] == MERGED)
    party.pop("delegations", None)
    gone = "DELETE FROM account_role WHERE party = ?"  # nobody has yet a function in the new municipality
    await world.gate.engine.transact(lambda tx: tx.execute(gone, MERGED))
    body = {"predecessors": [OULLINS, "pierre-benite"], "successor": party, "effective_on": "2024-01-01",
            "reference": "Arrêté de création de la commune nouvelle"}  # fmt: skip
    await world.ok(SECRETARIAT, "POST", f"{BASE}/successions", body)
    held = await world.rows(
        "SELECT r.role, a.email FROM account_role r JOIN account a ON a.id = r.account WHERE r.party = ? ORDER BY 1, 2",
        MERGED,
    )
    carried = {role for role, _ in held}
    assert {"requester", "records_manager", "administrator"} <= carried
    assert "dpo" in carried  # designated by the act itself
    assert not {"controller", "delegate", "auditor"} & carried  # those who bind the party are designated anew
    token = await _token(world, f"requester@{OULLINS}.example", MERGED)
    world.tokens[MERGED, "requester"] = token
    listed = await world.ok((MERGED, "requester"), "GET", "/requests")
    assert {item["id"] for item in listed["items"]} == {draft, filed, studied, approved, prepared}
    await world.ok((MERGED, "requester"), "POST", f"/requests/{draft}/filing", {}, version=1)
    body = {"outcome": "under_study"}
    assert (await world.ok((CAF, "business_referent"), "POST", f"/requests/{filed}/admission", body))[
        "state"
    ] == "under_study"
    await world.studied(studied)
    world.tokens[MERGED, "records_manager"] = await _token(world, f"records-manager@{OULLINS}.example", MERGED)
    await world.confirmed(prepared, CAF)
    entry = (await world.read(prepared, (MERGED, "records_manager")))["register_entries"][OULLINS]
    kept = await world.ok((MERGED, "records_manager"), "GET", f"/parties/{MERGED}/register/entries/{entry}")
    confirmation = {"entry": entry, "entry_version": kept["version"], "action": "created"}
    path = f"/requests/{prepared}/register-confirmations"
    await world.ok((MERGED, "records_manager"), "POST", path, confirmation)
    active = {"authorised_users": ["Agents du guichet unique"]}
    path = f"/requests/{prepared}/activation"
    assert (await world.ok((MERGED, "requester"), "POST", path, active))["state"] == "active"


async def _token(world: World, address: str, party: str) -> str:
    from registry.storage.accounts import account_for, issue_token

    async def work(tx: Any) -> str:
        account = await account_for(tx, address, world.calendar())
        return await issue_token(tx, account, party, world.calendar(), 30)

    return str(await world.gate.engine.transact(work))


async def test_a_termination_stops_at_once_every_exchange_that_the_convention_alone_carries(world: World) -> None:
    stopped = await world.active()
    framed = await world.active()
    body = {"framework": "Contrat Cdap 2023-7", "effective_on": "2023-03-01"}
    await world.ok(CAF_CONTROLLER, "POST", f"/requests/{framed}/reattachment", body)
    waiting = await world.under_study()
    await world.studied(waiting)
    await world.opinion(waiting)
    oullins = (OULLINS, "controller")  # no party of these exchanges, and it does not see them
    await world.refused(404, "not-found", oullins, "GET", f"/requests/{stopped}")
    sent = await world.ok(oullins, "POST", f"{BASE}/notices", _letter("breach_of_obligations"))
    world.calendar.day = date(2023, 5, 2)
    ended = {**_ENDED, "notice": sent["notices"][0]["id"]}
    await world.ok(oullins, "POST", f"{BASE}/termination", ended)
    after = await world.read(stopped)
    assert after["state"] == "suspended"
    assert [(s["cause"], s["party"]) for s in after["suspensions"]] == [("convention_terminated", CAF)]
    assert (await world.read(framed))["state"] == "active"
    version = await world.version(waiting)
    decision = f"/requests/{waiting}/decision"
    approved = {"value": "approved"}
    await world.refused(409, "convention-not-in-force", CAF_CONTROLLER, "POST", decision, approved, version=version)
    resumption = f"/requests/{stopped}/resumption"
    reasons = {"reasons": "Un autre cadre le porte."}
    await world.refused(409, "convention-not-in-force", CAF_CONTROLLER, "POST", resumption, reasons)
    body = {"framework": "Convention 2026", "effective_on": "2023-05-02"}
    await world.ok(CAF_CONTROLLER, "POST", f"/requests/{stopped}/reattachment", body)
    assert (await world.ok(CAF_CONTROLLER, "POST", resumption, reasons))["state"] == "active"
    live = {table: sorted(await world.rows(f"SELECT * FROM {table}"), key=repr) for table in PROJECTIONS}
    await rebuild(world.gate.engine, world.gate.vault)
    assert {table: sorted(await world.rows(f"SELECT * FROM {table}"), key=repr) for table in PROJECTIONS} == live


async def test_only_the_party_that_provides_the_secretariat_acts_as_it(world: World) -> None:
    other = (OULLINS, "secretariat")
    world.calendar.day = date(2024, 1, 2)
    party = next(p for p in (await _read(world))["parties"] if p["id"] == MERGED)
    party.pop("delegations", None)
    succession = {"predecessors": [CAF], "successor": party, "effective_on": "2024-01-01", "reference": "Arrêté"}
    renewal = {"reference": "AV-1", "signed_on": "2024-01-01", "description": "Reconduction.", "term": "2030-12-31"}
    settings = {"settings": {"inactivity_periods": "1.25"}}
    for who in (other, (MERGED, "secretariat")):
        for path, body in (("successions", succession), ("amendments", renewal), ("checks", settings)):
            refused = await world.call(who, "POST", f"{BASE}/{path}", body)
            assert refused.status_code == 403, path
    await world.ok(SECRETARIAT, "POST", f"{BASE}/checks", settings)
