import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.ledger.checkpoints import Checkpoint, open_checkpoint, parse_checkpoint, sign_checkpoint
from registry.ledger.errors import LedgerError, MalformedError, SignatureError, UnknownKeyError
from registry.ledger.keys import Signer
from registry.ledger.merkle import EMPTY_ROOT
from registry.ledger.notes import SignatureLine, sign_note
from tests.registry.ledger.samples import HEAD, LOG, ORIGIN, RECORDER, altered, private_key

SOFA = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
ROOT = base64.b64encode(HEAD.root).decode()


def test_the_text_of_the_specification_s_example_is_read_and_written_back() -> None:
    checkpoint = parse_checkpoint(SOFA)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text == SOFA


@given(st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_a_signed_checkpoint_is_read_back(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(ORIGIN, size, root)
    assert open_checkpoint(sign_checkpoint(checkpoint, [LOG]), [LOG.verifier]) == checkpoint


def test_every_altered_byte_of_a_checkpoint_is_refused() -> None:
    for note in altered(sign_checkpoint(HEAD, [LOG])):
        with pytest.raises(LedgerError):
            open_checkpoint(note, [LOG.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", f"{ORIGIN}\n7\n", f"{ORIGIN}\n7\n{ROOT}", f"{ORIGIN}\n7\n{ROOT}\n\n", f"{ORIGIN}\n7\n{ROOT}\nextension\n",
        f"\n7\n{ROOT}\n", f"a b\n7\n{ROOT}\n", f"a+b\n7\n{ROOT}\n", f"\n{ORIGIN}\n7\n{ROOT}\n",
        f"{ORIGIN}\n\n{ROOT}\n", f"{ORIGIN}\n07\n{ROOT}\n", f"{ORIGIN}\n+7\n{ROOT}\n", f"{ORIGIN}\n-7\n{ROOT}\n",
        f"{ORIGIN}\n 7\n{ROOT}\n", f"{ORIGIN}\n7 \n{ROOT}\n", f"{ORIGIN}\n\u0667\n{ROOT}\n", f"{ORIGIN}\n7\r\n{ROOT}\n",
        f"{ORIGIN}\n{2**63}\n{ROOT}\n", f"{ORIGIN}\n7\n{ROOT[:-1]}\n", f"{ORIGIN}\n7\n{ROOT}=\n", f"{ORIGIN}\n7\nAAAA\n",
        f"{ORIGIN}\n7\n{'A' * 42}B=\n", f"{ORIGIN}\n7\n\n", f"{ORIGIN}\n0\n{ROOT}\n",
    ],
)  # fmt: skip
def test_a_text_that_is_not_exactly_a_checkpoint_is_refused_even_when_signed(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_checkpoint(text)
    if text.endswith("\n") and "\r" not in text:
        with pytest.raises(MalformedError):
            open_checkpoint(sign_note(text, [LOG]), [LOG.verifier])


def test_an_empty_log_has_the_root_of_the_empty_tree_and_no_other() -> None:
    assert parse_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT).text).size == 0
    with pytest.raises(MalformedError):
        Checkpoint(ORIGIN, 0, HEAD.root)


@pytest.mark.parametrize(
    ("size", "root"), [(-1, HEAD.root), (2**63, HEAD.root), (1, b""), (1, bytes(31)), (1, bytes(33))]
)
def test_a_head_that_no_log_has_is_refused(size: int, root: bytes) -> None:
    with pytest.raises(MalformedError):
        Checkpoint(ORIGIN, size, root)


def test_a_key_of_another_name_neither_signs_nor_vouches_for_a_checkpoint() -> None:
    with pytest.raises(MalformedError):
        sign_checkpoint(HEAD, [LOG, RECORDER])
    with pytest.raises(UnknownKeyError):
        open_checkpoint(sign_note(HEAD.text, [RECORDER]), [RECORDER.verifier, LOG.verifier])


def test_another_key_under_the_log_s_name_is_unknown() -> None:
    impostor = Signer(ORIGIN, private_key(9))
    with pytest.raises(UnknownKeyError):
        open_checkpoint(sign_checkpoint(HEAD, [impostor]), [LOG.verifier])


def test_two_keys_sign_while_one_is_replaced_and_either_is_enough() -> None:
    successor = Signer(ORIGIN, private_key(9))
    note = sign_checkpoint(HEAD, [LOG, successor])
    for keys in ([LOG.verifier], [successor.verifier], [LOG.verifier, successor.verifier]):
        assert open_checkpoint(note, keys) == HEAD


def test_a_signature_over_another_head_is_refused() -> None:
    other = Checkpoint(ORIGIN, HEAD.size + 1, HEAD.root)
    line = SignatureLine(ORIGIN, LOG.verifier.id, LOG.sign(other.text.encode()))
    with pytest.raises(SignatureError):
        open_checkpoint(f"{HEAD.text}\n{line.text}".encode(), [LOG.verifier])
