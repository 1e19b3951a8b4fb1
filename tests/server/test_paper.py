"""A decision or an acceptance signed on paper: recorded by the party's secretariat, through the same gates."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest

from registry.exchange.acts import ACTS
from registry.exchange.evolve import fold
from registry.exchange.file import as_document
from registry.storage.events import history
from tests.registry.storage.test_reconcile import fine
from tests.world import CAF, SGL, World, email

RECORDER, CONTROLLER = (CAF, "records_manager"), (CAF, "controller")
LETTER = b"Lettre sign\xc3\xa9e, num\xc3\xa9ris\xc3\xa9e."
DIGEST = hashlib.sha256(LETTER).hexdigest()


async def _attached(world: World, request_id: str, who: tuple[str, str], content: bytes = LETTER) -> None:
    files = {"file": ("lettre.txt", content, "text/plain")}
    data = {"kind": "other", "dated_on": world.calendar.day.isoformat()}
    await world.ok(who, "POST", f"/requests/{request_id}/attachments", data=data, files=files)


def _letter(day: date, **changes: Any) -> dict[str, Any]:
    letter = {"sha256": DIGEST, "signed_on": day.isoformat(), "signed_as": "controller", "function": "Le directeur"}
    return letter | changes


async def _ready(world: World) -> tuple[str, int]:
    request_id = await world.under_study()
    await world.studied(request_id)
    await world.opinion(request_id)
    world.calendar.day += timedelta(days=3)
    return request_id, await world.version(request_id)


async def _rights(world: World, request_id: str) -> Any:
    """The file as its history folds it."""

    async def work(tx: Any) -> Any:
        stored = await history(tx, request_id, world.gate.vault.unwrap)
        return as_document(fold(one.event for one in stored))

    return await world.gate.engine.read(work)


async def test_a_letter_decides_and_accepts_and_the_record_says_so(world: World) -> None:
    request_id, version = await _ready(world)
    day = world.calendar.day - timedelta(days=1)
    path = f"/requests/{request_id}/paper-decision"
    body = {"letter": _letter(day), "decision": {"value": "approved", "reasons": "Vu l'avis."}}
    missing = await world.refused(422, "invalid-document", RECORDER, "POST", path, body, version=version)
    assert [one["pointer"] for one in missing["errors"]] == ["/letter/sha256"]
    await _attached(world, request_id, RECORDER)
    done = await world.ok(RECORDER, "POST", path, body, version=version)
    assert done["state"] == "approved"
    file = await world.read(request_id)
    decision = file["decision"]
    assert (decision["decided_on"], decision["decided_for"]) == (day.isoformat(), CAF)
    assert file["people"][decision["decided_by"]] == email(*CONTROLLER)
    assert file["people"][decision["paper"]["recorded_by"]] == email(*RECORDER)
    assert decision["paper"] | {"recorded_by": ""} == {
        "letter": DIGEST, "signed_on": day.isoformat(), "signed_as": "controller", "function": "Le directeur",
        "recorded_by": "", "recorded_on": world.calendar.day.isoformat(),
    }  # fmt: skip
    events = (await world.ok(RECORDER, "GET", f"/requests/{request_id}/events?limit=50"))["items"]
    assert (events[-1]["by"], events[-1]["derived"]["signed_on_paper"]) == (email(*RECORDER), True)
    assert set(file["register_entries"]) == {CAF, SGL}
    secretary = (SGL, "compliance_referent")
    await _attached(world, request_id, (SGL, "requester"), b"Acceptation.")
    early = _letter(day - timedelta(days=1), sha256=hashlib.sha256(b"Acceptation.").hexdigest(), function="Le maire")
    accepted = f"/requests/{request_id}/paper-acceptance"
    wrong = await world.refused(
        422, "invalid-document", secretary, "POST", accepted, {"letter": early}, version=version
    )
    assert "avant ce qu'elle juge" in wrong["errors"][0]["message"]
    await world.refused(403, "forbidden", RECORDER, "POST", accepted, {"letter": early}, version=version)
    await world.ok(secretary, "POST", accepted, {"letter": early | {"signed_on": day.isoformat()}}, version=version)
    await world.ok((SGL, "requester"), "POST", f"/requests/{request_id}/preparation", {})
    read = await world.read(request_id)
    assert read["acceptance"]["paper"]["function"] == "Le maire"
    folded = await _rights(world, request_id)
    assert (folded["decision"], folded["acceptance"]) == (read["decision"], read["acceptance"])
    await world.published()
    await fine(world)


async def test_a_delegate_signs_within_the_dates_of_the_delegation(world: World) -> None:
    request_id, version = await _ready(world)
    await _attached(world, request_id, RECORDER)
    today = world.calendar.day
    given = {"user": email(CAF, "delegate"), "valid_from": today.isoformat(), "valid_until": None}
    made = await world.ok(CONTROLLER, "POST", f"/parties/{CAF}/delegations", given)
    party = next(p for p in made["parties"] if p["id"] == CAF)
    named = party["delegations"][-1]["id"]
    path = f"/requests/{request_id}/paper-decision"

    def body(day: date, **changes: Any) -> dict[str, Any]:
        letter = _letter(day, signed_as="delegate", delegation=named, **changes)
        return {"letter": letter, "decision": {"value": "approved"}}

    await world.refused(403, "forbidden", RECORDER, "POST", path, body(today - timedelta(days=1)), version=version)
    nameless = body(today)
    del nameless["letter"]["delegation"]
    wrong = await world.refused(422, "invalid-document", RECORDER, "POST", path, nameless, version=version)
    assert wrong["errors"][0]["pointer"] == "/letter/delegation"
    await world.ok(RECORDER, "POST", path, body(today), version=version)
    decision = (await world.read(request_id))["decision"]
    assert (decision["delegation"], decision["paper"]["signed_as"]) == (named, "delegate")


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_paper_opens_no_gate_that_is_closed(world: World) -> None:
    request_id = await world.under_study()
    await _attached(world, request_id, RECORDER)
    version, today = await world.version(request_id), world.calendar.day
    path = f"/requests/{request_id}/paper-decision"
    approved = {"letter": _letter(today), "decision": {"value": "approved"}}
    await world.refused(409, "wrong-state", RECORDER, "POST", path, approved, version=version)
    await world.studied(request_id)
    await world.opinion(request_id)
    tomorrow = {**approved, "letter": _letter(today + timedelta(days=1))}
    wrong = await world.refused(422, "invalid-document", RECORDER, "POST", path, tomorrow, version=version)
    assert "avenir" in wrong["errors"][0]["message"]
    before = {**approved, "letter": _letter(today - timedelta(days=1))}
    wrong = await world.refused(422, "invalid-document", RECORDER, "POST", path, before, version=version)
    assert f"{today:%d/%m/%Y}" in wrong["errors"][0]["message"]
    inconsistent = {**approved, "decision": {"value": "approved", "excluded_paths": ["nulle.part"]}}
    wrong = await world.refused(422, "invalid-document", RECORDER, "POST", path, inconsistent, version=version)
    assert wrong["errors"][0]["pointer"] == "/decision/excluded_paths/0"
    await world.refused(412, "stale-version", RECORDER, "POST", path, approved, version=version + 1)
    await _attached(world, request_id, RECORDER, b"Une autre.")
    other = hashlib.sha256(b"Une autre.").hexdigest()
    erased = {"scope": "attachment", "sha256": other, "legal_basis": "article_17_1_a", "reason": "data_subject_request",
              "dpo_informed_on": today.isoformat()}  # fmt: skip
    await world.ok(CONTROLLER, "POST", f"/requests/{request_id}/erasure", erased)
    gone = {**approved, "letter": _letter(today, sha256=other)}
    wrong = await world.refused(422, "invalid-document", RECORDER, "POST", path, gone, version=version)
    assert wrong["errors"][0]["pointer"] == "/letter/sha256"
    await world.refused(428, "precondition-required", RECORDER, "POST", path, approved)
    for who in (CONTROLLER, (CAF, "dpo"), (CAF, "administrator"), (SGL, "records_manager"), (SGL, "requester")):
        await world.refused(403, "forbidden", who, "POST", path, approved, version=version)
    assert ACTS["paper-decision"].roles == ("records_manager", "compliance_referent", "business_referent")
    await world.ok(RECORDER, "POST", path, approved, version=version)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_neither_who_asked_nor_who_gave_the_opinion_signs_or_records(world: World) -> None:
    """Several hats of one person change nothing."""
    request_id, version = await _ready(world)
    await _attached(world, request_id, RECORDER)
    path = f"/requests/{request_id}/paper-decision"
    body = {"letter": _letter(world.calendar.day), "decision": {"value": "approved"}}
    since = "UPDATE account_role SET account = (SELECT id FROM account WHERE email = ?) WHERE party = ? AND role = ?"
    dpo = email(CAF, "dpo")

    async def wears(role: str) -> None:
        await world.gate.engine.transact(lambda tx: tx.execute(since, dpo, CAF, role))

    await wears("controller")
    await world.refused(403, "separation-of-duties", RECORDER, "POST", path, body, version=version)
    await wears("records_manager")
    await world.refused(403, "separation-of-duties", (CAF, "dpo"), "POST", path, body, version=version)
