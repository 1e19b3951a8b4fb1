import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.ledger.canonical import canonical, parse_canonical
from registry.ledger.errors import LedgerError, MalformedError, SignatureError, UnknownKeyError
from registry.ledger.notes import sign_note
from registry.ledger.records import MAX_BYTES, TYPES, Record, parse_record, sign_record
from tests.registry.ledger.samples import ORGANISATION, ORIGIN, RECORD, RECORDER, altered

KNOWN = [RECORDER.verifier]

records = st.builds(
    Record,
    log=st.just(ORIGIN),
    object=st.uuids(version=4).map(str),
    revision=st.integers(1, 2**53 - 1),
    at=st.datetimes().map(lambda at: at.isoformat(timespec="milliseconds") + "Z"),
    type=st.sampled_from(sorted(TYPES)),
    actor=st.text("ABCxyz019+/", min_size=1, max_size=12),
    commit=st.binary(min_size=32, max_size=32).map(lambda raw: base64.b64encode(raw).decode()),
)


def test_a_record_is_one_line_of_canonical_json_in_a_note() -> None:
    line, blank, signature, end = sign_record(RECORD, [RECORDER]).decode().split("\n")
    assert line == (
        '{"actor":"UKSjptB/XAwS","at":"2026-11-23T07:00:00.000Z","commit":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",'
        '"log":"ecluse.example/ledger/ctg-x/2026","object":"6513270e-269e-4d37-b2a7-4de452e6b438","revision":1,'
        '"type":"exchange","v":1}'
    )
    assert (blank, end) == ("", "")
    assert signature.startswith(f"— {ORIGIN}/recorder ")


@given(records)
def test_a_signed_record_is_read_back(record: Record) -> None:
    assert parse_record(sign_record(record, [RECORDER]), KNOWN) == record


def test_every_altered_byte_of_a_record_is_refused() -> None:
    for note in altered(sign_record(RECORD, [RECORDER])):
        with pytest.raises(LedgerError):
            parse_record(note, KNOWN)


def test_a_second_line_of_an_organisation_is_kept_and_checked_when_known() -> None:
    note = sign_record(RECORD, [RECORDER, ORGANISATION])
    assert parse_record(note, [*KNOWN, ORGANISATION.verifier]) == parse_record(note, KNOWN) == RECORD
    for other in altered(note):
        try:
            assert parse_record(other, KNOWN) == RECORD
        except LedgerError:
            continue


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "autre"}, {"type": "Exchange"}, {"type": ""}, {"type": []}, {"type": None},
        {"revision": 0}, {"revision": -1}, {"revision": 2**53}, {"revision": True}, {"revision": "1"}, {"revision": 1.0},
        {"v": 0}, {"v": 2}, {"v": True}, {"v": "1"},
        {"at": "2026-11-23"}, {"at": "2026-11-23T07:00:00Z"}, {"at": "2026-11-23T07:00:00.000+00:00"},
        {"at": "2026-11-23T07:00:00.000000Z"}, {"at": "2026-11-23 07:00:00.000Z"}, {"at": "2026-11-23T07:00:00.000z"},
        {"at": "2026-02-30T07:00:00.000Z"}, {"at": "2026-11-23T24:00:00.000Z"}, {"at": "2026-13-01T00:00:00.000Z"},
        {"at": "0000-01-01T00:00:00.000Z"}, {"at": "2026-11-2\u0663T07:00:00.000Z"}, {"at": 0},
        {"object": ""}, {"object": "6513270E-269E-4D37-B2A7-4DE452E6B438"}, {"object": "6513270e-269e-1d37-b2a7-4de452e6b438"},
        {"object": "6513270e269e4d37b2a74de452e6b438"}, {"object": "6513270e-269e-4d37-c2a7-4de452e6b438"}, {"object": 7},
        {"commit": ""}, {"commit": "A" * 44}, {"commit": "A" * 42 + "B="}, {"commit": "A" * 42 + "=="}, {"commit": "-" + "A" * 42 + "="},
        {"actor": ""}, {"actor": "a b"}, {"actor": "é"}, {"actor": "a" * 65}, {"actor": None},
        {"log": ""}, {"log": "a b"}, {"log": "a+b"}, {"log": "a\nb"}, {"log": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_field_out_of_its_schema_is_neither_signed_nor_read(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        sign_record(replace(RECORD, **changes), [RECORDER])
    line = json.dumps({**vars(RECORD), **changes}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    with pytest.raises(MalformedError):
        parse_record(sign_note(line + "\n", [RECORDER]), KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "{}\n", "[]\n", "null\n", "1\n", "\n", "not JSON\n",
        canonical({**vars(RECORD), "prev": "x"}).decode() + "\n",
        canonical({name: value for name, value in vars(RECORD).items() if name != "v"}).decode() + "\n",
        canonical(vars(RECORD)).decode() + "\n\n",
        canonical(vars(RECORD)).decode() + "\n" + canonical(vars(RECORD)).decode() + "\n",
        json.dumps(vars(RECORD), sort_keys=True) + "\n",
        json.dumps(vars(RECORD), separators=(",", ":")) + "\n",
        canonical(vars(RECORD)).decode().replace('"v":1', '"v":1,"v":1') + "\n",
        canonical(vars(RECORD)).decode().replace("exchange", "exch\\u0061nge") + "\n",
        canonical(vars(RECORD)).decode().replace('"v":1', '"v":1.0') + "\n",
        canonical(vars(RECORD)).decode().replace("exchange", "\\ud800") + "\n",
    ],
)  # fmt: skip
def test_a_signed_text_that_is_not_a_record_of_this_version_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_record(sign_note(text, [RECORDER]), KNOWN)


def test_json_is_not_read_before_its_signature_is_verified() -> None:
    note = sign_note("[" * 1000 + "\n", [ORGANISATION])
    with pytest.raises(UnknownKeyError):
        parse_record(note, KNOWN)
    with pytest.raises(SignatureError):
        parse_record(note.replace(b"[\n", b"]\n"), [ORGANISATION.verifier])


def test_a_record_fills_the_largest_entry_and_no_more() -> None:
    rest = len(sign_record(RECORD, [RECORDER])) - len(ORIGIN)
    largest = replace(RECORD, log="x" * (MAX_BYTES - rest))
    note = sign_record(largest, [RECORDER])
    assert len(note) == MAX_BYTES == 65_535
    assert parse_record(note, KNOWN) == largest
    larger = replace(RECORD, log="x" * (MAX_BYTES - rest + 1))
    with pytest.raises(MalformedError):
        sign_record(larger, [RECORDER])
    with pytest.raises(MalformedError):
        parse_record(sign_note(canonical(vars(larger)).decode() + "\n", [RECORDER]), KNOWN)


@given(records, st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=12))
def test_the_text_of_a_record_is_the_canonical_json_of_what_is_read(record: Record, log: str, actor: str) -> None:
    """One match reads a record: it must say what a JSON reader says, and refuse what would need an escape."""
    for one in (record, replace(record, log=log), replace(record, actor=actor)):
        try:
            note = sign_record(one, [RECORDER])
        except MalformedError:
            continue
        line = note.split(b"\n", 1)[0]
        assert parse_canonical(line) == vars(parse_record(note, KNOWN)) == vars(one)
    for changes in ({"log": 'a"b'}, {"log": "a\\b"}, {"actor": 'a"b'}, {"actor": "a\\b"}):
        with pytest.raises(MalformedError):
            sign_record(replace(record, **changes), [RECORDER])
