"""The event table is append-only, openings are erasable, and projections are what the events say."""

import pytest

from registry.storage.engines import TriggerViolation
from registry.storage.rebuild import PROJECTIONS, rebuild
from tests.world import CAF, World


async def _projections(world: World) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(await world.rows(f"SELECT * FROM {table}"), key=repr) for table in PROJECTIONS}


async def test_an_event_is_neither_changed_nor_deleted(world: World) -> None:
    await world.create()
    for sql in (
        "UPDATE event SET facts = record", "UPDATE event SET at = '2020-01-01T00:00:00.000Z'", "DELETE FROM event",
        "UPDATE event SET leaf_index = 1, actor = 'x' WHERE seq = 1",
    ):  # fmt: skip
        with pytest.raises(TriggerViolation):
            await world.gate.engine.transact(lambda tx, sql=sql: tx.execute(sql))


async def test_only_a_leaf_index_is_given_once(world: World) -> None:
    await world.create()
    await world.published()
    with pytest.raises(TriggerViolation):
        await world.gate.engine.transact(lambda tx: tx.execute("UPDATE event SET leaf_index = 7 WHERE seq = 1"))


async def test_rebuilt_projections_equal_the_live_ones(world: World) -> None:
    await world.active()
    await world.filed()
    await world.create()
    live = await _projections(world)
    read = await rebuild(world.gate.engine, world.gate.vault)
    assert read > 20
    assert await _projections(world) == live


async def test_projections_refold_after_openings_were_erased(world: World) -> None:
    request_id = await world.active()
    entry_ids = list((await world.read(request_id))["register_entries"].values())

    async def erase(tx: object) -> None:
        for object_id in (request_id, *entry_ids):
            await tx.execute("DELETE FROM opening WHERE object = ?", object_id)  # type: ignore[attr-defined]
            await tx.execute("DELETE FROM object_key WHERE object = ?", object_id)  # type: ignore[attr-defined]

    before = await world.read(request_id)
    await world.gate.engine.transact(erase)
    await rebuild(world.gate.engine, world.gate.vault)
    rows = await world.rows("SELECT file FROM exchange WHERE id = ?", request_id)
    import json

    file = json.loads(rows[0][0])
    assert file["request"]["title"] == "effacé"
    assert file["request"]["purposes"]["main"] == "effacé"
    assert file["opinion"]["text"] == "effacé"
    assert (file["state"], file["version"], file["document_hash"]) == (
        "active",
        before["version"],
        before["document_hash"],
    )
    assert file["request"]["data_items"][0]["cnil_category"] == before["request"]["data_items"][0]["cnil_category"]
    first = await _projections(world)
    await rebuild(world.gate.engine, world.gate.vault)
    assert await _projections(world) == first


async def test_texts_are_stored_sealed_and_facts_hold_none(world: World) -> None:
    await world.filed()
    texts = [b"Quotient familial", b"tarif", b"restauration"]
    for facts, record in await world.rows("SELECT facts, record FROM event WHERE type = 'exchange'"):
        assert not any(text in bytes(facts) or text in bytes(record) for text in texts)
    for (sealed,) in await world.rows("SELECT sealed FROM opening"):
        assert not any(text in bytes(sealed) for text in texts)


async def test_facts_and_openings_match_the_commitments_in_the_record(world: World) -> None:
    import json

    from registry.ledger.commitments import commit_facts, commit_opening
    from registry.storage.vault import unseal

    request_id = await world.filed()
    rows = await world.rows(
        """SELECT e.revision, e.facts, e.salt, e.record, o.sealed, k.wrapped FROM event e
        LEFT JOIN opening o ON o.object = e.object AND o.revision = e.revision
        JOIN object_key k ON k.object = e.object WHERE e.object = ? ORDER BY e.revision""",
        request_id,
    )
    assert len(rows) == 2
    for revision, facts, salt, record, sealed, wrapped in rows:
        assert json.loads(bytes(record).split(b"\n")[0])["commit"] == commit_facts(salt, facts)
        committed = json.loads(facts)["opening_commit"]
        assert (committed is None) == (sealed is None)
        if sealed is not None:
            key = world.gate.vault.unwrap(request_id, wrapped)
            opening = unseal(key, sealed, f"{request_id}/{revision}")
            assert committed == commit_opening(opening[:32], opening[32:])


async def test_the_first_record_of_a_log_names_its_recorder(world: World) -> None:
    import json

    await world.create()
    await world.published()
    ((object_id, facts),) = await world.rows("SELECT object, facts FROM event WHERE leaf_index = 0")
    opened = json.loads(facts)
    assert opened["act"] == "log.opened"
    ((log_id, origin),) = await world.rows("SELECT id, origin FROM log")
    assert object_id == log_id
    assert opened["derived"]["origin"] == origin
    assert opened["derived"]["recorder"] == world.gate.recorder.signer(origin).vkey
    assert opened["derived"]["previous"] is None


async def test_an_actor_is_a_pseudonym_in_the_log_and_no_person(world: World) -> None:
    await world.filed()
    for actor, record in await world.rows("SELECT actor, record FROM event"):
        assert len(actor) == 12
        assert b"@" not in bytes(record)
        assert CAF.encode() not in bytes(record).split(b"/2023")[1]
