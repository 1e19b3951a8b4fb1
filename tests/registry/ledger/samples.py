"""Keys, a record and altered bytes that the tests of the formats share."""

from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.ledger.checkpoints import Checkpoint
from registry.ledger.cosignatures import Cosigner
from registry.ledger.keys import Signer
from registry.ledger.merkle import leaf_hash, tree_root
from registry.ledger.records import Record

ORIGIN = "ecluse.example/ledger/ctg-x/2026"
RECORD = Record(
    log=ORIGIN, object="6513270e-269e-4d37-b2a7-4de452e6b438", revision=1, at="2026-11-23T07:00:00.000Z",
    type="exchange", actor="UKSjptB/XAwS", commit="A" * 43 + "=",
)  # fmt: skip


def private_key(seed: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)


RECORDER = Signer(f"{ORIGIN}/recorder", private_key(1))
ORGANISATION = Signer("party.example/dpo", private_key(2))
LOG = Signer(ORIGIN, private_key(3))
WITNESSES = [Cosigner(Signer(f"witness{number}.example/w", private_key(10 + number))) for number in (1, 2, 3)]
HEAD = Checkpoint(ORIGIN, 7, tree_root([leaf_hash(b"%d" % index) for index in range(7)]))


def altered(raw: bytes) -> Iterator[bytes]:
    """Every change of one byte: each bit flipped, some bytes that parsers like put in its place, removed, inserted."""
    for at, byte in enumerate(raw):
        others = {byte ^ (1 << bit) for bit in range(8)} | set(b"\n\r \t\x00=+0/\xff")
        yield from (raw[:at] + bytes([other]) + raw[at + 1 :] for other in others - {byte})
        yield raw[:at] + raw[at + 1 :]
    for at in range(len(raw) + 1):
        yield from (raw[:at] + bytes([byte]) + raw[at:] for byte in b"\n\r 0=\x00")
