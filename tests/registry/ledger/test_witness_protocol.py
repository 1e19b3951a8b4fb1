import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.ledger.checkpoints import sign_checkpoint
from registry.ledger.errors import MalformedError
from registry.ledger.witness_protocol import (
    MAX_BYTES,
    AddCheckpoint,
    encode_add_checkpoint,
    encode_size,
    parse_add_checkpoint,
    parse_size,
)
from tests.registry.ledger.samples import HEAD, LOG, altered

NOTE = sign_checkpoint(HEAD, [LOG])
HASH = base64.b64encode(bytes(range(32))).decode()


def test_the_head_of_the_specification_s_example_is_read() -> None:
    body = (
        b"old 20852014\n"
        b"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
        b"jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
        b"5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
        b"/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
        b"\n"
    ) + NOTE
    request = parse_add_checkpoint(body)
    assert (request.old, len(request.proof), request.checkpoint) == (20852014, 4, NOTE)
    assert encode_add_checkpoint(request.old, request.proof, request.checkpoint) == body


@given(st.integers(1, 2**63 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_a_request_is_read_back(old: int, proof: list[bytes]) -> None:
    assert parse_add_checkpoint(encode_add_checkpoint(old, proof, NOTE)) == AddCheckpoint(old, tuple(proof), NOTE)


def test_a_first_request_has_no_proof() -> None:
    assert encode_add_checkpoint(0, [], NOTE) == b"old 0\n\n" + NOTE
    with pytest.raises(MalformedError):
        encode_add_checkpoint(0, [bytes(32)], NOTE)


def test_no_altered_request_is_read_as_the_same_one() -> None:
    request = AddCheckpoint(7, (bytes(range(32)),), NOTE)
    for body in altered(encode_add_checkpoint(7, request.proof, NOTE)):
        try:
            assert parse_add_checkpoint(body) != request
        except MalformedError:
            continue


@pytest.mark.parametrize(
    "head",
    [
        "", "old", "old ", "old\t7", "Old 7", " old 7", "old 7 ", "old 07", "old +7", "old -1", "old 7.0", "old \u0667", "old 7\r",
        f"old {2**63}", f"{HASH}\nold 7", "old 7\nold 7", "old 7\nAAAA", f"old 7\n{HASH} ", f"old 7\n {HASH}", f"old 7\n{HASH}\r",
        f"old 7\n{'A' * 42}B=", "old 7\n" + "\n".join([HASH] * 64), "old 7\n\u00e9", f"old 0\n{HASH}",
    ],
)  # fmt: skip
def test_a_malformed_request_is_refused(head: str) -> None:
    with pytest.raises(MalformedError):
        parse_add_checkpoint(f"{head}\n\n".encode() + NOTE)


def test_a_request_without_checkpoint_or_too_large_is_refused() -> None:
    for body in (b"", b"old 7", b"old 7\n", b"old 7\n\n", b"old 7\n\n" + bytes(MAX_BYTES)):
        with pytest.raises(MalformedError):
            parse_add_checkpoint(body)


def test_a_request_that_would_be_refused_is_not_written() -> None:
    for old, proof, note in [(-1, [], NOTE), (7, [b"short"], NOTE), (7, [bytes(32)] * 64, NOTE), (7, [], b"")]:
        with pytest.raises(MalformedError):
            encode_add_checkpoint(old, proof, note)


@given(st.integers(0, 2**63 - 1))
def test_the_size_of_a_conflict_is_read_back(size: int) -> None:
    assert parse_size(encode_size(size)) == size


@pytest.mark.parametrize(
    "body", [b"", b"\n", b"50", b"050\n", b"+5\n", b"5\r\n", b"5\n\n", b" 5\n", "\u0665\n".encode()]
)
def test_a_malformed_size_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_size(body)
