"""Numbering and signing: nothing is lost, nothing is numbered twice, no two heads disagree."""

from __future__ import annotations

import asyncio
import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from registry.ledger.checkpoints import Checkpoint, sign_checkpoint
from registry.ledger.merkle import leaf_hash, tree_root
from registry.ledger.notes import split_note
from registry.ledger.proofs import consistency_proof, inclusion_proof, reader_of, verify_consistency
from registry.ledger.tiles import levels_of, split_tile, tiles_of
from registry.publishing import serving
from registry.publishing.guard import Guard, SigningRefused
from registry.publishing.receipts import proved
from registry.storage.engines import engine_for
from tests.registry.publishing.host import Host

if TYPE_CHECKING:
    from pathlib import Path

DROP = {
    "event": {"sqlite": ["DROP TRIGGER event_kept", "DROP TRIGGER event_never_deleted"], "postgres": ["DROP TRIGGER event_kept ON event", "DROP TRIGGER event_never_deleted ON event"]},
    "checkpoint": {
        "sqlite": ["DROP TRIGGER checkpoint_kept", "DROP TRIGGER checkpoint_never_deleted"],
        "postgres": ["DROP TRIGGER checkpoint_kept ON checkpoint"],
    },
}  # fmt: skip


@pytest.fixture
async def host(engine, tmp_path: Path) -> Host:
    return Host(engine, Guard(tmp_path / "guard"))


async def unlock(host: Host, table: str) -> None:
    """What an intruder with the database's own rights does first."""
    for statement in DROP[table][host.engine.dialect]:
        await host.change(statement)


@pytest.mark.parametrize("count", [1, 254, 255, 256, 300])
async def test_every_record_gets_its_place_and_the_head_is_the_root_of_them_all(host: Host, count: int) -> None:
    await _places_and_roots(host, count)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_tree_of_three_levels_of_tiles_is_the_root_of_its_records(host: Host) -> None:
    await _places_and_roots(host, 65_700)


async def _places_and_roots(host: Host, count: int) -> None:
    await host.record(count)
    await host.publish()
    head = await host.head()
    rows = await host.rows("SELECT leaf_index, record FROM event ORDER BY leaf_index")
    assert [row[0] for row in rows] == list(range(count + 1))
    leaves = [leaf_hash(bytes(row[1])) for row in rows]
    assert (head.size, head.root) == (count + 1, tree_root(leaves))
    (log,) = await host.logs()
    reader = reader_of(leaves)
    for level in levels_of(head.size):
        for tile in tiles_of(head.size, level):
            content = await host.engine.read(lambda tx, tile=tile: serving.tile_bytes(tx, log, tile, head.size))
            expected = [reader(8 * level, tile.index * 256 + at) for at in range(tile.width)]
            assert split_tile(tile, content) == expected
    for index in {0, 1, count // 2, count}:
        build = lambda read, index=index: inclusion_proof(index, head.size, read)  # noqa: E731
        assert await host.engine.read(lambda tx, build=build: proved(tx, log, head.size, build)) == build(reader)


async def test_each_head_extends_those_before(host: Host) -> None:
    heads, leaves = [], []
    for count in (1, 3, 250, 7, 300, 1):
        await host.record(count)
        await host.publish()
        heads.append(await host.head())
    leaves = [bytes(row[0]) for row in await host.rows("SELECT leaf_hash FROM event ORDER BY leaf_index")]
    for old, new in itertools.pairwise(heads):
        proof = consistency_proof(old.size, new.size, reader_of(leaves[: new.size]))
        verify_consistency(old.size, new.size, proof, old.root, new.root)


async def test_revisions_of_an_object_keep_their_order(host: Host) -> None:
    """r+1 is written after r is committed, so insertion order is enough, whatever else is written meanwhile."""
    await asyncio.gather(*(host.record(3) for _ in range(20)), *(host.publish() for _ in range(5)))
    await host.publish()
    rows = await host.rows("SELECT seq, leaf_index FROM event WHERE leaf_index > 0 ORDER BY leaf_index")
    assert len(rows) == 60
    waves: dict[int, list[int]] = {}
    for seq, index in rows:
        waves.setdefault(index, []).append(seq)
    assert sorted(waves) == list(range(1, 61))


async def test_replicas_that_fight_number_without_gap_and_sign_one_history(database_url: str, tmp_path: Path) -> None:
    engines = [engine_for(database_url) for _ in range(2)]
    for engine in engines:
        await engine.open()
    first = Host(engines[0], Guard(tmp_path / "guard"))
    second = Host(engines[1], Guard(tmp_path / "guard"), key=first.key, recorder_key=first.recorder_key)
    try:
        await first.record()

        async def write(host: Host) -> None:
            for _ in range(10):
                await host.record()

        async def publish(host: Host) -> None:
            for _ in range(30):
                await host.publish()  # without asking for the lease: the fences alone must hold
                await asyncio.sleep(0)

        hosts = (first, second)
        await asyncio.gather(*(write(host) for host in hosts for _ in range(8)), *(publish(host) for host in hosts))
        await first.publish()
        indexes = [row[0] for row in await first.rows("SELECT leaf_index FROM event ORDER BY leaf_index")]
        assert indexes == list(range(162))
        leaves = [bytes(row[0]) for row in await first.rows("SELECT leaf_hash FROM event ORDER BY leaf_index")]
        for size, root in await first.rows("SELECT size, root FROM checkpoint"):
            assert bytes(root) == tree_root(leaves[:size]), "every head that was ever signed is of the one history"
    finally:
        for engine in engines:
            await engine.close()


async def test_only_the_holder_of_the_lease_publishes(host: Host, database_url: str) -> None:
    await host.record()
    other = Host(host.engine, host.guard, key=host.key, recorder_key=host.recorder_key)
    assert await host.operator._hold()
    assert not await other.operator._hold()
    await host.operator._release()
    assert await other.operator._hold()


async def test_a_restored_database_is_never_signed_from(host: Host) -> None:
    await host.record(5)
    await host.publish()
    kept = host.guard.path.read_bytes()
    await host.record(2)
    await host.publish()
    later = host.guard.path.read_bytes()
    host.guard.path.write_bytes(kept)  # as if 2 more had not been signed, then again as if the database were behind
    assert (await host.head()).size == 8
    await host.publish()
    await unlock(host, "checkpoint")
    await host.change("DELETE FROM checkpoint WHERE size = 8")
    await host.change(
        "UPDATE log_head SET size = 6, published = 6, frontier = (SELECT frontier FROM checkpoint WHERE size = 6)"
    )
    await unlock(host, "event")
    await host.change("DELETE FROM event WHERE leaf_index >= 6")
    host.guard.path.write_bytes(later)
    with pytest.raises(SigningRefused, match="restaurée"):
        await host.operator.check()
    await host.record()
    with pytest.raises(SigningRefused, match="ledger reopen"):
        await host.publish()
    assert [row[0] for row in await host.rows("SELECT size FROM checkpoint")] == [6]
    assert host.guard.path.read_bytes() == later


async def test_a_head_signed_during_a_failover_is_not_shown_beside_the_other_histories(host: Host, monkeypatch) -> None:
    """The old primary persists a head while a replica, over another database, shows one of its own."""
    await host.record(3)
    await host.publish()
    shown = await host.head()
    await host.record(4)
    other = Checkpoint(shown.origin, shown.size + 1, bytes(32))
    note, honest = sign_checkpoint(other, [host.key.named(shown.origin)]), Guard.advance

    def late(guard: Guard, signed: bytes, after: Checkpoint | None) -> bool:
        assert honest(guard, note, after)
        return honest(guard, signed, after)

    monkeypatch.setattr(Guard, "advance", late)
    await host.publish()
    monkeypatch.undo()
    assert await host.head() == shown
    assert host.guard.heads()[shown.origin] == other
    with pytest.raises(SigningRefused, match="restaurée"):
        await host.publish()


async def test_a_missing_guard_is_refused_once_something_was_shown(host: Host) -> None:
    await host.record()
    await host.publish()
    host.guard.path.unlink()
    with pytest.raises(SigningRefused, match="ledger recover"):
        await host.operator.check()
    await host.record()
    with pytest.raises(SigningRefused, match="ledger recover"):
        await host.publish()
    assert not host.guard.path.exists()


async def test_a_guard_of_another_installation_is_refused(host: Host, tmp_path: Path) -> None:
    await host.record()
    await host.publish()
    foreign = Guard(tmp_path / "foreign")
    foreign.adopt({})
    intruder = Host(host.engine, foreign, key=host.key, recorder_key=host.recorder_key)
    with pytest.raises(SigningRefused, match="ne connaît pas le journal"):
        await intruder.operator.check()


async def test_an_unreadable_guard_is_refused(host: Host) -> None:
    await host.record()
    await host.publish()
    host.guard.path.write_bytes(b"bruit\n----\n")
    with pytest.raises(SigningRefused, match="illisible"):
        await host.operator.check()


@pytest.mark.parametrize("column", ["record", "leaf_hash"])
async def test_a_record_changed_before_its_signature_is_not_signed(host: Host, column: str) -> None:
    await host.record(3)
    (log,) = await host.logs()
    await host.operator.sequencer.sequence(log, host.now)
    await unlock(host, "event")
    other = (
        "SELECT record FROM event WHERE leaf_index = 1"
        if column == "record"
        else "SELECT leaf_hash FROM event WHERE leaf_index = 1"
    )
    await host.change(f"UPDATE event SET {column} = ({other}) WHERE leaf_index = 2")
    with pytest.raises(SigningRefused, match="changé"):
        await host.publish()
    assert await host.head() is None


async def test_a_record_deleted_before_its_signature_is_noticed(host: Host) -> None:
    await host.record(3)
    (log,) = await host.logs()
    await host.operator.sequencer.sequence(log, host.now)
    await unlock(host, "event")
    await host.change("DELETE FROM event WHERE leaf_index = 3")
    with pytest.raises(SigningRefused, match="changé"):
        await host.publish()


async def test_a_crash_after_the_head_is_persisted_is_repaired_by_doing_it_again(host: Host, monkeypatch) -> None:
    await host.record()
    monkeypatch.setattr(Guard, "advance", _crash)
    with pytest.raises(OSError, match="crash"):
        await host.publish()
    assert await host.head() is None, "a head that the guard does not hold is shown to nobody"
    monkeypatch.undo()
    await host.operator.check()
    await host.publish()
    assert (await host.head()).size == 2
    assert host.guard.heads()[(await host.logs())[0].origin].size == 2


def _crash(_guard: Guard, _note: bytes, _after: object) -> None:
    raise OSError("crash")


async def test_a_full_disk_under_the_guard_stops_the_publication_and_shows_nothing(host: Host, monkeypatch) -> None:
    await host.record()
    await host.publish()
    shown = await host.head()
    await host.record()
    monkeypatch.setattr("registry.publishing.guard.os.fsync", _full)
    with pytest.raises(OSError, match="No space"):
        await host.publish()
    assert await host.head() == shown
    monkeypatch.undo()
    await host.publish()
    assert (await host.head()).size == 3


def _full(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


async def test_a_clock_that_goes_back_forks_nothing(host: Host) -> None:
    await host.record(2)
    await host.publish()
    host.now -= timedelta(days=40)
    await host.record(2)
    await host.publish()
    assert (await host.head()).size == 5


async def test_the_first_record_of_a_year_cites_the_last_head_of_the_year_before(host: Host) -> None:
    host.now = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    await host.record(4)
    host.now = datetime(2027, 1, 1, 0, 0, 3, tzinfo=UTC)
    await host.record(2)
    await host.publish()
    old, new = await host.logs()
    assert await host.head(new) is None, "records of the old year may still be on their way"
    host.now = datetime(2027, 1, 1, 0, 0, 12, tzinfo=UTC)
    await host.publish()
    last, first = await host.head(old), await host.head(new)
    assert (last.size, first.size) == (5, 3)
    ((facts,),) = await host.rows("SELECT facts FROM event WHERE log = ? AND leaf_index = 0", new.id)
    cited = json.loads(facts)["derived"]["previous"]
    assert (cited["origin"], cited["size"]) == (old.origin, 5)


async def test_a_replaced_log_key_signs_beside_the_old_one_and_is_announced(host: Host) -> None:
    await host.record()
    await host.publish()
    renewed = Host(host.engine, host.guard, former=host.key, recorder_key=host.recorder_key)
    await renewed.record()
    await renewed.publish()
    await renewed.record()
    await renewed.publish()
    (log,) = await host.logs()
    assert (await host.head()).size == (await renewed.head()).size == 5, "both keys open the head"
    signed = await host.engine.read(lambda tx: serving.shown_head(tx, log))
    assert len(split_note(signed.note)[1]) == 2
    named = json.loads(await host.engine.read(lambda tx: serving.keys(tx, log, signed.size)))
    assert named["log"] == [host.key.named(log.origin).vkey, renewed.key.named(log.origin).vkey]


async def test_a_replaced_recorder_key_is_named_by_the_old_one_before_it_signs(host: Host) -> None:
    await host.record()
    await host.publish()
    renewed = Host(host.engine, host.guard, key=host.key, former_recorder=host.recorder_key)
    await renewed.record(2)
    await renewed.publish()
    (log,) = await host.logs()
    rows = await host.rows("SELECT type, record FROM event ORDER BY leaf_index")
    old, new = host.recorder.signer(log.origin).verifier.id, renewed.recorder.signer(log.origin).verifier.id
    assert [row[0] for row in rows] == ["key", "exchange", "key", "exchange", "exchange"]
    assert [split_note(bytes(row[1]))[1][0].id for row in rows] == [old, old, old, new, new]


async def test_a_recorder_key_replaced_without_the_old_one_writes_nothing(host: Host) -> None:
    from registry.publishing.announcing import KeyMissing

    await host.record()
    await host.publish()
    stranger = Host(host.engine, host.guard, key=host.key)
    with pytest.raises(KeyMissing):
        await stranger.record()
    assert len(await host.rows("SELECT 1 FROM event")) == 2


async def test_two_replicas_with_different_recorder_keys_before_the_opening_are_both_named(host: Host) -> None:
    other = Host(host.engine, host.guard, key=host.key, former_recorder=host.recorder_key)
    await host.record()
    await other.record()
    await host.publish()
    (log,) = await host.logs()
    named = json.loads(await host.engine.read(lambda tx: serving.keys(tx, log, 4)))
    assert named["recorder"] == [host.recorder.signer(log.origin).vkey, other.recorder.signer(log.origin).vkey]
    assert (await host.head()).size == 4


async def test_a_signed_head_is_never_changed_nor_deleted(host: Host) -> None:
    from registry.storage.engines import TriggerViolation

    await host.record()
    await host.publish()
    for sql in ("UPDATE checkpoint SET note = root", "DELETE FROM checkpoint"):
        with pytest.raises(TriggerViolation):
            await host.change(sql)
