"""Two registers born from one exchange: completed, versioned, confirmed, read as of a day."""

from datetime import date

from registry.storage.rebuild import rebuild
from tests.world import CAF, SGL, World, request_document

MANAGER = (SGL, "records_manager")


async def _entry(world: World, request_id: str, party: str = SGL) -> tuple[str, dict]:
    entry_id = (await world.read(request_id))["register_entries"][party]
    path = f"/parties/{party}/register/entries/{entry_id}"
    return path, await world.ok((party, "records_manager"), "GET", path)


async def test_a_records_manager_completes_its_own_entry_version_by_version(world: World) -> None:
    request_id = await world.approved()
    path, entry = await _entry(world, request_id)
    assert (entry["version"], entry["status"], entry["exchange"]) == (1, "draft", request_id)
    record = entry["record"] | {"security_measures": [{"kind": "backup", "details": "Quotidienne"}]}
    changed = await world.ok(MANAGER, "PUT", path, {"record": record}, version=1)
    assert changed["version"] == 2
    await world.refused(412, "stale-version", MANAGER, "PUT", path, {"record": record}, version=1)
    await world.refused(428, "precondition-required", MANAGER, "PUT", path, {"record": record})
    await world.refused(403, "forbidden", (SGL, "requester"), "PUT", path, {"record": record}, version=2)
    await world.refused(404, "not-found", (CAF, "records_manager"), "GET", path)
    versions = (await world.ok(MANAGER, "GET", f"{path}/versions"))["items"]
    assert [v["version"] for v in versions] == [1, 2]
    assert versions[0]["until"] == versions[1]["since"]


async def test_the_register_is_read_as_it_was_on_a_day(world: World) -> None:
    request_id = await world.approved()
    await world.prepared(request_id)
    world.calendar.day = date(2023, 3, 10)
    path, entry = await _entry(world, request_id)
    await world.ok(MANAGER, "PUT", path, {"record": entry["record"] | {"title": "Titre nouveau"}}, version=1)
    world.calendar.day = date(2023, 3, 20)
    await world.confirmed(request_id, SGL)
    seen = {}
    for day in ("2023-02-28", "2023-03-01", "2023-03-10", "2023-03-20"):
        items = (await world.ok(MANAGER, "GET", f"/parties/{SGL}/register?as_of={day}"))["items"]
        seen[day] = [(line["version"], line["status"]) for line in items]
    assert seen == {
        "2023-02-28": [], "2023-03-01": [(1, "draft")], "2023-03-10": [(2, "draft")], "2023-03-20": [(2, "confirmed")],
    }  # fmt: skip


async def test_an_existing_entry_may_serve_several_exchanges(world: World) -> None:
    first = await world.active()
    entry_id = (await world.read(first))["register_entries"][SGL]
    second = await world.approved(request_document(title="Second échange"))
    await world.prepared(second)
    await world.confirmed(second, CAF)
    body = {"entry": entry_id, "entry_version": 1, "action": "created"}
    path = f"/requests/{second}/register-confirmations"
    problem = await world.refused(422, "invalid-document", MANAGER, "POST", path, body)
    assert "updated" in problem["errors"][0]["message"]
    await world.refused(412, "stale-version", MANAGER, "POST", path, body | {"entry_version": 2, "action": "updated"})
    await world.ok(MANAGER, "POST", path, body | {"action": "updated"})
    await world.refused(409, "already-done", MANAGER, "POST", path, body | {"action": "updated"})
    assert (await world.activate(second))["state"] == "active"


async def test_another_partys_entry_confirms_nothing(world: World) -> None:
    request_id = await world.approved()
    entry_id = (await world.read(request_id))["register_entries"][CAF]
    body = {"entry": entry_id, "entry_version": 1, "action": "created"}
    await world.refused(404, "not-found", MANAGER, "POST", f"/requests/{request_id}/register-confirmations", body)


async def test_an_incomplete_record_keeps_the_gate_closed(world: World) -> None:
    request_id = await world.approved()
    await world.prepared(request_id)
    path, entry = await _entry(world, request_id)
    record = entry["record"] | {"data_protection_officer": None}
    await world.ok(MANAGER, "PUT", path, {"record": record}, version=1)
    for party in (CAF, SGL):
        await world.confirmed(request_id, party)
    body = {"authorised_users": ["Agents"]}
    problem = await world.refused(
        409, "gate-closed", (SGL, "requester"), "POST", f"/requests/{request_id}/activation", body
    )
    assert [(e["check"], "Délégué" in e["message"]) for e in problem["errors"]] == [("REG-01", True)]


async def test_an_entry_made_by_hand_goes_to_its_partys_own_log(world: World) -> None:
    record = {"title": "Gestion des agents", "purposes": ["Paie"]}
    made = await world.ok(MANAGER, "POST", f"/parties/{SGL}/register/entries", {"record": record})
    assert (made["status"], made["exchange"]) == ("confirmed", None)
    assert set(made["missing"]) >= {"controller.name", "data_protection_officer"}
    owners = {row[0] for row in await world.rows("SELECT l.owner FROM event e JOIN log l ON l.id = e.log WHERE e.object = ?",
                                                 made["entry"])}  # fmt: skip
    assert owners == {SGL}
    public = await world.ok(MANAGER, "GET", f"/parties/{SGL}/register?audience=public")
    assert public["items"][0]["redacted"] == [
        "security_measures", "transfers.documentation", "supplement.processors.contract"
    ]  # fmt: skip


async def test_a_partial_approval_leaves_unfavourable_lines_out(world: World) -> None:
    document = request_document()
    document["data_items"].append(
        {"label": "Nationalité", "cnil_category": "identity", "necessity": "Statistiques", "nir": True}
    )
    last = f"data_items.{len(document['data_items']) - 1}"
    request_id = await world.under_study(document)
    await world.studied(request_id)
    line = {"path": last, "value": "unfavourable", "text": "Sans rapport avec le tarif."}
    await world.opinion(request_id, {"value": "favourable_with_recommendations", "text": "Avis.", "lines": [line]})
    version = await world.version(request_id)
    path, who = f"/requests/{request_id}/decision", (CAF, "controller")
    body = {"value": "approved", "reasons": "Accord entier."}
    problem = await world.refused(409, "gate-closed", who, "POST", path, body, version=version)
    assert {error["check"] for error in problem["errors"]} == {"NIR-01"}
    await world.ok(who, "POST", path, {"value": "approved", "excluded_paths": [last]}, version=version)
    for party in (CAF, SGL):
        _, entry = await _entry(world, request_id, party)
        assert "Nationalité" not in str(entry["record"])


async def test_lists_page_through_everything_once(world: World) -> None:
    made = [await world.create(request_document(title=f"N° {number}")) for number in range(7)]
    seen: list[str] = []
    path = "/requests?limit=3"
    while path:
        page = await world.call((SGL, "requester"), "GET", path)
        seen += [item["id"] for item in page.json()["items"]]
        following = page.links.get("next")
        path = following["url"].removeprefix("/api/v1") if following else ""
    assert seen == made[::-1]
    filtered = await world.ok((SGL, "requester"), "GET", "/requests?state=draft&field=childhood&party=caf-rhone")
    assert len(filtered["items"]) == 7
    assert (await world.ok((SGL, "requester"), "GET", "/requests?state=active"))["items"] == []


async def test_a_change_beyond_a_correction_asks_for_a_new_study(world: World) -> None:
    request_id = await world.approved()
    request = (await world.read(request_id))["request"]
    request["recipients"].append({"label": "Autre service", "kind": "internal_department"})
    version = await world.version(request_id)
    path, who = f"/requests/{request_id}/correction", (SGL, "requester")
    problem = await world.refused(409, "gate-closed", who, "POST", path, {"request": request}, version=version)
    assert "Destinataires" in problem["detail"]
    assert problem["errors"] == [
        {"pointer": "/request/recipients", "message": "Rubrique modifiée.", "check": "CONV-13"}
    ]
    del request["recipients"][1:]
    request["data_items"].pop()
    await world.ok(who, "POST", path, {"request": request}, version=version)
    answer = {"accepted": False, "version": version + 1, "reasons": "Donnée utile au calcul."}
    await world.refused(403, "forbidden", (SGL, "dpo"), "POST", path, answer, version=version)
    await world.ok((CAF, "dpo"), "POST", path, answer, version=version)
    file = await world.read(request_id)
    assert (file["version"], file["corrections"][0]["reasons"]) == (version, "Donnée utile au calcul.")


async def test_controller_and_processor_registers_are_apart(world: World) -> None:
    base = f"/parties/{SGL}/register"
    record = {
        "title": "Paie du Ccas",
        "processor": {"name": "Commune de Saint-Genis-Laval"},
        "controllers": [{"name": "Ccas", "email": "ccas@ccas.example"}],
        "categories_of_processing": ["Calcul de la paie"],
    }
    made = await world.ok(MANAGER, "POST", f"{base}/processor-entries", {"record": record})
    assert (made["kind"], made["missing"]) == ("processor", ["processor.contact_details", "data_protection_officer"])
    assert made["completeness"]["present"] == 3
    assert "article 30(2)(a)" in made["completeness"]["lacking"][0]
    assert "mesures de sécurité" in made["completeness"]["advised"][0]
    assert (await world.ok(MANAGER, "GET", base))["items"] == []
    (line,) = (await world.ok(MANAGER, "GET", f"{base}?kind=processor"))["items"]
    assert line["record"]["categories_of_processing"] == ["Calcul de la paie"]
    await world.refused(422, "invalid-document", MANAGER, "POST", f"{base}/entries", {"record": record})
    path = f"{base}/processor-entries/{made['entry']}"
    later = record | {"data_protection_officer": {"name": "DPD"}}
    changed = await world.ok(MANAGER, "PUT", path, {"record": later}, version=1)
    assert changed["version"] == 2
    wrong = f"{base}/entries/{made['entry']}"
    await world.refused(404, "not-found", MANAGER, "PUT", wrong, {"record": {}}, version=2)
    versions = (await world.ok(MANAGER, "GET", f"{wrong}/versions"))["items"]
    assert [v["changes"] for v in versions] == [
        [], ["Délégué à la protection des données, Nom ou fonction : ajout de « DPD »."],
    ]  # fmt: skip


async def test_the_linked_records_of_an_exchange_are_compared_for_both_parties(world: World) -> None:
    request_id = await world.approved()
    for party in (CAF, SGL):
        found = await world.ok((party, "dpo"), "GET", f"/requests/{request_id}/records")
        assert found["disagreements"] == []
        assert {record["party"] for record in found["records"]} == {CAF, SGL}
    path, entry = await _entry(world, request_id)
    record = entry["record"] | {"categories_of_personal_data": [{"category": "health", "description": "Handicap"}]}
    await world.ok(MANAGER, "PUT", path, {"record": record}, version=1)
    found = await world.ok((CAF, "dpo"), "GET", f"/requests/{request_id}/records")
    assert {d["key"] for d in found["disagreements"]} == {"categories_of_personal_data"}
    assert any("santé" in d["message"] for d in found["disagreements"])
    draft = await world.create()
    empty = await world.ok((SGL, "requester"), "GET", f"/requests/{draft}/records")
    assert empty["records"] == []
    assert len(empty["disagreements"]) == 2


async def test_an_entry_is_archived_with_the_last_exchange_that_it_serves(world: World) -> None:
    first = await world.approved()
    _, entry = await _entry(world, first)
    second = await world.approved(request_document(title="Second échange"))
    await world.prepared(second)
    body = {"entry": entry["entry"], "entry_version": 1, "action": "updated"}
    await world.ok(MANAGER, "POST", f"/requests/{second}/register-confirmations", body)
    base = f"/parties/{SGL}/register"

    async def shown(day: str, status: str = "") -> list[str]:
        query = f"{base}?as_of={day}" + (f"&status={status}" if status else "")
        return [line["entry"] for line in (await world.ok(MANAGER, "GET", query))["items"]]

    _, replaced = await _entry(world, second)
    assert await shown("2023-03-01") == [entry["entry"]]
    assert await shown("2023-03-01", "archived") == [replaced["entry"]]
    for request_id, day in ((first, date(2023, 3, 10)), (second, date(2023, 3, 20))):
        world.calendar.day = day
        withdrawal = {"reasons": "Projet abandonné."}
        await world.ok((SGL, "requester"), "POST", f"/requests/{request_id}/withdrawal", withdrawal)
    assert await shown("2023-03-10") == [entry["entry"]]
    assert await shown("2023-03-19") == [entry["entry"]]
    assert await shown("2023-03-20") == []
    assert set(await shown("2023-03-20", "archived")) == {entry["entry"], replaced["entry"]}
    before = await world.rows("SELECT entry, exchange, since, until FROM register_link ORDER BY entry, exchange")
    await rebuild(world.gate.engine, world.gate.vault)
    assert (
        await world.rows("SELECT entry, exchange, since, until FROM register_link ORDER BY entry, exchange") == before
    )


async def test_the_register_is_filtered_and_paged_through_once(world: World) -> None:
    base = f"/parties/{SGL}/register"
    for number in range(5):
        basis = {"article_6": "legal_obligation" if number % 2 else "consent"}
        record = {"title": f"Activité n° {number}", "supplement": {"legal_basis": basis}}
        await world.ok(MANAGER, "POST", f"{base}/entries", {"record": record})
    seen: list[str] = []
    path = f"{base}?limit=2&legal_basis=consent&q=ACTIVITE"
    while path:
        page = await world.call(MANAGER, "GET", path)
        seen += [item["record"]["title"] for item in page.json()["items"]]
        following = page.links.get("next")
        path = following["url"].removeprefix("/api/v1") if following else ""
    assert seen == ["Activité n° 0", "Activité n° 2", "Activité n° 4"]
    for wrong in ("status=x", "kind=x", "category=x", "review_before=demain", f"q={'x' * 201}"):
        await world.refused(400, "invalid-parameter", MANAGER, "GET", f"{base}?{wrong}")
    public = (await world.ok(MANAGER, "GET", f"{base}?audience=public"))["items"]
    assert len(public) == 5
    assert all("security_measures" in line["redacted"] for line in public)


async def test_a_draft_is_not_in_the_public_register(world: World) -> None:
    await world.approved()
    assert (await world.ok(MANAGER, "GET", f"/parties/{SGL}/register?audience=public"))["items"] == []
