import base64
import hashlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry.ledger.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from registry.ledger.cosignatures import (
    CosignatureVerifier,
    Cosigner,
    open_cosigned,
    parse_witness_vkey,
    verify_lines,
    with_cosignatures,
)
from registry.ledger.errors import LedgerError, MalformedError, SignatureError, UnknownKeyError
from registry.ledger.keys import Signer, key_id, parse_vkey
from registry.ledger.notes import SignatureLine, split_note
from tests.registry.ledger.samples import HEAD, LOG, ORIGIN, WITNESSES, altered, private_key

W1, W2, W3 = WITNESSES
KNOWN = [W1.verifier, W2.verifier]
NOW = 1_795_000_000
SIGNED = sign_checkpoint(HEAD, [LOG])


def test_the_specification_s_example_line_carries_its_time() -> None:
    note = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa "
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "— witness.example.com/w1 "
        "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    _, (_, line) = split_note(note.encode())
    assert (line.name, len(line.signature)) == ("witness.example.com/w1", 72)
    assert int.from_bytes(line.signature[:8], "big") == 1679315147  # the time of the specification's signed message


@given(st.integers(0, 2**63 - 1))
@example(0)
@example(2**63 - 1)
def test_a_cosignature_is_over_its_header_its_time_and_the_checkpoint(time: int) -> None:
    line = W1.cosign(HEAD, time)
    signed = f"cosignature/v1\ntime {time}\n{HEAD.text}".encode()
    assert line.signature[:8] == time.to_bytes(8, "big")
    assert Signer("w", private_key(11)).verifier.verifies(signed, line.signature[8:])
    assert open_cosigned(with_cosignatures(SIGNED, [line]), [LOG.verifier], KNOWN).times == {W1.verifier: time}


def test_a_witness_s_key_id_and_vkey_are_of_algorithm_4() -> None:
    public = W1.verifier.public
    assert W1.verifier.id == hashlib.sha256(f"{W1.verifier.name}\n".encode() + b"\x04" + public).digest()[:4]
    assert parse_witness_vkey(W1.verifier.vkey) == W1.verifier
    assert base64.b64decode(W1.verifier.vkey.split("+", 2)[2])[0] == 4


def test_a_witness_s_vkey_is_no_log_s_and_the_reverse() -> None:
    with pytest.raises(MalformedError):
        parse_vkey(W1.verifier.vkey)
    with pytest.raises(MalformedError):
        parse_witness_vkey(LOG.vkey)


def test_a_vkey_of_another_implementation_is_read() -> None:
    # from the tests of transparency-dev/formats
    vkey = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
    assert parse_witness_vkey(vkey).vkey == vkey


def test_every_altered_byte_of_a_cosigned_checkpoint_is_refused_or_takes_the_witness_away() -> None:
    note = with_cosignatures(SIGNED, [W1.cosign(HEAD, NOW)])
    whole = open_cosigned(note, [LOG.verifier], KNOWN)
    assert whole.times == {W1.verifier: NOW}
    for other in altered(note):
        try:
            cosigned = open_cosigned(other, [LOG.verifier], KNOWN)
        except LedgerError:
            continue
        # only the witness's name or key id can change without refusal: the line is then of an unknown key
        assert (cosigned.checkpoint, cosigned.times) == (HEAD, {})


def test_a_witness_cannot_stand_for_the_log() -> None:
    note = f"{HEAD.text}\n{W1.cosign(HEAD, NOW).text}".encode()
    with pytest.raises(UnknownKeyError):
        open_cosigned(note, [LOG.verifier], KNOWN)
    namesake = Cosigner(Signer(ORIGIN, private_key(12)))
    with pytest.raises(UnknownKeyError):
        open_cosigned(f"{HEAD.text}\n{namesake.cosign(HEAD, NOW).text}".encode(), [LOG.verifier], [namesake.verifier])


def test_a_cosignature_of_another_head_or_time_rejects_the_note() -> None:
    other = W1.cosign(Checkpoint(ORIGIN, HEAD.size + 1, HEAD.root), NOW)
    line = W1.cosign(HEAD, NOW)
    later = SignatureLine(line.name, line.id, (NOW + 1).to_bytes(8, "big") + line.signature[8:])
    plain = SignatureLine(line.name, line.id, LOG.sign(HEAD.text.encode()))
    for wrong in (other, later, plain):
        with pytest.raises(SignatureError):
            open_cosigned(SIGNED + wrong.text.encode(), [LOG.verifier], KNOWN)
        assert open_checkpoint(SIGNED + wrong.text.encode(), [LOG.verifier]) == HEAD


def test_a_time_out_of_range_is_neither_signed_nor_accepted() -> None:
    for time in (-1, 2**63):
        with pytest.raises(MalformedError):
            W1.cosign(HEAD, time)
    key = Signer("w", private_key(11))
    message = f"cosignature/v1\ntime {2**63}\n{HEAD.text}".encode()
    assert not CosignatureVerifier("w", key.verifier.public).verifies(
        HEAD.text.encode(), (2**63).to_bytes(8, "big") + key.sign(message)
    )


@pytest.mark.parametrize("length", [0, 7, 8, 64, 71, 73])
def test_a_cosignature_of_another_length_does_not_verify(length: int) -> None:
    signature = (W1.cosign(HEAD, NOW).signature + b"\x00")[:length]
    assert not W1.verifier.verifies(HEAD.text.encode(), signature)


def test_lines_of_ml_dsa_and_of_unknown_witnesses_are_ignored() -> None:
    ml_dsa = SignatureLine("pq.example/w", key_id("pq.example/w", 0x06, bytes(1312)), bytes(8 + 2420))
    note = with_cosignatures(SIGNED, [ml_dsa, W3.cosign(HEAD, NOW), W2.cosign(HEAD, NOW + 1)])
    assert open_cosigned(note, [LOG.verifier], KNOWN).times == {W2.verifier: NOW + 1}
    assert len(split_note(note)[1]) == 4


def test_a_witness_s_answer_keeps_the_lines_of_known_witnesses_only() -> None:
    one, two, unknown = (witness.cosign(HEAD, NOW) for witness in WITNESSES)
    body = "".join(line.text for line in (one, unknown, two)).encode()
    assert verify_lines(body, HEAD, KNOWN) == [one, two]


def test_a_witness_s_answer_that_is_not_lines_over_this_head_is_refused() -> None:
    line = W1.cosign(HEAD, NOW).text
    other = W1.cosign(Checkpoint(ORIGIN, HEAD.size + 1, HEAD.root), NOW).text
    for body, refusal in [
        (b"", MalformedError),
        (line[:-1].encode(), MalformedError),
        (f"\n{line}".encode(), MalformedError),
        (f"{line}\n{line}".encode(), MalformedError),
        (f"{HEAD.text}\n{line}".encode(), MalformedError),
        (f"{line[:-1]}\r\n".encode(), MalformedError),
        (line.encode() * 65, MalformedError),
        (other.encode(), SignatureError),
        (W3.cosign(HEAD, NOW).text.encode(), UnknownKeyError),
    ]:
        with pytest.raises(refusal):
            verify_lines(body, HEAD, KNOWN)
    with pytest.raises(MalformedError):  # a whole note of that witness over a text of its own
        text = Checkpoint(ORIGIN, HEAD.size + 1, HEAD.root)
        verify_lines(f"{text.text}\n{W1.cosign(text, NOW).text}".encode(), HEAD, KNOWN)


def test_a_newer_line_of_a_witness_replaces_the_older_and_never_the_reverse() -> None:
    note = with_cosignatures(SIGNED, [W1.cosign(HEAD, NOW), W2.cosign(HEAD, NOW)])
    note = with_cosignatures(note, [W1.cosign(HEAD, NOW + 60), W2.cosign(HEAD, NOW - 60)])
    assert open_cosigned(note, [LOG.verifier], KNOWN).times == {W1.verifier: NOW + 60, W2.verifier: NOW}
    assert len(split_note(note)[1]) == 3
    assert note.startswith(SIGNED)


def test_of_repeated_lines_the_first_stays() -> None:
    note = SIGNED + (W1.cosign(HEAD, NOW).text + W1.cosign(HEAD, NOW + 9).text).encode()
    assert with_cosignatures(note, []) == with_cosignatures(SIGNED, [W1.cosign(HEAD, NOW)])


def test_more_lines_than_a_reader_takes_are_not_written() -> None:
    lines = [Cosigner(Signer(f"w{seed}", private_key(seed))).cosign(HEAD, NOW) for seed in range(64)]
    with_cosignatures(SIGNED, lines[:63])
    with pytest.raises(MalformedError):
        with_cosignatures(SIGNED, lines)
