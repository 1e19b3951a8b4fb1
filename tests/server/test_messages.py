"""Messages between the parties: said in the file, read by both, refused when they hold what never enters it."""

from registry.exchange.file import MESSAGES_KEPT
from tests.world import CAF, OULLINS, SGL, World


async def test_both_parties_read_what_one_writes_to_the_other(world: World) -> None:
    request_id = await world.filed()
    path = f"/requests/{request_id}/messages"
    sent = await world.ok((CAF, "business_referent"), "POST", path, {"text": "Le quotient de quel mois ?"})
    assert sent["state"] == "filed"
    assert sent["receipt"]
    await world.ok((SGL, "requester"), "POST", path, {"text": "Celui de septembre."})
    for who in ((CAF, "dpo"), (SGL, "controller")):
        file = await world.read(request_id, who)
        assert [(m["party"], m["text"]) for m in file["messages"]] == [
            (CAF, "Le quotient de quel mois ?"), (SGL, "Celui de septembre."),
        ]  # fmt: skip
        assert file["people"][file["messages"][0]["sent_by"]] == "business-referent@caf-rhone.example"
    (facts,) = [f for (f,) in await world.rows("SELECT facts FROM event") if b'"messages"' in f and b"caf" in f]
    assert b"quotient" not in facts


async def test_a_message_is_refused_to_others_in_a_draft_and_when_it_holds_exchanged_data(world: World) -> None:
    draft, filed = await world.create(), await world.filed()
    before = await world.events()
    body = {"text": "Bonjour."}
    await world.refused(409, "wrong-state", (SGL, "requester"), "POST", f"/requests/{draft}/messages", body)
    await world.refused(403, "forbidden", (CAF, "auditor"), "POST", f"/requests/{filed}/messages", body)
    await world.refused(404, "not-found", (OULLINS, "dpo"), "POST", f"/requests/{filed}/messages", body)
    for text in ("", "   ", "x" * 4001):
        await world.refused(
            422, "invalid-document", (CAF, "dpo"), "POST", f"/requests/{filed}/messages", {"text": text}
        )
    body = {"text": "Le NIR de la personne est 1 84 12 76 451 089 46."}
    problem = await world.refused(422, "exchanged-data", (CAF, "dpo"), "POST", f"/requests/{filed}/messages", body)
    assert problem["errors"][0]["pointer"] == "/text"
    assert await world.events() == before


async def test_a_file_holds_the_latest_messages_and_its_history_all_of_them(world: World) -> None:
    request_id = await world.filed()
    for number in range(MESSAGES_KEPT + 2):
        await world.ok((CAF, "dpo"), "POST", f"/requests/{request_id}/messages", {"text": f"Message {number}."})
    file = await world.read(request_id)
    assert [m["text"] for m in file["messages"]] == [f"Message {n}." for n in range(2, MESSAGES_KEPT + 2)]
    assert file["messages_sent"] == MESSAGES_KEPT + 2
    events = (await world.ok((SGL, "dpo"), "GET", f"/requests/{request_id}/events"))["items"]
    assert sum(event["act"] == "messages" for event in events) == MESSAGES_KEPT + 2


async def test_an_erased_message_reads_so(world: World) -> None:
    request_id = await world.filed()
    await world.ok((CAF, "dpo"), "POST", f"/requests/{request_id}/messages", {"text": "À retirer."})
    events = (await world.ok((CAF, "dpo"), "GET", f"/requests/{request_id}/events"))["items"]
    body = {
        "scope": "revision", "revision": events[-1]["revision"], "legal_basis": "article_17_1_d",
        "reason": "other_personal_data_entered", "dpo_informed_on": "2023-03-01",
    }  # fmt: skip
    await world.ok((CAF, "controller"), "POST", f"/requests/{request_id}/erasure", body)
    assert [m["text"] for m in (await world.read(request_id))["messages"]] == ["effacé"]
