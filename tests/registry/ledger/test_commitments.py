import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.ledger.commitments import commit_facts, commit_opening

salts = st.binary(min_size=32, max_size=32)


def _hmac_sha_256(key: bytes, message: bytes) -> bytes:
    """HMAC written out from RFC 2104, so that the code is not its own judge."""
    block = key.ljust(64, b"\x00")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in block) + inner).digest()


@given(salts, st.binary(max_size=200))
def test_a_commitment_is_an_hmac_under_the_salt_with_its_domain_in_front(salt: bytes, message: bytes) -> None:
    assert base64.b64decode(commit_facts(salt, message)) == _hmac_sha_256(salt, b"ecluse/facts/v1\n" + message)
    assert base64.b64decode(commit_opening(salt, message)) == _hmac_sha_256(salt, b"ecluse/opening/v1\n" + message)


@given(salts, salts, st.binary(max_size=50), st.binary(max_size=50))
def test_two_commitments_are_equal_only_for_the_same_salt_bytes_and_kind(
    salt: bytes, other_salt: bytes, one: bytes, two: bytes
) -> None:
    assert (commit_facts(salt, one) == commit_facts(other_salt, two)) == ((salt, one) == (other_salt, two))
    assert commit_facts(salt, one) != commit_opening(salt, one)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_salt_of_another_length_is_refused(length: int) -> None:
    for commit in (commit_facts, commit_opening):
        with pytest.raises(ValueError):
            commit(b"s" * length, b"{}")
