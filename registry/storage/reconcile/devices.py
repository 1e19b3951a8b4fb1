"""An act signed on its author's device, against the record by which the key was enrolled, and the one that ended it."""

from typing import Any

import msgspec

from registry.ledger.devices import ENDED, ENROLLED, Device, Site, challenge, fault, read_device, statement
from registry.ledger.encoding import encode_base64
from registry.ledger.errors import MalformedError
from registry.storage.engines import Transaction


async def device_fault(tx: Transaction, exchange: str, told: Any, at: str) -> str | None:
    """What is wrong with the device signature of an act recorded at an instant, as a kind of finding; None when nothing
    is, or there is none."""
    try:
        if "device" not in told["derived"]:
            return None
        device = read_device(told["derived"]["device"])
        expected = challenge(statement(exchange, told, device.at, device.nonce))
    except (MalformedError, KeyError, TypeError):
        return "device"
    site = await _site(tx, told, device, at)
    wrong = site is None or fault(device.assertion, device.algorithm, device.spki, expected, site) is not None
    return "device" if wrong else None


async def _site(tx: Transaction, told: Any, device: Device, at: str) -> Site | None:
    """Where the key was made, when it was enrolled for the act's author and party before, and had not ended."""
    named = device.enrolment
    rows = await tx.rows(
        "SELECT revision, at, facts, leaf_hash FROM event WHERE object = ? AND revision >= ? ORDER BY revision",
        named.object, named.revision,
    )  # fmt: skip
    if not rows or rows[0][0] != named.revision or bytes(rows[0][3]).hex() != named.leaf:
        return None
    enrolled = msgspec.json.decode(bytes(rows[0][2]))
    derived = enrolled["derived"]
    found = [enrolled["act"], enrolled["party"], *(derived.get(name) for name in ("account", "key", "algorithm"))]
    expected = [ENROLLED, told["party"], told["by"], encode_base64(device.spki), device.algorithm]
    if found != expected or not rows[0][1] <= device.at <= at or _ended(rows[1:], named.revision, device.at):
        return None
    return Site(derived["rp_id"], derived["origin"])


def _ended(rows: Any, enrolled: int, at: str) -> bool:
    for _, when, facts, _ in rows:
        if when < at and ENDED.encode() in bytes(facts):
            told = msgspec.json.decode(bytes(facts))
            if told["act"] == ENDED and told["derived"].get("enrolled") == enrolled:
                return True
    return False
