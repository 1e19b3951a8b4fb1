from datetime import date

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from registry.ledger.canonical import canonical, parse_canonical
from registry.ledger.errors import MalformedError

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
    max_leaves=20,
)


@given(json_values)
def test_what_is_written_is_what_an_rfc_8785_library_writes(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(json_values)
def test_what_is_written_is_read_back(value: object) -> None:
    assert parse_canonical(canonical(value)) == value


def test_keys_are_sorted_at_every_depth_and_texts_are_left_in_utf_8() -> None:
    assert canonical({"b": [{"z": 1, "a": "é😀/\u2028\x7f"}], "a": '\x1f"\\\n'}) == (
        '{"a":"\\u001f\\"\\\\\\n","b":[{"a":"é😀/\u2028\x7f","z":1}]}'.encode()
    )


@pytest.mark.parametrize(
    "value",
    [
        1.0, float("nan"), float("inf"), 2**53, -(2**53), [2**53], {"a": {"b": 0.5}}, {"é": 1}, {"😀": 1}, "\ud800",
        ["\udc00"], (1, 2), b"bytes", {1, 2}, date(2026, 11, 23), object(),
    ],
)  # fmt: skip
def test_a_value_without_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(MalformedError):
        canonical(value)


def test_a_key_that_is_not_text_is_refused() -> None:
    with pytest.raises(TypeError):
        canonical({1: 2})


def test_a_value_that_contains_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(MalformedError):
        canonical(endless)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b" 1", b"1\n", b'{"a": 1}', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'{"a":1,"a":2}', b"1.0", b"1e2", b"-0",
        b"01", b"+1", b"NaN", b"Infinity", b"-Infinity", b"9007199254740992", b"1" * 5000, b'"\\u0041"', b'"\\/"',
        b'"\\u001F"', b'"\\ud83d\\ude00"', b'"\\ud800"', b'"\xff"', b"\xef\xbb\xbf1", b"[" * 100_000, b"[1,]",
        '{"é":1}'.encode(), b"'a'", "\u0661".encode(),
    ],
)  # fmt: skip
def test_bytes_that_are_not_the_canonical_spelling_are_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_canonical(raw)
