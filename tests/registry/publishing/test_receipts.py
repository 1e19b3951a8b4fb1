"""What the author of an act keeps: at once the signed record, then its proof; and the evidence of a whole exchange."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

from registry.ledger.checkpoints import open_checkpoint
from registry.ledger.commitments import commit_facts, commit_opening
from registry.ledger.encoding import decode_base64
from registry.ledger.keys import parse_vkey
from registry.ledger.receipts import parse_receipt, verify_receipt
from registry.ledger.records import parse_record
from tests.world import CAF, CONVENTION, OULLINS, SGL, World, request_document

ASKER = (SGL, "requester")


async def download(world: World, path: str, who=ASKER):
    return await world.client.get(path, headers={"Authorization": f"Bearer {world.tokens[who]}"})


async def log_key(world: World, owner: str = CONVENTION):
    named = (await download(world, f"/ledger/{owner}/2023/keys")).json()
    return parse_vkey(named["log"][0])


async def test_the_author_of_an_act_gets_the_signed_record_at_once_then_its_proof(world: World) -> None:
    made = await world.ok(ASKER, "POST", f"/conventions/{CONVENTION}/requests", request_document())
    promise = made["record"].encode()
    await world.published()
    answer = await download(world, made["receipt"])
    assert answer.status_code == 200
    assert ".tlog-proof" in answer.headers["content-disposition"]
    receipt = parse_receipt(answer.content)
    verify_receipt(receipt, promise, open_checkpoint(receipt.checkpoint, [await log_key(world)]))
    extra = json.loads(receipt.extra)
    assert extra["record"].encode() == promise
    record = parse_record(promise, [parse_vkey(vkey) for vkey in extra["recorder"]])
    facts, opening = extra["facts"], extra["opening"]
    assert record.commit == commit_facts(decode_base64(facts["salt"]), facts["text"].encode())
    expected = commit_opening(decode_base64(opening["salt"]), opening["text"].encode())
    assert json.loads(facts["text"])["opening_commit"] == expected


async def test_a_record_that_waits_is_given_as_a_promise(world: World) -> None:
    await world.stop_publishing()
    made = await world.ok(ASKER, "POST", f"/conventions/{CONVENTION}/requests", request_document())
    answer = await download(world, made["receipt"])
    assert answer.status_code == 202
    assert answer.content.decode() == made["record"]
    assert answer.headers["retry-after"] == "1"
    (event,) = (await world.ok(ASKER, "GET", f"/requests/{made['id']}/events"))["items"]
    assert event["ledger"]["status"] == "recorded"


async def test_every_kind_of_act_answers_with_its_receipt(world: World) -> None:
    request_id = await world.active()
    entry = await world.ok(
        (SGL, "records_manager"), "POST", f"/parties/{SGL}/register/entries", {"record": {"title": "Paie"}}
    )
    amendment = {"reference": "Avenant 1", "signed_on": "2023-02-01", "description": "Précision de l'annexe 3."}
    amended = await world.ok((CAF, "secretariat"), "POST", f"/conventions/{CONVENTION}/amendments", amendment)
    await world.published()
    for who, path in (((SGL, "records_manager"), entry["receipt"]), ((CAF, "secretariat"), amended["receipt"])):
        assert (await download(world, path, who)).content.startswith(b"c2sp.org/tlog-proof@v1\n")
    events = (await world.ok(ASKER, "GET", f"/requests/{request_id}/events?limit=50"))["items"]
    for event in events:
        assert (await download(world, event["receipt"])).status_code == 200
        assert event["ledger"]["status"] == "published"
        assert event["ledger"]["published_at"] >= event["at"]


async def test_a_receipt_is_refused_to_who_may_not_read_the_object(world: World) -> None:
    request_id = await world.filed()
    entry = await world.ok(
        (SGL, "records_manager"), "POST", f"/parties/{SGL}/register/entries", {"record": {"title": "Paie"}}
    )
    await world.published()
    for path in (f"/api/v1/receipts/{request_id}/1", f"/api/v1/requests/{request_id}/evidence"):
        assert (await download(world, path, (OULLINS, "dpo"))).status_code == 404
        assert (await download(world, path, (SGL, "administrator"))).status_code == 403
    assert (await download(world, entry["receipt"], (CAF, "dpo"))).status_code == 404
    assert (await download(world, f"/api/v1/receipts/{request_id}/99")).status_code == 404


async def test_the_evidence_pack_holds_acts_proofs_keys_and_pieces(world: World) -> None:
    request_id = await world.active()
    await world.published()
    answer = await download(world, f"/api/v1/requests/{request_id}/evidence", (CAF, "dpo"))
    assert answer.headers["content-type"] == "application/zip"
    pack = zipfile.ZipFile(io.BytesIO(answer.content))
    manifest = json.loads(pack.read("manifest.json"))
    names = set(pack.namelist())
    assert set(manifest["files"]) == names - {"manifest.json"}
    assert all(hashlib.sha256(pack.read(name)).hexdigest() == digest for name, digest in manifest["files"].items())
    events = (await world.ok(ASKER, "GET", f"/requests/{request_id}/events?limit=50"))["items"]
    key = await log_key(world)
    for event in events:
        receipt = parse_receipt(pack.read(f"preuves/{event['revision']:04}.tlog-proof"))
        verify_receipt(receipt, event["record"].encode(), open_checkpoint(receipt.checkpoint, [key]))
    folder = f"journaux/{CONVENTION}/2023"
    assert {f"{folder}/checkpoint", f"{folder}/keys", f"{folder}/ouverture.tlog-proof"} <= names
    (piece,) = [name for name in names if name.startswith("pieces/")]
    assert hashlib.sha256(pack.read(piece)).hexdigest() == piece.removeprefix("pieces/")[:64]
    assert "clé" in pack.read("LISEZ-MOI.html").decode()
    assert not [name for name in names if "@@" in pack.read(name).decode("utf-8", "replace")]
