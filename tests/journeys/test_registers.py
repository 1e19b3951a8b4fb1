"""Two registers born from one exchange: completed, versioned, confirmed, read as of a day."""

from datetime import date

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
    assert public["items"][0]["redacted"] == ["security_measures"]


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
