"""After a loss: a guard written anew only when nobody holds more, and a new log that binds what the old one had."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from registry.ledger.checkpoints import Checkpoint, parse_checkpoint, sign_checkpoint
from registry.ledger.encoding import decode_base64, encode_base64
from registry.ledger.keys import Signer
from registry.ledger.merkle import leaf_hash, tree_root
from registry.ledger.notes import split_note
from registry.ledger.signers import LogSigner
from registry.publishing.guard import Guard, SigningRefused
from registry.publishing.recovery import NotRecovered, Outside, alone, recover, reopen
from registry.storage.logs import Log, own_events
from tests.registry.publishing.host import Host

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
async def host(engine, tmp_path: Path) -> Host:
    return Host(engine, Guard(tmp_path / "guard"))


async def recovered(host: Host, *notes: bytes) -> None:
    outside = [Outside(f"tete-{number}", note) for number, note in enumerate(notes)]
    host.guard.adopt(await host.engine.read(lambda tx: recover(tx, host.guard, LogSigner(host.key), outside)))


async def reopened(host: Host, note: bytes, *known: bytes) -> tuple[Log, str]:
    others = [Outside("La garde", each) for each in known]
    keys = (LogSigner(host.key), host.recorder)
    return await host.engine.transact(lambda tx: reopen(tx, "ctg", Outside("tete", note), others, keys, host.now))


async def head_of(host: Host, more: int = 0, mark: str = "lost") -> bytes:
    """The note of the current head, or of one that the database has lost."""
    log = (await host.logs())[-1]
    rows = await host.rows(
        "SELECT leaf_hash FROM event WHERE log = ? AND leaf_index IS NOT NULL ORDER BY leaf_index", log.id
    )
    leaves = [bytes(row[0]) for row in rows] + [leaf_hash(f"{mark}{number}".encode()) for number in range(more)]
    return sign_checkpoint(Checkpoint(log.origin, len(leaves), tree_root(leaves)), [host.key.named(log.origin)])


async def test_a_lost_guard_comes_back_after_comparison_with_a_head_kept_by_a_party(host: Host) -> None:
    await host.record(3)
    await host.publish()
    kept = await head_of(host)
    await host.record(300)
    await host.publish()
    host.guard.path.unlink()
    with pytest.raises(SigningRefused):
        await host.operator.check()
    with pytest.raises(NotRecovered, match=r"ledger/ctg/2026"):
        await recovered(host)
    await recovered(host, kept)
    await host.operator.check()
    assert host.guard.heads()["ecluse.example/ledger/ctg/2026"] == await host.head()
    await host.record()
    await host.publish()
    assert (await host.head()).size == 305


@pytest.mark.parametrize("more", [0, 2])
async def test_a_guard_is_not_written_while_somebody_holds_more_or_something_else(host: Host, more: int) -> None:
    await host.record(3)
    await host.publish()
    host.guard.path.unlink()
    if more:
        other = await head_of(host, more)
    else:
        head = await host.head()
        other = sign_checkpoint(Checkpoint(head.origin, head.size, bytes(32)), [host.key.named(head.origin)])
    with pytest.raises(SigningRefused, match="tete-1"):
        await recovered(host, await head_of(host), other)
    assert not host.guard.exists()


async def test_a_head_that_this_host_did_not_sign_proves_nothing(host: Host) -> None:
    await host.record(3)
    await host.publish()
    host.guard.path.unlink()
    head = await host.head()
    for note in (sign_checkpoint(head, [Signer.generate(head.origin)]), b"", b"no head"):
        with pytest.raises(NotRecovered, match="tete-0"):
            await recovered(host, note)


def showed(host: Host, note: bytes) -> None:
    """A head was shown from a database that is lost."""
    assert host.guard.advance(note, host.guard.heads()[parse_checkpoint(split_note(note)[0]).origin])


async def test_a_guard_in_place_is_left_alone_and_one_that_knows_more_is_believed(host: Host) -> None:
    await host.record(3)
    await host.publish()
    with pytest.raises(NotRecovered, match="en place"):
        await recovered(host, await head_of(host))
    showed(host, await head_of(host, 2))
    with pytest.raises(SigningRefused, match="la garde"):
        await recovered(host, await head_of(host))


async def test_a_closed_year_is_compared_through_the_year_that_cites_it(host: Host) -> None:
    await host.record(3)
    await host.publish()
    host.now = datetime(2027, 2, 1, tzinfo=UTC)
    await host.record(2)
    await host.publish()
    host.guard.path.unlink()
    await recovered(host, await head_of(host))
    assert len(host.guard.heads()) == 2
    await host.operator.check()


async def test_nothing_is_recovered_while_a_server_runs(host: Host) -> None:
    await host.record()
    now = int(host.now.timestamp())
    async with alone(host.engine, now):
        with pytest.raises(NotRecovered, match="serveur"):
            async with alone(host.engine, now):
                pytest.fail("two at once")
    assert await host.operator._hold()
    with pytest.raises(NotRecovered, match="serveur"):
        async with alone(host.engine, now):
            pytest.fail("beside a server")


async def test_a_lost_end_is_left_behind_and_the_new_log_cites_it_and_binds_the_orphans(host: Host) -> None:
    await host.record(3)
    await host.publish()
    lost = await head_of(host, 4)
    showed(host, lost)
    await host.record(2)  # written before anybody noticed; they never get a place
    with pytest.raises(SigningRefused, match="ecluse ledger reopen"):
        await host.publish()
    old, origin = await reopened(host, lost, lost)
    assert origin == "ecluse.example/ledger/ctg/2026-2"
    await host.operator.check()
    await host.record(1)
    await host.publish()
    new = (await host.logs())[-1]
    (opened, *_) = await host.engine.read(lambda tx: own_events(tx, new))
    derived = json.loads(opened.facts)["derived"]
    cited = parse_checkpoint(split_note(lost)[0])
    assert derived["previous"] == {"origin": old.origin, "size": 8, "root": encode_base64(cited.root)}
    waiting = await host.rows(
        "SELECT leaf_hash FROM event WHERE log = ? AND leaf_index > 3 OR leaf_index IS NULL ORDER BY seq", old.id
    )
    assert [decode_base64(each) for each in derived["orphans"]] == [bytes(row[0]) for row in waiting]
    assert len(waiting) == 2
    head = await host.head(new)
    assert (head.origin, head.size) == (origin, 2)
    assert (await host.head(old)).size == 4, "what was shown of the old one is still served"
    await host.record(1)
    await host.publish()
    assert (await host.head(new)).size == 3
    opened_again = (await host.engine.read(lambda tx: own_events(tx, new)))[0]
    assert opened_again.facts == opened.facts


async def test_a_log_whose_end_is_lost_at_the_turn_of_the_year_is_cited_by_the_next(host: Host) -> None:
    await host.record(3)
    await host.publish()
    lost = await head_of(host, 2)
    showed(host, lost)
    await host.record(1)
    host.now = datetime(2027, 1, 3, tzinfo=UTC)
    old, origin = await reopened(host, lost, lost)
    assert origin == "ecluse.example/ledger/ctg/2027"
    await host.record(1)
    host.now += timedelta(minutes=1)
    await host.publish()
    new = (await host.logs())[-1]
    derived = json.loads((await host.engine.read(lambda tx: own_events(tx, new)))[0].facts)["derived"]
    assert (derived["previous"]["origin"], derived["previous"]["size"], len(derived["orphans"])) == (old.origin, 6, 1)


async def test_a_log_is_not_left_behind_without_need_nor_with_less_than_is_known(host: Host) -> None:
    await host.record(3)
    await host.publish()
    here = await head_of(host)
    with pytest.raises(NotRecovered, match="rien n'est perdu"):
        await reopened(host, here)
    with pytest.raises(NotRecovered, match="plus grande"):
        await reopened(host, await head_of(host, 1), await head_of(host, 2))
    await host.record(1, owner="sgl")
    await host.publish()
    other = await head_of(host, 1)
    assert parse_checkpoint(split_note(other)[0]).origin.endswith("sgl/2026")
    with pytest.raises(NotRecovered, match="ctg/2026"):
        await reopened(host, other)
    assert await host.rows("SELECT count(*) FROM log WHERE abandoned_at IS NOT NULL") == [(0,)]


async def test_an_ordinary_log_binds_no_orphan(host: Host) -> None:
    await host.record(3)
    await host.publish()
    (log,) = await host.logs()
    assert json.loads((await host.engine.read(lambda tx: own_events(tx, log)))[0].facts)["derived"]["orphans"] == []
