"""Opinions and decisions signed on their author's own device, through the real API and the account's page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from registry.ledger.devices import challenge
from registry.ledger.verify.evidence import verify_evidence
from schemas import enumeration
from tests.authenticator import PRESENT, Authenticator, raw_of
from tests.journeys.test_verified import download, served
from tests.registry.storage.test_reconcile import fine
from tests.server.people.browsers import ORIGIN, Browser, entered
from tests.world import CAF, CONVENTION, SGL, World, email

if TYPE_CHECKING:
    from pathlib import Path

OPINION = {"value": "favourable", "text": "Avis favorable, limité au barème."}
HEADER = "Ecluse-Device-Signature"


async def _post(opened: Browser, path: str, body: Any, **headers: str) -> Any:
    sent = {
        "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": opened.csrf, "Accept": "application/json",
        **headers,
    }  # fmt: skip
    return await opened.client.post(path, json=body, headers=sent)


async def _with_key(people: World, party: str, role: str) -> tuple[Browser, Authenticator]:
    """Somebody at a browser with a passkey, which is their second factor and signs."""
    opened, key = await entered(people, email(party, role), party, role), Authenticator(counter=50)
    await opened.see("/compte")
    offered = (await _post(opened, "/compte/cles/options", {})).json()["options"]
    assert {one["alg"] for one in offered["pubKeyCredParams"]} == {-7, -8, -257}
    made = await _post(
        opened, "/compte/cles", {"credential": key.registers(raw_of(offered["challenge"])), "name": "Clé"}
    )
    assert made.status_code == 200, made.text
    await opened.see("/compte")
    return opened, key


async def _asked(opened: Browser, request_id: str, version: int, act: str, body: Any) -> Any:
    path = f"/api/v1/requests/{request_id}/device-signatures"
    return await _post(opened, path, {"act": act, "body": body}, **{"If-Match": f'"{version}"'})


async def _signed(
    opened: Browser,
    key: Authenticator,
    request_id: str,
    version: int,
    act: str,
    body: Any,
    sent: Any = None,
    **wrong: Any,
) -> Any:
    asked = await _asked(opened, request_id, version, act, body)
    assert asked.status_code == 201, asked.text
    options = asked.json()["options"]
    assert options["userVerification"] == "required"
    assert [raw_of(one["id"]) for one in options["allowCredentials"]] == [key.credential]
    stated = asked.json()["statement"].encode()
    assert raw_of(options["challenge"]) == challenge(stated)
    headers = {HEADER: key.answers(challenge(stated), **wrong), "If-Match": f'"{version}"'}
    return await _post(opened, f"/api/v1/requests/{request_id}/{act}", sent or body, **headers)


async def test_an_opinion_and_a_decision_signed_on_devices_are_verified_by_anybody(
    people: World, tmp_path: Path
) -> None:
    request_id = await people.under_study()
    await people.studied(request_id)
    version = await people.version(request_id)
    dpo, dpo_key = await _with_key(people, CAF, "dpo")
    assert "signe vos actes" in dpo.text
    done = await _signed(dpo, dpo_key, request_id, version, "opinion", OPINION)
    assert done.status_code == 200, done.text
    controller = (CAF, "controller")
    policy = f"/parties/{CAF}/device-policy"
    await people.refused(403, "forbidden", (CAF, "dpo"), "POST", policy, {"policy": "required"})
    await people.refused(403, "forbidden", controller, "POST", f"/parties/{SGL}/device-policy", {"policy": "required"})
    await people.ok(controller, "POST", policy, {"policy": "required"})
    await people.refused(409, "already-done", controller, "POST", policy, {"policy": "required"})
    path, body = f"/requests/{request_id}/decision", {"value": "approved"}
    refused = await people.refused(403, "device-signature-required", controller, "POST", path, body, version=version)
    assert "clé d'accès" in refused["detail"]
    boss, boss_key = await _with_key(people, CAF, "controller")
    done = await _signed(boss, boss_key, request_id, version, "decision", body)
    assert done.status_code == 200, done.text
    await people.published()
    source, anchor = await served(people, CONVENTION, (SGL, "requester"))
    assert source.files
    pack = tmp_path / "preuves.zip"
    pack.write_bytes(await download(people, f"/api/v1/requests/{request_id}/evidence"))
    report = verify_evidence(pack, anchor)
    assert ([str(one) for one in report.findings.kept], report.fine) == ([], True)
    assert [one.act for one in report.devices] == ["opinion", "decision"]
    _, own = await served(people, CAF, controller)
    both = verify_evidence(pack, type(anchor)((*anchor.keys, *own.keys)))
    assert [one.confirmed for one in both.devices] == [True, True]
    erasure = {
        "scope": "object", "legal_basis": "retention_expired", "reason": enumeration("erasure_reason")[0],
        "dpo_informed_on": "2023-03-01",
    }  # fmt: skip
    await people.ok(controller, "POST", f"/requests/{request_id}/erasure", erasure)
    await people.published()
    pack.write_bytes(await download(people, f"/api/v1/requests/{request_id}/evidence"))
    report = verify_evidence(pack, anchor)
    assert ([str(one) for one in report.findings.kept], len(report.devices)) == ([], 2)
    assert report.erased
    await fine(people)


async def test_what_is_not_signed_by_its_author_as_it_is_sent_is_refused_and_changes_nothing(people: World) -> None:
    request_id = await people.under_study()
    await people.studied(request_id)
    version = await people.version(request_id)
    dpo, key = await _with_key(people, CAF, "dpo")
    before = await people.events()
    altered = {**OPINION, "text": "Avis favorable sans réserve."}

    async def refused(expected: str, **given: Any) -> None:
        done = await _signed(dpo, given.pop("key", key), request_id, version, "opinion", OPINION, **given)
        assert (done.status_code, done.json()["type"].rpartition(":")[2]) == (403, "device-signature-refused"), (
            done.text
        )
        assert expected in done.json()["detail"]
        assert await people.events() == before

    await refused("n'est pas cet acte", sent=altered)
    await refused("n'est pas cet acte", sent={**OPINION, "value": "unfavourable"})
    await refused("n'a pas vérifié la personne", flags=PRESENT)
    await refused(
        "un autre site", site=Authenticator(site=type(key.site)("ecluse.example", "http://faux.example")).site
    )
    key.counter = 40
    await refused("compteur")
    key.counter = 60
    stranger = Authenticator(credential=key.credential, counter=80)
    await refused("est fausse", key=stranger)
    asked = await _asked(dpo, request_id, version, "opinion", OPINION)
    _, other_key = await _with_key(people, CAF, "controller")
    stated = challenge(asked.json()["statement"].encode())
    other_key.credential, theirs = key.credential, other_key.credential
    headers = {HEADER: other_key.answers(stated), "If-Match": f'"{version}"'}
    before = await people.events()
    path = f"/api/v1/requests/{request_id}/opinion"
    assert (await _post(dpo, path, OPINION, **headers)).status_code == 403
    other_key.credential = theirs
    headers[HEADER] = other_key.answers(stated)
    assert "n'est pas enregistrée pour signer" in (await _post(dpo, path, OPINION, **headers)).json()["detail"]
    people.calendar.minutes += 6
    headers[HEADER] = key.answers(stated)
    assert "expiré" in (await _post(dpo, path, OPINION, **headers)).json()["detail"]
    assert await people.events() == before
    assert (await _post(dpo, path, OPINION, **{HEADER: "%%%", "If-Match": f'"{version}"'})).status_code == 400
    done = await _signed(dpo, key, request_id, version, "opinion", OPINION)
    assert done.status_code == 200, done.text
    again = await _asked(dpo, request_id, version, "opinion", OPINION)
    assert (again.status_code, again.json()["type"]) == (409, "urn:ecluse:problem:wrong-state")


async def test_a_lost_key_ends_by_a_record_and_what_it_signed_stays_valid(people: World, tmp_path: Path) -> None:
    request_id = await people.under_study()
    await people.studied(request_id)
    version = await people.version(request_id)
    dpo, key = await _with_key(people, CAF, "dpo")
    assert (await _signed(dpo, key, request_id, version, "opinion", OPINION)).status_code == 200
    boss, _ = await _with_key(people, CAF, "administrator")
    ((identifier,),) = await people.rows("SELECT account FROM signing_key WHERE credential = ?", key.credential)
    await boss.see("/comptes")
    unchecked = await boss.post("/comptes/reprise", {"account": identifier})
    assert unchecked.status_code == 422
    assert "vérifié l'identité" in boss.text
    assert (await boss.post("/comptes/reprise", {"account": identifier, "check": "video"})).status_code == 200
    link = boss.page[boss.page.index("/invitation/") :].split("<")[0]
    fresh = "sept-cigognes-sur-le-clocher"
    await dpo.see(link)
    await dpo.follow(await dpo.post(link, {"password": fresh, "again": fresh, "agrees": "yes"}))
    assert await people.rows("SELECT 1 FROM signing_key WHERE account = ?", identifier) == []
    records = [
        json.loads(row[0]) for row in await people.rows("SELECT facts FROM event WHERE type = 'account' ORDER BY seq")
    ]
    told = [(one["act"], one["derived"]) for one in records if one["derived"].get("account") == identifier]
    assert ("video") in [derived.get("identity_check") for _, derived in told]
    assert [act for act, derived in told if derived.get("reason") == "reset"] == ["account.signing_key_ended"]
    await people.published()
    _, anchor = await served(people, CONVENTION, (SGL, "requester"))
    pack = tmp_path / "preuves.zip"
    pack.write_bytes(await download(people, f"/api/v1/requests/{request_id}/evidence"))
    assert verify_evidence(pack, anchor).fine
    await fine(people)
