import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from registry.ledger.errors import LedgerError, MalformedError, SignatureError, UnknownKeyError
from registry.ledger.keys import Signer, parse_vkey
from registry.ledger.notes import MAX_BYTES, SignatureLine, join_note, open_note, sign_note, split_note
from tests.registry.ledger.samples import ORGANISATION, RECORDER, altered, private_key

FOO = parse_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
FOO_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()
PETER = parse_vkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
ENOCH = parse_vkey("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop")
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)
LINE = sign_note("text\n", [RECORDER]).decode().split("\n\n")[1]


def test_the_specification_s_example_is_opened() -> None:
    opened = open_note(FOO_NOTE, [FOO])
    assert (opened.text, opened.signed_by) == ("This is an example message.\n", (FOO,))


def test_signing_go_s_example_gives_go_s_bytes() -> None:
    seed = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
    peter = Signer("PeterNeumann", Ed25519PrivateKey.from_private_bytes(seed))
    assert sign_note(GO_TEXT, [peter]) == f"{GO_TEXT}\n{PETER_LINE}".encode()


def test_known_keys_are_answered_in_the_note_s_order_and_unknown_ones_ignored() -> None:
    note = f"{GO_TEXT}\n{PETER_LINE}{ENOCH_LINE}".encode()
    assert open_note(note, [ENOCH, PETER]).signed_by == (PETER, ENOCH)
    assert open_note(note, [ENOCH, FOO]).signed_by == (ENOCH,)


def test_every_altered_byte_of_the_example_is_refused() -> None:
    for note in altered(FOO_NOTE):
        with pytest.raises(LedgerError):
            open_note(note, [FOO])


def test_an_altered_line_of_an_unknown_key_changes_neither_the_text_nor_who_signed() -> None:
    note = f"{GO_TEXT}\n{PETER_LINE}{ENOCH_LINE}".encode()
    opened = open_note(note, [PETER])
    for other in altered(note):
        try:
            assert open_note(other, [PETER]) == opened
        except LedgerError:
            continue


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[chr(c) for c in range(32) if c != 10])))
def test_any_text_without_control_characters_is_signed_and_read_back(text: str) -> None:
    assert open_note(sign_note(text + "\n", [RECORDER]), [RECORDER.verifier]).text == text + "\n"


def test_the_text_ends_at_the_last_blank_line() -> None:
    for text in ("\n", "one\n\ntwo\n", "one\n\n", f"text\n\n{LINE}"):
        assert open_note(sign_note(text, [RECORDER]), [RECORDER.verifier]).text == text


@pytest.mark.parametrize(
    "text", ["", "no newline", "carriage\r\n", "tab\t\n", "nul\x00\n", "escape\x1b\n", "half \ud800\n"]
)
def test_a_text_that_no_note_holds_is_not_signed(text: str) -> None:
    with pytest.raises(MalformedError):
        sign_note(text, [RECORDER])


@pytest.mark.parametrize(
    "note",
    [
        b"", b"\n", b"\n\n", b"text\n", b"text\n\n", LINE.encode(), f"text\n{LINE}".encode(), f"text\n\n{LINE[:-1]}".encode(),
        f"text\n\n{LINE}\n".encode(), f"text\r\n\r\n{LINE}".encode(), f"text\n\n{LINE[:-1]}\r\n".encode(),
        f"tab\tbed\n\n{LINE}".encode(), f"\ufefftext\n\n- {LINE[2:]}".encode(), f"text\n\n{LINE}x\n".encode(),
        f"text\n\n{LINE.replace('— ', '—')}".encode(), f"text\n\n{LINE.replace(' ', '  ')}".encode(),
        f"text\n\n{LINE[:-1]} \n".encode(), f"text\n\n{LINE.replace('/recorder', '/rec+order')}".encode(),
        f"text\n\n— n\x01 AAAAAAA=\n{LINE}".encode(), f"text\n\n— n\u2003m AAAAAAA=\n{LINE}".encode(),
        f"text\n\n— n AAAA\n{LINE}".encode(), f"text\n\n— n AAAAAA==\n{LINE}".encode(), f"text\n\n—  AAAAAAA=\n{LINE}".encode(),
        f"text\n\n{LINE}".encode("utf-16"), b"t\xc0\xaext\n\n" + LINE.encode(), b"t\xed\xa0\x80\n\n" + LINE.encode(),
    ],
)  # fmt: skip
def test_a_malformed_note_is_refused_before_any_signature_is_checked(note: bytes) -> None:
    with pytest.raises(MalformedError):
        open_note(note, [RECORDER.verifier])


def test_padding_that_is_not_canonical_is_refused() -> None:
    raw = LINE.rsplit(" ", 1)[1].rstrip("\n")
    assert raw.endswith("=") and raw[-2] in "AEIMQUYcgkosw048"
    sibling = raw[:-2] + chr(ord(raw[-2]) + 1) + "="
    assert base64.b64decode(sibling) == base64.b64decode(raw)
    with pytest.raises(MalformedError):
        open_note(f"text\n\n{LINE.replace(raw, sibling)}".encode(), [RECORDER.verifier])


def test_a_note_without_known_key_is_refused() -> None:
    for verifiers in (
        [],
        [ORGANISATION.verifier],
        [RECORDER.named("other").verifier],
        [Signer(RECORDER.name, private_key(9)).verifier],
    ):
        with pytest.raises(UnknownKeyError):
            open_note(sign_note("text\n", [RECORDER]), verifiers)


def test_a_wrong_signature_of_a_known_key_rejects_the_note_even_beside_a_right_one() -> None:
    wrong = SignatureLine(ORGANISATION.name, ORGANISATION.verifier.id, ORGANISATION.sign(b"another text\n"))
    note = sign_note("text\n", [RECORDER]) + wrong.text.encode()
    with pytest.raises(SignatureError):
        open_note(note, [RECORDER.verifier, ORGANISATION.verifier])
    assert open_note(note, [RECORDER.verifier]).signed_by == (RECORDER.verifier,)


def test_a_line_repeated_for_one_key_is_ignored_whatever_it_says() -> None:
    note = sign_note("text\n", [RECORDER])
    wrong = SignatureLine(RECORDER.name, RECORDER.verifier.id, bytes(64))
    assert open_note(note + wrong.text.encode(), [RECORDER.verifier]).signed_by == (RECORDER.verifier,)
    with pytest.raises(SignatureError):
        open_note(b"text\n\n" + wrong.text.encode() + LINE.encode(), [RECORDER.verifier])


def test_sixteen_signatures_are_accepted_and_sixty_five_are_not() -> None:
    signers = [Signer(f"n{seed}", private_key(seed)) for seed in range(65)]
    verifiers = [signer.verifier for signer in signers]
    for count in (16, 64):
        assert len(open_note(sign_note("text\n", signers[:count]), verifiers).signatures) == count
    for count in (0, 65):
        with pytest.raises(MalformedError):
            sign_note("text\n", signers[:count])
    note = sign_note("text\n", signers[:64]) + LINE.encode()
    with pytest.raises(MalformedError):
        open_note(note, verifiers)


def test_a_note_larger_than_the_cap_is_refused() -> None:
    rest = len(sign_note("\n", [RECORDER]))
    assert open_note(sign_note("x" * (MAX_BYTES - rest) + "\n", [RECORDER]), [RECORDER.verifier])
    with pytest.raises(MalformedError):
        open_note(sign_note("x" * (MAX_BYTES - rest + 1) + "\n", [RECORDER]), [RECORDER.verifier])


def test_a_note_taken_apart_and_put_together_again_is_the_same() -> None:
    note = f"{GO_TEXT}\n{PETER_LINE}{ENOCH_LINE}".encode()
    assert join_note(*split_note(note)) == note
