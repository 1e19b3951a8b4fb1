"""`add-checkpoint`, one case for each status and for their order (C2SP tlog-witness)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from registry.ledger.checkpoints import open_checkpoint
from registry.ledger.cosignatures import open_cosigned, parse_witness_vkey, verify_lines
from registry.ledger.encoding import encode_base64
from registry.ledger.keys import Signer
from registry.ledger.notes import sign_note
from registry.ledger.witness_protocol import SIZE_CONTENT_TYPE
from registry.witness.answering import add_checkpoint, kept_head
from registry.witness.evidence import origin_hash
from tests.registry.witness.hosts import NOW, ORIGIN, MemoryLog, witness_in

if TYPE_CHECKING:
    from pathlib import Path

    from registry.witness.witness import Witness


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog().grow(10)


@pytest.fixture
def witness(log: MemoryLog, tmp_path: Path) -> Witness:
    return witness_in(tmp_path / "temoin", log)


def test_a_first_head_then_its_extension_are_cosigned(witness: Witness, log: MemoryLog) -> None:
    key = parse_witness_vkey(witness._cosigner.verifier.vkey)
    first = add_checkpoint(witness, log.request(0), NOW)
    assert (first.status, len(verify_lines(first.body, log.head(), [key]))) == (200, 1)
    log.grow(300)
    second = add_checkpoint(witness, log.request(10), NOW + 1)
    (line,) = verify_lines(second.body, log.head(), [key])
    assert int.from_bytes(line.signature[:8], "big") == NOW + 1


def test_the_same_head_again_is_a_refresh(witness: Witness, log: MemoryLog) -> None:
    lines = {add_checkpoint(witness, log.request(0), NOW).body}
    again = add_checkpoint(witness, log.request(10), NOW + 60)
    assert (again.status, again.body in lines) == (200, False)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 00\n\nx",
        b"old 01\n\n",
        b"old -1\n\nx",
        b"old 0\n\nno note",
        b"\xff\n\nx",
        b"old 0\n\nx\ny\n",
    ],
)
def test_malformed_requests_are_400(witness: Witness, body: bytes) -> None:
    assert add_checkpoint(witness, body, NOW).status == 400


def test_a_leading_zero_is_400(witness: Witness, log: MemoryLog) -> None:
    assert add_checkpoint(witness, log.request(0).replace(b"old 0", b"old 00"), NOW).status == 400


def test_an_unknown_origin_is_404_before_its_signature_is_looked_at(witness: Witness) -> None:
    other = MemoryLog(key=Signer.generate("other.example/log")).grow(3)
    assert add_checkpoint(witness, other.request(0), NOW).status == 404


def test_an_untrusted_or_wrong_signature_is_403_before_sizes_are_compared(witness: Witness, log: MemoryLog) -> None:
    stranger = MemoryLog(key=Signer.generate(ORIGIN), leaves=log.leaves)
    proof = "".join(f"{encode_base64(bytes(32))}\n" for _ in range(3)).encode()
    assert add_checkpoint(witness, b"old 99\n" + proof + b"\n" + stranger.note(), NOW).status == 403
    spoiled = log.note().replace(b"\n10\n", b"\n11\n")
    assert add_checkpoint(witness, b"old 0\n\n" + spoiled, NOW).status == 403


def test_a_signed_text_that_is_no_checkpoint_is_400(witness: Witness, log: MemoryLog) -> None:
    for text in (f"{ORIGIN}\n10\n", f"{ORIGIN}\n010\n{encode_base64(bytes(32))}\n", f"{log.head().text}extension\n"):
        note = sign_note(text, [log.key])
        assert add_checkpoint(witness, b"old 0\n\n" + note, NOW).status == 400


def test_an_old_size_larger_than_the_checkpoint_is_400_before_409(witness: Witness, log: MemoryLog) -> None:
    add_checkpoint(witness, log.request(0), NOW)
    assert add_checkpoint(witness, b"old 11\n\n" + log.note(), NOW).status == 400


def test_another_size_than_the_one_kept_is_409_with_that_size(witness: Witness, log: MemoryLog) -> None:
    early = add_checkpoint(witness, log.request(4), NOW)
    assert (early.status, early.body, early.content_type) == (409, b"0\n", SIZE_CONTENT_TYPE)
    add_checkpoint(witness, log.request(0), NOW)
    wrong_proof = log.grow(1).request(4, proof=[bytes(32)])
    assert add_checkpoint(witness, wrong_proof, NOW).body == b"10\n", "409 comes before 422"
    assert add_checkpoint(witness, log.request(0, 5), NOW).body == b"10\n", "it never goes back"


def test_a_wrong_proof_is_422_and_no_fork_by_itself(witness: Witness, log: MemoryLog) -> None:
    add_checkpoint(witness, log.request(0), NOW)
    reply = add_checkpoint(witness, log.grow(3).request(10, proof=[bytes(32)] * 2), NOW)
    assert (reply.status, reply.fork) == (422, None)
    assert add_checkpoint(witness, log.request(10), NOW).status == 200


def test_two_roots_of_one_size_are_422_and_stop_the_witness(witness: Witness, log: MemoryLog, tmp_path: Path) -> None:
    add_checkpoint(witness, log.request(0), NOW)
    fork = MemoryLog(key=log.key).grow(10, mark="rewritten ")
    reply = add_checkpoint(witness, fork.request(10), NOW)
    assert (reply.status, reply.fork.kept, reply.fork.seen) == (422, log.head(), fork.head())
    seen = tmp_path / "temoin" / "evidence" / f"{origin_hash(ORIGIN)}-10-seen.checkpoint"
    assert open_checkpoint(seen.read_bytes(), [log.key.verifier]) == fork.head()
    assert add_checkpoint(witness, log.grow(1).request(10), NOW).status == 503


def test_the_head_kept_is_read_back_with_the_line(witness: Witness, log: MemoryLog) -> None:
    assert kept_head(witness, origin_hash(ORIGIN)).status == 404
    add_checkpoint(witness, log.request(0), NOW)
    reply = kept_head(witness, origin_hash(ORIGIN))
    key = parse_witness_vkey(witness._cosigner.verifier.vkey)
    opened = open_cosigned(reply.body, [log.key.verifier], [key])
    assert (opened.checkpoint, opened.times) == (log.head(), {key: NOW})
    assert kept_head(witness, origin_hash("other")).status == 404


def test_a_head_is_on_disk_before_it_is_answered(witness: Witness, log: MemoryLog, tmp_path: Path) -> None:
    assert add_checkpoint(witness, log.request(0), NOW).status == 200
    other = witness_in(tmp_path / "temoin")
    assert other.store.find(ORIGIN).head == log.head()


def test_of_two_histories_at_the_same_time_one_is_cosigned(witness: Witness, log: MemoryLog, tmp_path: Path) -> None:
    """Two processes of one witness, each asked to extend the same head otherwise."""
    second = witness_in(tmp_path / "temoin")
    fork = MemoryLog(key=log.key, leaves=list(log.leaves)).grow(5, mark="other ")
    add_checkpoint(witness, log.request(0), NOW)
    log.grow(5)
    with ThreadPoolExecutor(8) as pool:
        asked = [
            pool.submit(add_checkpoint, (witness, second)[n % 2], (log, fork)[n // 2 % 2].request(10), NOW)
            for n in range(40)
        ]
        replies = [one.result() for one in asked]
    cosigned = {open_checkpoint(each, [log.key.verifier]).root for each in (witness.store.find(ORIGIN).note,)}
    assert sum(reply.status == 200 for reply in replies) == 1
    assert cosigned <= {log.head().root, fork.head().root}
    assert {reply.status for reply in replies} <= {200, 409, 422, 503}
