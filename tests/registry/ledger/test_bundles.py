import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.ledger.bundles import MAX_ENTRY, decode_bundle, encode_bundle
from registry.ledger.errors import MalformedError
from registry.ledger.merkle import leaf_hash, tree_root
from registry.ledger.records import sign_record
from tests.registry.ledger.samples import RECORD, RECORDER, altered


def test_each_entry_follows_its_length_on_two_bytes() -> None:
    assert encode_bundle([b"", b"a", b"b" * 258]) == b"\x00\x00\x00\x01a\x01\x02" + b"b" * 258


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_is_read_back(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries), len(entries)) == entries


def test_every_altered_byte_of_a_bundle_is_refused_or_gives_another_root() -> None:
    entries = [sign_record(RECORD, [RECORDER]), b"", b"short"]
    root = tree_root(map(leaf_hash, entries))
    for raw in altered(encode_bundle(entries)):
        try:
            read = decode_bundle(raw, 3)
        except MalformedError:
            continue
        assert tree_root(map(leaf_hash, read)) != root


def test_a_bundle_with_fewer_or_more_entries_than_its_path_says_is_refused() -> None:
    raw = encode_bundle([b"one", b"two", b"three"])
    for width in (0, 1, 2, 4, 256):
        with pytest.raises(MalformedError):
            decode_bundle(raw, width)
    with pytest.raises(MalformedError):
        decode_bundle(b"", 1)


def test_the_longest_entry_is_65_535_bytes_and_the_widest_bundle_256_entries() -> None:
    for entries in ([b"x" * MAX_ENTRY], [b""] * 256):
        assert decode_bundle(encode_bundle(entries), len(entries)) == entries
    for entries in ([b"x" * (MAX_ENTRY + 1)], [], [b""] * 257):
        with pytest.raises(MalformedError):
            encode_bundle(entries)
