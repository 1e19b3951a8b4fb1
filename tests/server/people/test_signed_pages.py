"""Acts signed on a device or on paper, done from their pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from registry.ledger.devices import challenge
from tests.authenticator import raw_of
from tests.server.people.acting import person, send, sign
from tests.server.people.browsers import entered
from tests.server.people.test_device_signatures import _post, _with_key
from tests.world import CAF, SGL, World, email


async def test_what_is_re_read_is_signed_with_the_readers_key(people: World) -> None:
    request_id = await people.under_study()
    await people.studied(request_id)
    boss = await person(people, CAF, "controller")
    await boss.see("/mandats")
    await boss.follow(await boss.post("/mandats/signature", {"policy": "required"}))
    assert '<option value="required" selected>' in boss.page
    assert (await boss.post("/mandats/signature", {"policy": "parfois"})).status_code == 422
    dpo, key = await _with_key(people, CAF, "dpo")
    path = f"/echanges/{request_id}/actes/opinion"
    sent = await send(dpo, path, value="favourable", text="Avis favorable.")
    assert sent.headers["location"] == f"{path}/relecture", dpo.text
    page = await dpo.see(f"{path}/relecture")
    assert "Signer avec ma clé d'accès" in dpo.text
    assert not re.search(r'<button type="submit"[^>]*>Signer', page)
    saved = re.search(r'name="_saved" value="([^"]+)"', page)
    assert saved
    plain = await dpo.post(f"{path}/relecture", {"_saved": saved.group(1)})
    assert plain.status_code == 403
    assert (await people.read(request_id))["opinion"] is None
    await dpo.see(f"{path}/relecture")
    stale = await _post(dpo, f"{path}/signature", {"saved": "autre"})
    assert (stale.status_code, stale.json()["type"]) == (409, "urn:ecluse:problem:draft-changed")
    offered = await _post(dpo, f"{path}/signature", {"saved": saved.group(1)})
    assert offered.status_code == 200, offered.text
    asked = raw_of(offered.json()["options"]["challenge"])
    forged = await dpo.post(f"{path}/relecture", {"_saved": saved.group(1), "_device": key.answers(challenge(b"x"))})
    assert forged.status_code == 403
    await dpo.see(f"{path}/relecture")
    done = await dpo.post(f"{path}/relecture", {"_saved": saved.group(1), "_device": key.answers(asked)})
    await dpo.follow(done)
    assert "faite sur l'appareil de son auteur" in dpo.text
    assert (await people.read(request_id))["opinion"]["text"] == "Avis favorable."


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_letter_is_recorded_from_its_page_and_the_exchange_says_so(people: World) -> None:
    request_id = await people.under_study()
    await people.studied(request_id)
    await people.opinion(request_id)
    await people.attach(request_id, "other", (CAF, "records_manager"))
    digest = (await people.read(request_id))["attachments"][0]["sha256"]
    people.calendar.day += timedelta(days=1)
    path = f"/echanges/{request_id}/actes/paper-decision"
    clerk = await entered(people, email(CAF, "records_manager"), CAF, "records_manager", codes=True)
    given = {"letter__sha256": digest, "letter__signed_as": "controller", "letter__function": "Le directeur",
             "decision__value": "approved", "letter__signed_on": "2030-01-01"}  # fmt: skip
    refused = await send(clerk, path, **given)
    assert refused.status_code == 422
    assert "dans l'avenir" in clerk.text
    await sign(clerk, path, **(given | {"letter__signed_on": people.calendar.day.isoformat()}))
    assert "Signée sur papier le 2 mars 2023" in clerk.text
    assert "Le directeur" in clerk.text
    decision = (await people.read(request_id))["decision"]
    assert (decision["value"], decision["paper"]["letter"]) == ("approved", digest)
    other = await person(people, SGL, "records_manager")
    await people.attach(request_id, "deliberation", (SGL, "requester"))
    accepted = {"letter__sha256": digest, "letter__signed_as": "controller", "letter__function": "Le maire",
                "letter__signed_on": people.calendar.day.isoformat()}  # fmt: skip
    path = path.replace("decision", "acceptance")
    wrong = await send(other, path, **accepted)
    assert wrong.status_code == 422
    assert "Joignez d'abord" in other.text
