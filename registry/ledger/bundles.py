"""Entry bundles: up to 256 entries, each after its length on two bytes (C2SP tlog-tiles, « Log entries »)."""

from collections.abc import Sequence

from registry.ledger.errors import MalformedError
from registry.ledger.tiles import WIDTH

MAX_ENTRY = 65_535
_LENGTH_BYTES = 2


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """`u16be(length) || entry` for each. Raises MalformedError on an entry too long, or not 1 to 256 entries."""
    if not 0 < len(entries) <= WIDTH or any(len(entry) > MAX_ENTRY for entry in entries):
        raise MalformedError("a bundle has from 1 to 256 entries of at most 65,535 bytes")
    return b"".join([len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries])


def decode_bundle(raw: bytes, width: int) -> list[bytes]:
    """The `width` entries of a bundle. Raises MalformedError unless the bytes hold exactly as many."""
    entries, at = [], 0
    for _ in range(width):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(raw[at:start], "big")
        entries.append(raw[start:at])
    if at != len(raw):  # short or cut inside an entry, `at` is past the end
        raise MalformedError("the bundle has not exactly the entries its path says")
    return entries
