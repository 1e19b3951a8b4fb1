"""Exchanges lived from activation to their certificate, under a moved clock, through the real API, on both engines."""

from datetime import date, timedelta
from typing import Any

from registry.storage.rebuild import PROJECTIONS, rebuild
from tests.world import CAF, CONVENTION, SGL, World, request_document

ASKER, DECIDER, REFERENT = (SGL, "requester"), (CAF, "controller"), (CAF, "business_referent")
DIGEST, OTHER = "a" * 64, "b" * 64
TODAY = date(2023, 3, 1)


async def _post(world: World, who: tuple[str, str], request_id: str, act: str, body: Any = None) -> Any:
    return await world.ok(who, "POST", f"/requests/{request_id}/{act}", body if body is not None else {})


def _on(world: World, day: str) -> str:
    world.calendar.day = date.fromisoformat(day)
    return day


async def _clocks(world: World, request_id: str) -> set[tuple[str, str]]:
    """The clocks that run, each with its due date."""
    return {(c["name"], c["due_on"]) for c in (await world.read(request_id))["clocks"] if c["ended_on"] is None}


async def _rebuilt(world: World) -> None:
    """The projections are, to the byte, what the events say."""
    live = {table: sorted(await world.rows(f"SELECT * FROM {table}"), key=repr) for table in PROJECTIONS}
    await rebuild(world.gate.engine, world.gate.vault)
    assert {table: sorted(await world.rows(f"SELECT * FROM {table}"), key=repr) for table in PROJECTIONS} == live


async def test_an_exchange_lives_two_years_and_ends_with_its_certificate(world: World) -> None:
    request_id = await world.active(request_document(exchange_mode="transmission"))
    base = f"/requests/{request_id}"
    await _flows(world, request_id)
    await _review(world, request_id)
    await _incident(world, request_id)
    await _objections(world, request_id)
    await _referral(world, request_id)
    await _suspended_and_resumed(world, request_id)
    await _ended(world, request_id)
    acts = [e["act"] for e in (await world.ok(ASKER, "GET", f"{base}/events?limit=200"))["items"]]
    assert {"flows", "review", "incidents", "objections", "suspension", "resumption", "closing", "certificate"} <= set(
        acts
    )
    await _rebuilt(world)


async def _flows(world: World, request_id: str) -> None:
    """The log: marks, all or nothing, by JSON and by CSV, re-read newest first."""
    _on(world, "2023-04-03")
    path = f"/requests/{request_id}/flows"
    flow = {"sent_on": "2023-04-03", "volume": 412, "channel": "api", "digest": DIGEST}
    problem = await world.refused(
        422, "invalid-document", ASKER, "POST", path, {"flows": [flow, {**flow, "sent_on": "2023-02-01"}]}
    )
    assert [e["pointer"] for e in problem["errors"]] == ["/flows/1/sent_on"]
    assert (await world.ok(ASKER, "GET", path))["items"] == []
    await world.ok(ASKER, "POST", path, {"flows": [flow]})
    table = f"Date;Volume;Voie;Empreinte de l'envoi\n01/04/2023;1;API;{OTHER}\n2023-04-02;12;Remise en main propre;{DIGEST}\n"
    wrong = table.replace("01/04/2023", "32/04/2023").replace(";12;", ";douze;")
    problem = await world.refused(
        422, "invalid-document", ASKER, "POST", f"{path}/imports", files={"file": ("j.csv", wrong.encode(), "text/csv")}
    )
    assert [(e["pointer"], e["message"].split(" : ")[0]) for e in problem["errors"]] == [
        ("/flows/0/sent_on", "Ligne 2, colonne « Date »"), ("/flows/1/volume", "Ligne 3, colonne « Volume »"),
    ]  # fmt: skip
    assert len((await world.ok(ASKER, "GET", path))["items"]) == 1
    await world.ok(ASKER, "POST", f"{path}/imports", files={"file": ("j.csv", table.encode("cp1252"), "text/csv")})
    logged = (await world.ok((CAF, "dpo"), "GET", f"{path}?limit=2"))["items"]
    assert [(f["number"], f["marks"]) for f in logged] == [(3, ["repeated", "other_channel"]), (2, [])]
    file = await world.read(request_id)
    assert (file["flows_recorded"], file["last_flow_on"]) == (3, "2023-04-03")


async def _review(world: World, request_id: str) -> None:
    """A review is late after twelve months, and the next one is due twelve months after it."""
    _on(world, "2024-03-02")
    file = await world.read(request_id)
    assert "CYC-03" in {f["id"] for f in file["findings"]}
    (seen,) = (await world.ok((SGL, "dpo"), "GET", f"/parties/{SGL}/inspection"))["items"]
    assert {"Dernière revue", "Dernière purge"} <= set(seen["holes"])
    await _post(world, REFERENT, request_id, "review", {"outcome": "continued", "authorisations_checked": True,
                                                        "purged_on": "2024-02-01"})  # fmt: skip
    file = await world.read(request_id)
    assert (file["next_review_on"], file["reviews"][0]["outcome"]) == ("2025-03-02", "continued")
    assert "CYC-03" not in {f["id"] for f in file["findings"]}
    (seen,) = (await world.ok((SGL, "dpo"), "GET", f"/parties/{SGL}/inspection"))["items"]
    assert (seen["last_review"], seen["last_purge"]) == ("Poursuite, 02/03/2024", "01/02/2024")


async def _incident(world: World, request_id: str) -> None:
    """A breach has 72 hours from its discovery; it is closed once told and notified."""
    body = {"discovered_on": "2024-03-02", "discovered_at": "09:30", "description": "Fichier envoyé au mauvais service.",
            "personal_data_breach": True}  # fmt: skip
    await _post(world, ASKER, request_id, "incidents", body)
    (incident,) = (await world.read(request_id))["incidents"]
    assert incident["notify_by"] == "2024-03-05T08:30:00.000Z"
    assert await _clocks(world, request_id) >= {("incident_told", "2024-03-02"), ("breach_notification", "2024-03-05")}
    follow = f"/requests/{request_id}/incidents/1/status"
    problem = await world.refused(409, "gate-closed", ASKER, "POST", follow, {"closed": True})
    assert [e["pointer"] for e in problem["errors"]] == ["/other_party_informed_on", "/cnil_notified_on"]
    await world.ok(REFERENT, "POST", follow, {"other_party_informed_on": "2024-03-02"})
    await world.ok((SGL, "dpo"), "POST", follow, {"cnil_notified_on": "2024-03-02", "closed": True})
    await world.refused(409, "already-done", ASKER, "POST", follow, {"measures": "Relecture."})
    assert {name for name, _ in await _clocks(world, request_id)} == {"review"}
    (incident,) = (await world.read(request_id))["incidents"]
    assert (incident["closed_on"], incident["other_party_informed_on"]) == ("2024-03-02", "2024-03-02")


async def _objections(world: World, request_id: str) -> None:
    """Numbers alone: received by one, passed on by it, applied by the other."""
    await _post(world, ASKER, request_id, "objections", {"kind": "objection", "received_on": "2024-03-01", "count": 3})
    follow = f"/requests/{request_id}/objections/1/status"
    applied, forwarded = {"applied_on": "2024-03-02"}, {"forwarded_on": "2024-03-02"}
    await world.refused(409, "gate-closed", REFERENT, "POST", follow, applied)
    await world.refused(403, "forbidden", REFERENT, "POST", follow, forwarded)
    await world.ok(ASKER, "POST", follow, forwarded)
    await world.refused(403, "forbidden", ASKER, "POST", follow, applied)
    await world.ok(REFERENT, "POST", follow, applied)
    (objection,) = (await world.read(request_id))["objections"]
    assert (objection["party"], objection["count"], objection["applied_on"]) == (SGL, 3, "2024-03-02")


async def _referral(world: World, request_id: str) -> None:
    """An exchange in operation goes on while the CNIL is asked."""
    who = (CAF, "dpo")
    body = {"body": "cnil", "question": "Ce nouvel usage est-il compatible ?"}
    assert (await _post(world, who, request_id, "referral", body))["state"] == "active"
    await world.refused(409, "already-done", who, "POST", f"/requests/{request_id}/referral", body)
    assert (await _post(world, who, request_id, "return", {"answer": "Oui."}))["state"] == "active"
    assert (await world.read(request_id))["referrals"][0]["answer"] == "Oui."


async def _suspended_and_resumed(world: World, request_id: str) -> None:
    """Decided, never automatic; resumed by who suspended; what is logged meanwhile is marked."""
    path = f"/requests/{request_id}/suspension"
    body = {"cause": "objections", "reasons": "Le temps de revoir la mention d'information."}
    await world.refused(403, "forbidden", REFERENT, "POST", path, body)
    assert (await world.ok(DECIDER, "POST", path, body))["state"] == "suspended"
    _on(world, "2024-04-02")
    resumption = f"/requests/{request_id}/resumption"
    await world.refused(403, "forbidden", (SGL, "controller"), "POST", resumption, {"reasons": "Mention revue."})
    flow = {"sent_on": "2024-03-20", "volume": 1, "channel": "api"}
    await _post(world, ASKER, request_id, "flows", {"flows": [flow]})
    (logged,) = (await world.ok(ASKER, "GET", f"/requests/{request_id}/flows?limit=1"))["items"]
    assert logged["marks"] == ["suspended"]
    assert (await world.ok(DECIDER, "POST", resumption, {"reasons": "Mention revue."}))["state"] == "active"
    public = (await world.call(None, "GET", f"/conventions/{CONVENTION}/exchanges")).json()["items"]
    assert [item["state"] for item in public] == ["Active"]


async def _ended(world: World, request_id: str) -> None:
    """Closing opens thirty days for the certificate; the registers' entries are archived from the day it is closed."""
    _on(world, "2025-01-10")
    end = {"cause": "need_ended", "reasons": "Le service n'existe plus."}
    assert (await _post(world, ASKER, request_id, "closing", end))["state"] == "closing"
    assert (await world.read(request_id))["closing"]["certificate_due_on"] == "2025-02-09"
    _on(world, "2025-02-20")
    file = await world.read(request_id, (SGL, "controller"))
    assert "certificate" in file["acts"]
    assert [(c["name"], c["past_due"]) for c in file["clocks"] if c["ended_on"] is None] == [
        ("closure_certificate", True)
    ]
    certificate = {"outcome": "destroyed", "done_on": "2025-02-15", "method": "Effacement sécurisé.",
                   "copies": "Sauvegardes expirées."}  # fmt: skip
    path = f"/requests/{request_id}/certificate"
    await world.refused(403, "forbidden", DECIDER, "POST", path, certificate)
    assert (await world.ok((SGL, "controller"), "POST", path, certificate))["state"] == "closed"
    for party in (CAF, SGL):
        who = (party, "records_manager")
        now = (await world.ok(who, "GET", f"/parties/{party}/register?status=archived"))["items"]
        assert [line["exchange"] for line in now] == [request_id]
        past = (await world.ok(who, "GET", f"/parties/{party}/register?as_of=2025-01-31"))["items"]
        assert [line["status"] for line in past] == ["confirmed"]
    (seen,) = (await world.ok((SGL, "dpo"), "GET", f"/parties/{SGL}/inspection"))["items"]
    assert (seen["state"], seen["last_purge"]) == ("Close", "15/02/2025")
    paper = await world.call((SGL, "dpo"), "GET", f"/requests/{request_id}/documents/certificate")
    assert paper.content.startswith(b"%PDF")


async def test_a_modification_runs_beside_the_exchange_until_it_replaces_it(world: World) -> None:
    old = await world.active()
    world.calendar.day = TODAY + timedelta(days=30)
    begun = await world.call(ASKER, "POST", f"/requests/{old}/modification", {}, headers={"Idempotency-Key": "m"})
    assert (begun.status_code, begun.json()["state"]) == (201, "draft")
    new = begun.json()["id"]
    assert begun.headers["location"].endswith(new)
    again = await world.call(ASKER, "POST", f"/requests/{old}/modification", {}, headers={"Idempotency-Key": "m"})
    assert again.json()["id"] == new
    draft = await world.read(new, ASKER)
    assert (draft["modification_of"], draft["request"]["title"]) == (old, (await world.read(old))["request"]["title"])
    moved = {**draft["request"], "requester": "pierre-benite"}
    await world.refused(403, "forbidden", ASKER, "PUT", f"/requests/{new}/document", moved, version=1)
    changed = {**draft["request"], "title": "Quotient familial, tarif et aides"}
    await world.ok(ASKER, "PUT", f"/requests/{new}/document", changed, version=1)
    records = (await world.ok((CAF, "records_manager"), "GET", f"/parties/{CAF}/register"))["items"]
    entry = await world.ok((CAF, "records_manager"), "GET", f"/parties/{CAF}/register/entries/{records[0]['entry']}")
    written = {**entry["record"], "supplement": {**entry["record"]["supplement"], "data_subject_rights": "Au guichet."}}
    await world.ok(
        (CAF, "records_manager"), "PUT", f"/parties/{CAF}/register/entries/{records[0]['entry']}",
        {"record": written}, version=entry["version"],
    )  # fmt: skip
    other = (await world.ok(ASKER, "POST", f"/requests/{old}/modification", {}))["id"]
    await _until_active(world, new)
    assert (await world.read(new))["state"] == "active"
    file = await world.read(old)
    assert (file["state"], file["replaced_by"]) == ("closed", new)
    assert [e["act"] for e in (await world.ok(ASKER, "GET", f"/requests/{old}/events?limit=200"))["items"]][
        -1
    ] == "replacement"
    (alive,) = (await world.ok((CAF, "records_manager"), "GET", f"/parties/{CAF}/register"))["items"]
    assert (alive["exchange"], alive["record"]["supplement"]["data_subject_rights"]) == (new, "Au guichet.")
    (gone,) = (await world.ok((CAF, "records_manager"), "GET", f"/parties/{CAF}/register?status=archived"))["items"]
    assert gone["exchange"] == old
    await _until_active(world, other, activated=False)
    problem = await world.refused(
        409, "gate-closed", ASKER, "POST", f"/requests/{other}/activation", {"authorised_users": ["Agents"]}
    )
    assert "déjà remplacé" in problem["detail"]  # or two versions of one exchange would run side by side
    await _rebuilt(world)


async def _until_active(world: World, request_id: str, requester: str = SGL, *, activated: bool = True) -> None:
    """From the draft to active, by the ordinary way; or to the eve of it."""
    version = (await world.read(request_id, (requester, "requester")))["version"]
    base = f"/requests/{request_id}"
    await world.ok((requester, "requester"), "POST", f"{base}/filing", {}, version=version)
    await world.ok(REFERENT, "POST", f"{base}/admission", {"outcome": "under_study"})
    for who, stage in (((requester, "dpo"), "requester_dpo"), ((CAF, "it_security"), "holder")):
        file = await world.read(request_id, who)
        await world.ok(who, "PUT", f"{base}/document?stage={stage}", file["request"], version=file["version"])
    await world.studied(request_id)
    await world.opinion(request_id)
    await world.decided(request_id)
    await _from_approval(world, request_id, requester, activated=activated)


async def _from_approval(world: World, request_id: str, requester: str, *, activated: bool = True) -> None:
    await world.prepared(request_id, requester)
    for party in (CAF, requester):
        await world.confirmed(request_id, party)
    if activated:
        await world.activate(request_id, requester)


async def test_one_study_and_one_opinion_serve_three_communes_each_deciding_on_its_own(world: World) -> None:
    first = await world.under_study()
    await world.studied(first)
    await world.opinion(first, {"value": "favourable_with_recommendations", "text": "Avis favorable.",
                                "recommendations": [{"number": 1, "text": "Former les agents.", "prior": False, "due_days": 30}]})  # fmt: skip
    path = f"/requests/{first}/copies"
    await world.refused(422, "invalid-document", ASKER, "POST", path, {"parties": [CAF]})
    await world.ok(ASKER, "POST", path, {"parties": ["oullins", "pierre-benite"]})
    await world.refused(409, "already-done", ASKER, "POST", path, {"parties": ["oullins"]})
    copies = (await world.read(first))["copies"]
    for party in ("oullins", "pierre-benite"):
        copy = copies[party]
        await world.refused(404, "not-found", ASKER, "GET", f"/requests/{copy}")
        await world.refused(404, "not-found", (CAF, "dpo"), "GET", f"/requests/{copy}")
        await world.ok((party, "requester"), "POST", f"/requests/{copy}/filing", {}, version=1)
        await world.ok(REFERENT, "POST", f"/requests/{copy}/admission", {"outcome": "under_study"})
        file = await world.read(copy, (party, "dpo"))
        await world.ok(
            (party, "dpo"), "PUT", f"/requests/{copy}/document?stage=requester_dpo", file["request"], version=1
        )
    # One commune asks for something else: its copy is a request of its own, to be studied for itself.
    other = copies["pierre-benite"]
    document = (await world.read(other))["request"]
    document["origin"] = {**document["origin"], "initial_purpose": "Autre finalité"}
    await world.ok((CAF, "it_security"), "PUT", f"/requests/{other}/document", document, version=1)
    problem = await world.refused(
        409, "gate-closed", (CAF, "dpo"), "POST", f"/requests/{other}/adoption", {}, version=2
    )
    assert [e["pointer"] for e in problem["errors"]] == ["/origin/initial_purpose"]
    copy = copies["oullins"]
    adoption = f"/requests/{copy}/adoption"
    await world.refused(428, "precondition-required", (CAF, "dpo"), "POST", adoption, {})
    await world.refused(403, "forbidden", REFERENT, "POST", adoption, {}, version=1)
    assert (await world.ok((CAF, "dpo"), "POST", adoption, {}, version=1))["state"] == "awaiting_decision"
    source, file = await world.read(first), await world.read(copy)
    assert file["opinion"]["document_hash"] == file["document_hash"] != source["document_hash"]
    assert {part["document_hash"] for part in file["study"].values()} == {file["document_hash"]}
    assert file["study"]["opportunity"]["author"] == source["study"]["opportunity"]["author"]
    assert (file["recommendations"][0]["owner"], file["recommendations"][0]["text"]) == (
        "oullins",
        "Former les agents.",
    )
    assert file["decision"] is None
    await world.decided(copy)
    await _from_approval(world, copy, "oullins")
    assert (await world.read(copy))["state"] == "active"
    assert (await world.read(first))["decision"] is None
    await _rebuilt(world)


async def test_an_exchange_that_runs_already_is_regularised_without_skipping_anything(world: World) -> None:
    path = f"/conventions/{CONVENTION}/existing-exchanges"
    body = {
        "request": request_document(),
        "since": "2021-09-01",
        "papers": "Courrier de 2021.",
        "deadline": "2023-06-30",
    }
    problem = await world.refused(
        422, "invalid-document", ASKER, "POST", path, body | {"since": "2023-03-02", "deadline": "2023-02-01"}
    )
    assert [e["pointer"] for e in problem["errors"]] == ["/since", "/deadline"]
    made = await world.call(ASKER, "POST", path, body)
    assert made.status_code == 201
    request_id = made.json()["id"]
    filing = {"received_via": "oral", "asked_by": "Direction de l'enfance", "needed_by": "2023-04-01",
              "urgency_reason": "Rentrée."}  # fmt: skip
    await world.ok(ASKER, "POST", f"/requests/{request_id}/filing", filing, version=1)
    file = await world.read(request_id)
    assert file["regularisation"] == {"since": "2021-09-01", "papers": "Courrier de 2021.", "deadline": "2023-06-30"}
    assert ("regularisation", "2023-06-30") in await _clocks(world, request_id)
    assert (file["filed_on"], file["received_via"], file["asked_by"]) == (
        "2023-03-01",
        "oral",
        "Direction de l'enfance",
    )
    await world.ok(REFERENT, "POST", f"/requests/{request_id}/admission", {"outcome": "under_study"})
    await world.refused(
        409, "wrong-state", DECIDER, "POST", f"/requests/{request_id}/decision", {"value": "approved"}, version=1
    )
    erasure = {"scope": "revision", "revision": 1, "legal_basis": "article_17_1_a", "reason": "data_subject_request",
               "dpo_informed_on": "2023-03-01"}  # fmt: skip
    await world.ok((SGL, "controller"), "POST", f"/requests/{request_id}/erasure", erasure)
    file = await world.read(request_id)
    assert (file["regularisation"]["papers"], file["regularisation"]["since"]) == ("effacé", "2021-09-01")
    assert "Courrier de 2021" not in str(file)
    await _rebuilt(world)


async def test_a_condition_goes_to_its_end_with_a_proof_that_is_in_the_file(world: World) -> None:
    request_id = await world.under_study()
    await world.studied(request_id)
    recommended = [
        {"number": n, "text": "Former les agents.", "prior": False, "owner": SGL, "due_days": 30} for n in (1, 2)
    ]
    await world.opinion(request_id, {"value": "favourable_with_recommendations", "text": "Avis.",
                                     "recommendations": recommended})  # fmt: skip
    await world.decided(request_id)
    await _from_approval(world, request_id, SGL)
    _on(world, "2023-05-02")
    follow, dpo = f"/requests/{request_id}/recommendations/1/status", (CAF, "dpo")
    await world.refused(403, "forbidden", ASKER, "POST", follow, {"status": "in_progress", "due_on": "2023-06-01"})
    await world.ok(dpo, "POST", follow, {"status": "in_progress", "due_on": "2023-06-01"})
    await world.refused(409, "wrong-state", dpo, "POST", follow, {"status": "accepted_by_dpo"})
    done = {"status": "done", "proof": DIGEST}
    problem = await world.refused(422, "invalid-document", ASKER, "POST", follow, done)
    assert [e["pointer"] for e in problem["errors"]] == ["/proof"]
    await world.attach(request_id, "other")
    proof = (await world.read(request_id))["attachments"][-1]["sha256"]
    await world.ok(ASKER, "POST", follow, {"status": "done", "proof": proof})
    await world.ok(dpo, "POST", follow, {"status": "in_progress", "reasons": "La liste manque."})
    await world.ok(ASKER, "POST", follow, {"status": "done", "proof": proof})
    await world.ok(dpo, "POST", follow, {"status": "accepted_by_dpo"})
    await world.refused(409, "already-done", dpo, "POST", follow, {"status": "withdrawn_by_dpo"})
    second = follow.replace("/1/", "/2/")
    await world.refused(422, "invalid-document", DECIDER, "POST", second, {"status": "abandoned_with_reasons"})
    await world.ok(DECIDER, "POST", second, {"status": "abandoned_with_reasons", "reasons": "Sans objet."})
    first, other = (await world.read(request_id))["recommendations"]
    assert (first["status"], first["proof"], first["due_on"]) == ("accepted_by_dpo", proof, "2023-06-01")
    assert (other["status"], other["reasons"]) == ("abandoned_with_reasons", "Sans objet.")
