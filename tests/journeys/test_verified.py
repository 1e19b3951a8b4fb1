"""What the house publishes, judged by the offline verifier: logs, receipts and evidence of whole lives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from registry.ledger.keys import parse_vkey
from registry.ledger.verify.anchor import Anchor, read_kept
from registry.ledger.verify.evidence import verify_evidence
from registry.ledger.verify.log import verify_log
from registry.ledger.verify.receipt import verify_receipt_file
from registry.ledger.verify.sources import MissingFileError
from registry.publishing.serving import tiles_to_export
from tests.world import CAF, CONVENTION, SGL, World

if TYPE_CHECKING:
    from pathlib import Path

ASKER, DPO, RECORDS = (SGL, "requester"), (CAF, "dpo"), (SGL, "records_manager")


class Served:
    """The files of a log, fetched as the verifier asks for them."""

    live, ending = False, ""

    def __init__(self, files: dict[str, bytes], name: str) -> None:
        self.name, self.files = name, files

    def read(self, path: str, limit: int) -> bytes:
        assert len(self.files.get(path, b"")) <= limit
        try:
            return self.files[path]
        except KeyError as error:
            raise MissingFileError(path) from error


async def download(world: World, path: str, who: tuple[str, str] = ASKER) -> bytes:
    answer = await world.client.get(path, headers={"Authorization": f"Bearer {world.tokens[who]}"})
    assert answer.status_code == 200, answer.text
    return bytes(answer.content)


async def served(world: World, owner: str, who: tuple[str, str]) -> tuple[Served, Anchor]:
    prefix = f"/ledger/{owner}/2023"
    files = {name: await download(world, f"{prefix}/{name}", who) for name in ("checkpoint", "keys")}
    kept = read_kept(files["checkpoint"])
    for tile in tiles_to_export(kept.checkpoint.size):
        files[tile.path] = await download(world, f"{prefix}/{tile.path}", who)
    key = parse_vkey(json.loads(files["keys"])["log"][0])
    return Served(files, prefix), Anchor((key,))


async def test_what_is_served_verifies_whole(world: World) -> None:
    await world.active()
    await world.ok(RECORDS, "POST", f"/parties/{SGL}/register/entries", {"record": {"title": "Paie"}})
    await world.published()
    for owner, who in ((CONVENTION, ASKER), (SGL, RECORDS)):
        source, anchor = await served(world, owner, who)
        report = verify_log(source, anchor)
        assert ([str(one) for one in report.findings.kept], report.fine) == ([], True)
        assert report.records > 1


async def test_an_evidence_pack_and_its_receipts_verify(world: World, tmp_path: Path) -> None:
    request_id = await world.active()
    await world.published()
    _, anchor = await served(world, CONVENTION, ASKER)
    path = tmp_path / "preuves.zip"
    path.write_bytes(await download(world, f"/api/v1/requests/{request_id}/evidence", DPO))
    report = verify_evidence(path, anchor)
    assert ([str(one) for one in report.findings.kept], report.fine) == ([], True)
    events = (await world.ok(ASKER, "GET", f"/requests/{request_id}/events?limit=50"))["items"]
    assert sorted(report.acts) == [event["revision"] for event in events]
    assert (report.exchange, report.erased, report.promised) == (request_id, [], [])
    assert report.pieces
    for event in events:
        receipt = verify_receipt_file(await download(world, event["receipt"]), "reçu", anchor)
        assert ([str(one) for one in receipt.findings.kept], receipt.fine) == ([], True)
        assert receipt.facts is not None
        assert receipt.facts["act"] == event["act"]


async def test_an_act_not_published_yet_is_a_promise_of_the_pack(world: World, tmp_path: Path) -> None:
    request_id = await world.filed()
    await world.published()
    _, anchor = await served(world, CONVENTION, ASKER)
    await world.stop_publishing()
    await world.ok((CAF, "business_referent"), "POST", f"/requests/{request_id}/admission", {"outcome": "under_study"})
    path = tmp_path / "preuves.zip"
    path.write_bytes(await download(world, f"/api/v1/requests/{request_id}/evidence", DPO))
    report = verify_evidence(path, anchor)
    assert ([one.kind for one in report.findings.kept], report.fine) == (["promised"], False)
    assert report.promised == [max(report.acts) + 1]
