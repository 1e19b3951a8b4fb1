"""What a log's address answers: the files of C2SP tlog-tiles, to the convention's parties only."""

from __future__ import annotations

import gzip
import json

import pytest

from registry.ledger.bundles import decode_bundle
from registry.ledger.checkpoints import open_checkpoint
from registry.ledger.commitments import commit_facts
from registry.ledger.encoding import decode_base64
from registry.ledger.keys import parse_vkey
from registry.ledger.merkle import leaf_hash, tree_root
from registry.ledger.records import parse_record
from registry.ledger.tiles import split_tile, tiles_of
from tests.world import CAF, CONVENTION, SGL, World

YEAR = "2023"
READER = (SGL, "requester")


async def fetch(world: World, path: str, who=READER, owner: str = CONVENTION, year: str = YEAR, **headers: str):
    if who is not None:
        headers["Authorization"] = f"Bearer {world.tokens[who]}"
    return await world.client.get(f"/ledger/{owner}/{year}/{path}", headers=headers)


async def test_the_checkpoint_is_signed_over_the_tree_of_the_entries(world: World) -> None:
    await world.active()
    await world.published()
    answer = await fetch(world, "checkpoint")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    named = (await fetch(world, "keys")).json()
    head = open_checkpoint(answer.content, [parse_vkey(named["log"][0])])
    assert head.origin == f"ecluse.example/ledger/{CONVENTION}/{YEAR}"
    (bundle,) = tiles_of(head.size, 0)
    entries = await fetch(world, bundle.path.replace("tile/0", "tile/entries"))
    assert entries.headers["content-type"] == "application/octet-stream"
    assert "immutable" in entries.headers["cache-control"]
    records = decode_bundle(entries.content, head.size)
    assert tree_root(leaf_hash(record) for record in records) == head.root
    recorder = parse_vkey(named["recorder"][0])
    assert parse_record(records[0], [recorder]).type == "key"
    hashes = split_tile(bundle, (await fetch(world, bundle.path)).content)
    assert hashes == [leaf_hash(record) for record in records]


async def test_keys_open_the_records_that_name_them(world: World) -> None:
    await world.create()
    await world.published()
    named = (await fetch(world, "keys")).json()
    (opened,) = named["openings"]
    entries = await fetch(world, "tile/entries/000.p/2")
    record = json.loads(decode_bundle(entries.content, 2)[0].split(b"\n")[0])
    assert record["commit"] == commit_facts(decode_base64(opened["salt"]), opened["facts"].encode())
    facts = json.loads(opened["facts"])
    assert (facts["act"], facts["derived"]["log"]) == ("log.opened", named["log"][0])


async def test_bundles_are_compressed_only_when_asked(world: World) -> None:
    await world.create()
    await world.published()
    plain = await fetch(world, "tile/entries/000.p/1", **{"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    packed = await world.client.send(
        world.client.build_request(
            "GET", f"/ledger/{CONVENTION}/{YEAR}/tile/entries/000.p/1",
            headers={"Authorization": f"Bearer {world.tokens[READER]}", "Accept-Encoding": "gzip"},
        ),
        stream=True,
    )  # fmt: skip
    raw = b"".join([part async for part in packed.aiter_raw()])
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content


@pytest.mark.parametrize(
    "path", ["tile/0/000.p/0", "tile/0/000", "tile/0/0", "tile/9/000", "tile/x/000", "tile/0/001.p/1", "autre"]
)
async def test_what_the_tree_does_not_hold_is_not_found(world: World, path: str) -> None:
    await world.create()
    await world.published()
    answer = await fetch(world, path)
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:ecluse:problem:not-found"


async def test_a_log_is_closed_to_strangers_and_a_party_log_to_other_parties(world: World) -> None:
    await world.create()
    body = {"record": {"title": "Gestion des agents", "purposes": ["Paie"]}}
    await world.ok((SGL, "records_manager"), "POST", f"/parties/{SGL}/register/entries", body)
    await world.published()
    assert (await fetch(world, "checkpoint", who=None)).status_code == 401
    answer = await world.client.get(
        f"/ledger/{CONVENTION}/{YEAR}/checkpoint", headers={"Authorization": "Bearer ecl_wrong"}
    )
    assert answer.status_code == 401
    for place in ("checkpoint", "keys", "tile/0/000.p/1", "tile/entries/000.p/1"):
        assert (await fetch(world, place, owner=SGL)).status_code == 200
        assert (await fetch(world, place, owner=SGL, who=(CAF, "dpo"))).status_code == 404
        assert (await fetch(world, place, owner="unknown")).status_code == 404
        assert (await fetch(world, place, year="2022")).status_code == 404
