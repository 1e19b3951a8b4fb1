import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.ledger.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from registry.ledger.errors import LedgerError, MalformedError, ProofError
from registry.ledger.merkle import leaf_hash, tree_root
from registry.ledger.proofs import inclusion_proof, reader_of
from registry.ledger.receipts import MAX_BYTES, Receipt, encode_receipt, parse_receipt, verify_receipt
from registry.ledger.records import parse_record, sign_record
from tests.registry.ledger.samples import LOG, ORIGIN, RECORD, RECORDER, altered

ENTRIES = [b"entry %d" % index for index in range(11)]
ENTRIES[6] = sign_record(RECORD, [RECORDER])
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
NOTE = sign_checkpoint(Checkpoint(ORIGIN, len(LEAVES), tree_root(LEAVES)), [LOG])
PROOF = tuple(inclusion_proof(6, len(LEAVES), reader_of(LEAVES)))
RECEIPT = Receipt(6, PROOF, NOTE, b'{"salt":"..."}')


def check(raw: bytes) -> Receipt:
    """What a reader of a receipt does: the log's key and the record come from elsewhere."""
    receipt = parse_receipt(raw)
    verify_receipt(receipt, ENTRIES[6], open_checkpoint(receipt.checkpoint, [LOG.verifier]))
    return receipt


def test_a_receipt_is_written_as_the_specification_says_and_proves_its_record() -> None:
    raw = encode_receipt(RECEIPT)
    hashes = "".join(base64.b64encode(value).decode() + "\n" for value in PROOF)
    extra = base64.b64encode(b'{"salt":"..."}').decode()
    assert raw.decode() == f"c2sp.org/tlog-proof@v1\nextra {extra}\nindex 6\n{hashes}\n{NOTE.decode()}"
    assert check(raw) == RECEIPT
    assert parse_record(ENTRIES[6], [RECORDER.verifier]) == RECORD


@given(st.integers(0, 2**63 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=63), st.none() | st.binary())
def test_a_receipt_is_read_back(index: int, proof: list[bytes], extra: bytes | None) -> None:
    receipt = Receipt(index, tuple(proof), NOTE, extra)
    assert parse_receipt(encode_receipt(receipt)) == receipt


def test_every_altered_byte_of_a_receipt_is_refused_or_is_in_the_extra_that_nobody_trusts() -> None:
    for raw in altered(encode_receipt(RECEIPT)):
        try:
            receipt = check(raw)
        except LedgerError:
            continue
        assert (receipt.index, receipt.proof, receipt.checkpoint) == (6, PROOF, NOTE)
        assert receipt.extra != RECEIPT.extra


def test_a_proof_has_63_hashes_at_most() -> None:
    receipt = Receipt(0, (bytes(32),) * 63, NOTE)
    raw = encode_receipt(receipt)
    assert parse_receipt(raw) == receipt
    with pytest.raises(MalformedError):
        parse_receipt(raw.replace(b"index 0\n", b"index 0\n" + base64.b64encode(bytes(32)) + b"\n"))


def test_a_receipt_of_another_record_is_refused() -> None:
    with pytest.raises(ProofError):
        verify_receipt(RECEIPT, ENTRIES[5], open_checkpoint(NOTE, [LOG.verifier]))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"), ("c2sp.org/", "\nc2sp.org/"), ("index 6", "index 06"),
        ("index 6", "index +6"), ("index 6", "index \u0666"), ("index 6", "index 6 "), ("index 6", "Index 6"), ("index 6", "index"),
        ("index 6\n", ""), ("index 6", "index 6\nindex 6"), ("index 6", "index 6\r"), ("extra ", "extra\t"),
        ("index 6", "extra AAAA\nindex 6"), ("extra ", "extra  "), ("index 6", "index 6\nAAAA"),
        ("index 6\n", "index 6\n" + (base64.b64encode(bytes(32)).decode() + "\n") * 63),
    ],
)  # fmt: skip
def test_a_malformed_receipt_is_refused(old: str, new: str) -> None:
    raw = encode_receipt(RECEIPT).decode()
    assert old in raw
    with pytest.raises(MalformedError):
        parse_receipt(raw.replace(old, new, 1).encode())


def test_a_receipt_without_checkpoint_or_too_large_is_refused() -> None:
    raw = encode_receipt(RECEIPT)
    head = raw.partition(b"\n\n")[0]
    for other in (b"", head, head + b"\n", head + b"\n\n", raw + b"x" * MAX_BYTES):
        with pytest.raises(MalformedError):
            parse_receipt(other)


def test_a_receipt_that_could_not_be_read_is_not_written() -> None:
    for receipt in [
        Receipt(-1, (), NOTE),
        Receipt(0, (b"short",), NOTE),
        Receipt(0, (bytes(32),) * 64, NOTE),
        Receipt(0, (), b""),
    ]:
        with pytest.raises(MalformedError):
            encode_receipt(receipt)
