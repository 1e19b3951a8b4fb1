"""A witness behind a firewall: fetches the head, checks it against what it kept, cosigns, hands its line in."""

from __future__ import annotations

import os
from errno import ENOSPC
from typing import TYPE_CHECKING

import pytest

from registry.ledger.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from registry.ledger.cosignatures import parse_witness_vkey, verify_lines
from registry.ledger.keys import Signer
from registry.witness.answering import add_checkpoint
from registry.witness.errors import Fork, Stopped, Unusable
from registry.witness.evidence import origin_hash
from registry.witness.following import REFRESH, follow_year, look, new_year
from tests.registry.witness.hosts import NOW, ORIGIN, URL, MemoryLog, witness_in

if TYPE_CHECKING:
    from pathlib import Path

    from registry.witness.witness import Witness


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog().grow(300)


@pytest.fixture
def witness(log: MemoryLog, tmp_path: Path) -> Witness:
    return witness_in(tmp_path / "temoin", log)


def vkey(witness: Witness):
    return parse_witness_vkey(witness._cosigner.verifier.vkey)


def test_a_new_head_is_kept_cosigned_and_handed_in(witness: Witness, log: MemoryLog) -> None:
    done = look(witness, URL, log, NOW)
    assert (done.head, done.new, done.handed_in) == (log.head(), True, True)
    (path, body), kept = log.lines[0], witness.store.find(ORIGIN)
    assert path == "cosignatures?size=300"
    (line,) = verify_lines(body, log.head(), [vkey(witness)])
    assert int.from_bytes(line.signature[:8], "big") == NOW
    assert (kept.head, kept.line, kept.handed_in, kept.url) == (log.head(), body, True, URL)


@pytest.mark.parametrize("more", [1, 212, 213, 65_300])
def test_a_head_that_extends_the_one_kept_is_cosigned(witness: Witness, log: MemoryLog, more: int) -> None:
    look(witness, URL, log, NOW)
    log.grow(more)
    assert look(witness, URL, log, NOW + 5).new
    assert witness.store.find(ORIGIN).head == log.head()
    assert len(log.asked) < 12, "a proof takes a few tiles, not the log"


def test_the_same_head_is_cosigned_again_only_after_a_while(witness: Witness, log: MemoryLog) -> None:
    look(witness, URL, log, NOW)
    assert not look(witness, URL, log, NOW + REFRESH - 1).handed_in
    again = look(witness, URL, log, NOW + REFRESH)
    assert (again.new, again.handed_in, len(log.lines)) == (False, True, 2)
    (line,) = verify_lines(log.lines[1][1], log.head(), [vkey(witness)])
    assert int.from_bytes(line.signature[:8], "big") == NOW + REFRESH


def test_a_line_that_could_not_be_handed_in_is_handed_in_the_next_time(witness: Witness, log: MemoryLog) -> None:
    log.refuses = True
    with pytest.raises(Unusable):
        look(witness, URL, log, NOW)
    log.refuses = False
    line = witness.store.find(ORIGIN).line
    assert look(witness, URL, log, NOW + 1).handed_in
    assert log.lines == [("cosignatures?size=300", line)]


def test_a_crash_between_keeping_and_signing_forgets_nothing(witness: Witness, log: MemoryLog, tmp_path: Path) -> None:
    witness.store.advance(ORIGIN, log.note(), lambda _known: None)
    witness.store.close()
    again = witness_in(tmp_path / "temoin")
    assert again.store.find(ORIGIN).head == log.head()
    assert look(again, URL, log, NOW).handed_in


def rewritten(log: MemoryLog, size: int) -> MemoryLog:
    """Another history under the same key."""
    return MemoryLog(key=log.key).grow(100).grow(size - 100, mark="rewritten ")


@pytest.mark.parametrize("size", [299, 300, 301, 512, 700])
def test_a_history_that_does_not_extend_the_head_kept_stops_the_witness(
    witness: Witness, log: MemoryLog, tmp_path: Path, size: int
) -> None:
    look(witness, URL, log, NOW)
    fork = rewritten(log, size)
    with pytest.raises(Fork, match=ORIGIN):
        look(witness, URL, fork, NOW + 5)
    assert fork.lines == []
    stem = tmp_path / "temoin" / "evidence" / f"{origin_hash(ORIGIN)}-{size}"
    keys = [log.key.verifier]
    assert open_checkpoint(stem.with_name(f"{stem.name}-kept.checkpoint").read_bytes(), keys) == log.head()
    assert open_checkpoint(stem.with_name(f"{stem.name}-seen.checkpoint").read_bytes(), keys) == fork.head()
    proof = stem.with_name(f"{stem.name}.proof").read_text()
    assert (proof == "") == (size <= 300)
    assert witness.store.find(ORIGIN).head == log.head(), "what was kept stays"


def test_a_stopped_witness_stays_stopped_until_its_operator_decides(
    witness: Witness, log: MemoryLog, tmp_path: Path
) -> None:
    look(witness, URL, log, NOW)
    with pytest.raises(Fork):
        look(witness, URL, rewritten(log, 400), NOW + 5)
    witness.store.close()
    again = witness_in(tmp_path / "temoin")
    with pytest.raises(Stopped, match="evidence"):
        again.require_running()
    with pytest.raises(Stopped):
        look(again, URL, log.grow(1), NOW + 6)
    again.store.resume(ORIGIN)
    again.require_running()
    assert look(again, URL, log, NOW + 7).handed_in
    with pytest.raises(Fork):
        look(again, URL, rewritten(log, 400), NOW + 8)
    again.store.leave(ORIGIN)
    again.require_running()
    with pytest.raises(Unusable, match="suivi"):
        look(again, URL, log, NOW + 9)


def test_evidence_that_a_full_disk_cut_short_is_written_whole_the_next_time(
    witness: Witness, log: MemoryLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(witness, URL, log, NOW)
    fork = rewritten(log, 400)

    def full(descriptor: int) -> None:
        os.ftruncate(descriptor, 10)
        raise OSError(ENOSPC, "no space left")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="no space"):
        patched.setattr("registry.witness.evidence.os.fsync", full)
        look(witness, URL, fork, NOW + 5)
    with pytest.raises(Fork):
        look(witness, URL, fork, NOW + 6)
    for name, head in (("kept", log.head()), ("seen", fork.head())):
        note = (tmp_path / "temoin" / "evidence" / f"{origin_hash(ORIGIN)}-400-{name}.checkpoint").read_bytes()
        assert open_checkpoint(note, [log.key.verifier]) == head


def test_a_smaller_head_is_a_lost_end_even_of_the_same_history(witness: Witness, log: MemoryLog) -> None:
    look(witness, URL, log, NOW)
    log.leaves = log.leaves[:200]
    with pytest.raises(Fork, match="disparu"):
        look(witness, URL, log, NOW + 5)


@pytest.mark.parametrize("moment", ["checkpoint", "tile/1/000.p/1"])
def test_a_newer_head_kept_meanwhile_by_the_listening_side_is_no_fork(
    witness: Witness, log: MemoryLog, moment: str
) -> None:
    look(witness, URL, log, NOW)
    log.grow(10)
    honest = log.get

    def get(path: str) -> bytes | None:
        content = honest(path)
        if path == moment:
            log.get = honest
            log.grow(10)
            assert add_checkpoint(witness, log.request(300), NOW + 5).status == 200
        return content

    log.get = get
    done = look(witness, URL, log, NOW + 5)
    assert (done.head, log.get) == (log.head(), honest)
    assert log.lines[-1][0] == "cosignatures?size=320"
    witness.require_running()


def test_damaged_tiles_are_no_fork_and_nothing_is_cosigned(witness: Witness, log: MemoryLog) -> None:
    look(witness, URL, log, NOW)
    log.grow(5)
    honest = log.get
    for damage in (lambda tile: bytes(len(tile)), lambda tile: tile[:-1], lambda _tile: None):
        log.get = lambda path, damage=damage: honest(path) if path == "checkpoint" else damage(honest(path))
        with pytest.raises(Unusable):
            look(witness, URL, log, NOW + 5)
    log.get = honest
    assert len(log.lines) == 1
    assert look(witness, URL, log, NOW + 6).head.size == 305


def test_a_key_found_at_the_address_is_never_believed(witness: Witness, log: MemoryLog) -> None:
    other = MemoryLog(key=Signer.generate(ORIGIN)).grow(10)
    with pytest.raises(Unusable, match="clé"):
        look(witness, URL, other, NOW)
    witness.store.follow(other.key.verifier)  # a rotation, accepted by the operator
    both = MemoryLog(key=other.key, leaves=log.leaves, former=log.key)
    assert look(witness, URL, both, NOW).handed_in


def test_an_address_cannot_answer_with_another_log(witness: Witness, log: MemoryLog) -> None:
    second = MemoryLog(key=Signer.generate("ecluse.example/ledger/sgl/2026")).grow(3)
    with pytest.raises(Unusable, match="pas suivi"):
        look(witness, URL, second, NOW)
    witness.store.follow(second.key.verifier)
    look(witness, URL, log, NOW)
    with pytest.raises(Unusable, match="adresse du journal"):
        look(witness, URL, second, NOW)


@pytest.mark.parametrize("note", [b"", b"\xff", b"no note\n", b"a\n\nb\n"])
def test_what_is_no_head_is_refused(witness: Witness, log: MemoryLog, note: bytes) -> None:
    log.get = lambda _path: note
    with pytest.raises(Unusable):
        look(witness, URL, log, NOW)


def test_a_head_of_more_lines_or_no_head_at_all_is_refused(witness: Witness, log: MemoryLog) -> None:
    log.get = lambda _path: None
    with pytest.raises(Unusable):
        look(witness, URL, log, NOW)


def test_the_log_of_the_new_year_is_followed_with_the_key_given_for_the_old_one(
    witness: Witness, log: MemoryLog
) -> None:
    assert new_year(witness.store, witness.store.find(ORIGIN), 2027) is None, "its address is not known yet"
    look(witness, URL, log, NOW)
    assert new_year(witness.store, witness.store.find(ORIGIN), 2026) is None
    url, keys = new_year(witness.store, witness.store.find(ORIGIN), 2027)
    assert url == URL.replace("2026", "2027")
    stranger = MemoryLog(key=Signer.generate(keys[0].name)).grow(2)
    assert not follow_year(witness.store, stranger, keys)
    following = MemoryLog(key=log.key.named(keys[0].name)).grow(2)
    assert follow_year(witness.store, following, keys)
    assert look(witness, url, following, NOW).handed_in
    assert new_year(witness.store, witness.store.find(ORIGIN), 2027) is None


def test_an_empty_log_may_be_cosigned_and_grown(tmp_path: Path) -> None:
    log = MemoryLog()
    witness = witness_in(tmp_path / "temoin", log)
    assert look(witness, URL, log, NOW).head == Checkpoint(ORIGIN, 0, log.head().root)
    assert look(witness, URL, log.grow(2), NOW + 1).head.size == 2
    assert sign_checkpoint(log.head(), [log.key]) == log.note()
