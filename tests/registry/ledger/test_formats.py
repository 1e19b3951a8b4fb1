"""Signed notes, vkeys, canonical JSON and records: the specification's vector, an oracle, and every altered byte."""

import hashlib
import json
import re

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.ledger.canonical import canonical
from registry.ledger.commitments import commit_facts, commit_opening
from registry.ledger.errors import LedgerError
from registry.ledger.keys import Signer, parse_vkey
from registry.ledger.merkle import leaf_hash, node_hash
from registry.ledger.notes import open_note, sign_note
from registry.ledger.records import Record, parse_record, sign_record

SIGNER = Signer.generate("ecluse.example/ledger/x/2026/recorder")
RECORD = Record(
    log="ecluse.example/ledger/x/2026", object="6513270e-269e-4d37-b2a7-4de452e6b438", revision=1,
    at="2026-11-23T07:00:00.000Z", type="exchange", actor="UKSjptB/XAwS", commit="A" * 43 + "=",
)  # fmt: skip

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
    max_leaves=20,
)


@given(json_values)
def test_canonical_json_is_rfc_8785_within_its_subset(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [1.5, 2**53, {"é": 1}, {1: 2}, [object()], float("nan"), "\ud800"])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical(value)


def test_a_vkey_is_read_back_and_its_id_is_checked() -> None:
    verifier = parse_vkey(SIGNER.vkey)
    assert verifier == SIGNER.verifier
    assert verifier.id == hashlib.sha256(verifier.name.encode() + b"\n\x01" + verifier.public).digest()[:4]
    name, identifier, key = SIGNER.vkey.split("+", 2)
    wrong = "00000000" if identifier != "00000000" else "11111111"
    for text in (f"{name}+{wrong}+{key}", f"{name}x+{identifier}+{key}", f"{name}+{identifier}+{key[:-4]}", name, ""):
        with pytest.raises(ValueError):
            parse_vkey(text)


def test_the_specification_s_example_note_verifies() -> None:
    vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    opened = open_note(note.encode(), [parse_vkey(vkey)])
    assert opened.text.startswith("If you think")
    with pytest.raises(LedgerError):
        open_note(note.replace("answer", "Answer").encode(), [parse_vkey(vkey)])


def test_every_altered_byte_of_a_record_is_found() -> None:
    note = sign_record(RECORD, [SIGNER])
    assert parse_record(note, [SIGNER.verifier]) == RECORD
    for position in range(len(note)):
        for flip in (0x01, 0x20, 0x80):
            altered = note[:position] + bytes([note[position] ^ flip]) + note[position + 1 :]
            with pytest.raises(LedgerError):
                parse_record(altered, [SIGNER.verifier])


def test_unknown_signatures_are_ignored_and_a_known_wrong_one_rejects_the_note() -> None:
    other = Signer.generate("other")
    note = sign_note("text\n", [other, SIGNER])
    assert open_note(note, [SIGNER.verifier]).signed_by == (SIGNER.verifier,)
    with pytest.raises(LedgerError):
        open_note(note, [Signer.generate("third").verifier])
    wrong = sign_note("autre\n", [other]).split(b"\n\n")[1]
    with pytest.raises(LedgerError):
        open_note(sign_note("text\n", [SIGNER]) + wrong, [SIGNER.verifier, other.verifier])


@pytest.mark.parametrize("text", ["no newline", "carriage\r\n", "tab\t\n", "nul\x00\n"])
def test_a_text_that_no_note_holds_is_refused(text: str) -> None:
    with pytest.raises(LedgerError):
        sign_note(text, [SIGNER])


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "autre"},
        {"revision": 0},
        {"revision": 2**53},
        {"at": "2026-11-23"},
        {"object": "x"},
        {"commit": ""},
        {"v": 2},
    ],
)
def test_a_record_out_of_its_schema_is_not_signed(changes: dict[str, object]) -> None:
    with pytest.raises(LedgerError):
        sign_record(Record(**{**vars(RECORD), **changes}), [SIGNER])  # type: ignore[arg-type]


def test_a_signed_text_that_is_not_canonical_is_no_record() -> None:
    spaced = json.dumps(vars(RECORD), sort_keys=True)
    for text in (spaced, spaced[:-1], "[]", '{"v":1}'):
        with pytest.raises(LedgerError):
            parse_record(sign_note(text + "\n", [SIGNER]), [SIGNER.verifier])


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100), st.binary(max_size=100))
@settings(max_examples=50)
def test_commitments_bind_and_are_of_two_kinds(salt: bytes, one: bytes, two: bytes) -> None:
    assert re.fullmatch(r"[A-Za-z0-9+/]{43}=", commit_facts(salt, one))
    assert commit_facts(salt, one) != commit_opening(salt, one)
    assert (commit_facts(salt, one) == commit_facts(salt, two)) == (one == two)


def test_hashes_are_rfc_6962_s() -> None:
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert node_hash(leaf_hash(b""), leaf_hash(b"\x00")).hex() == (
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    )


def test_a_key_file_is_read_back_with_its_passphrase_only() -> None:
    pem = SIGNER.to_pem(b"secret")
    assert Signer.from_pem(SIGNER.name, pem, b"secret").vkey == SIGNER.vkey
    for passphrase in (None, b"wrong"):
        with pytest.raises(ValueError):
            Signer.from_pem(SIGNER.name, pem, passphrase)
