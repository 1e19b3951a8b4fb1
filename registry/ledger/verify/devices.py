"""Signatures made on people's own devices, checked in what a receipt or an evidence pack opens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from registry.ledger.devices import ENROLLED, Device, Site, challenge, fault, read_device, statement
from registry.ledger.encoding import encode_base64
from registry.ledger.errors import MalformedError
from registry.ledger.verify.findings import Findings
from registry.ledger.verify.receipt import ReceiptReport


@dataclass(frozen=True)
class Signed:
    """An act signed on its author's device: which (its revision and name), and when the key had been enrolled. That
    enrolment is `confirmed` when something that the caller kept confirms the log it is in."""

    revision: int
    act: str
    enrolled_at: str
    confirmed: bool


def device_of(report: ReceiptReport) -> Device | None:
    """The device signature of an act that a receipt opens; None without one. Raises MalformedError."""
    derived = (report.facts or {}).get("derived")
    return read_device(derived["device"]) if type(derived) is dict and "device" in derived else None


def check_alone(report: ReceiptReport) -> bool:
    """Check the device signature of one receipt against the key written beside it; whether there is one.

    Where and by whom that key was enrolled is in another record: only a pack, or the database, holds both.
    """
    try:
        device = device_of(report)
    except MalformedError:
        report.findings.add("device-malformed", report.name, report.index)
        return True
    if device is not None:
        _assertion(report, device, None, report.findings)
    return device is not None


def check_pack(
    acts: Mapping[int, ReceiptReport], enrolments: Iterable[ReceiptReport], findings: Findings
) -> list[Signed]:
    """Check every device signature of a pack's acts, each against the receipt of its key's enrolment.

    1. The enrolment is the one the act cites, by the leaf hash of its record; 2. it is of the act's author, for the
    act's party, of that very key, and before the challenge; 3. the assertion: challenge, site, flags, signature;
    4. the authenticator's counter grew since its previous act.
    """
    known = {one.leaf: one for one in enrolments if one.leaf}
    counters: dict[bytes, int] = {}
    signed = []
    for revision, act in sorted(acts.items()):
        try:
            device = device_of(act)
        except MalformedError:
            findings.add("device-malformed", act.name, act.index)
            continue
        if device is not None and act.facts is not None:
            enrolment = known.get(device.enrolment.leaf)
            _one(act, device, enrolment, counters, findings)
            at = enrolment.record.at if enrolment is not None and enrolment.record is not None else ""
            confirmed = enrolment is not None and bool(enrolment.anchors)
            signed.append(Signed(revision, str(act.facts["act"]), at, confirmed))
    return signed


def _one(
    act: ReceiptReport, device: Device, enrolment: ReceiptReport | None, counters: dict[bytes, int], findings: Findings
) -> None:
    site = None
    if enrolment is None or enrolment.facts is None:
        findings.add("device-not-enrolled", act.name, act.index)
    elif (site := _site(act, device, enrolment)) is None:
        findings.add("device-other-key", act.name, act.index)
    elif not _in_order(act, device, enrolment):
        findings.add("device-order", act.name, act.index)
    if _assertion(act, device, site, findings):
        before, counter = counters.get(device.spki, 0), device.assertion.counter
        if before and counter <= before:
            findings.add("device-counter", act.name, act.index)
        counters[device.spki] = counter


def _assertion(act: ReceiptReport, device: Device, site: Site | None, findings: Findings) -> bool:
    if act.record is None or act.facts is None:
        return False
    try:
        expected = challenge(statement(act.record.object, act.facts, device.at, device.nonce))
    except MalformedError:
        findings.add("device-malformed", act.name, act.index)
        return False
    wrong = fault(device.assertion, device.algorithm, device.spki, expected, site)
    if wrong is not None:
        findings.add(wrong, act.name, act.index)
    return wrong is None


def _site(act: ReceiptReport, device: Device, enrolment: ReceiptReport) -> Site | None:
    """Where the key was made, when the enrolment is of this key, for this author and party."""
    facts, record = enrolment.facts or {}, enrolment.record
    derived = facts.get("derived")
    if act.facts is None or record is None or record.type != "account" or type(derived) is not dict:
        return None
    same = (
        facts.get("act") == ENROLLED
        and facts.get("party") == act.facts["party"]
        and derived.get("account") == act.facts["by"]
        and derived.get("key") == encode_base64(device.spki)
        and derived.get("algorithm") == device.algorithm
    )
    rp_id, origin = derived.get("rp_id"), derived.get("origin")
    return Site(rp_id, origin) if same and type(rp_id) is str and type(origin) is str else None


def _in_order(act: ReceiptReport, device: Device, enrolment: ReceiptReport) -> bool:
    """The key was enrolled, then the challenge made, then the act recorded: instants of one form sort as texts."""
    if act.record is None or enrolment.record is None:
        return False
    return enrolment.record.at <= device.at <= act.record.at
