"""A receipt proves one act; what was erased is told apart from what was changed."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from registry.ledger.canonical import canonical
from registry.ledger.keys import Signer
from registry.ledger.policy import parse_policy
from registry.ledger.receipts import encode_receipt, parse_receipt
from registry.ledger.verify.anchor import Anchor, read_kept
from registry.ledger.verify.receipt import ReceiptReport, verify_receipt_file
from tests.registry.ledger.logs import POLICY, TIME, Log
from tests.registry.ledger.samples import LOG, ORGANISATION, altered, private_key
from tests.registry.ledger.verify.memory import KEY, QUORUM, kinds
from tests.registry.ledger.verify.packs import Case, case, receipt_of

CASE = case()
OPINION = CASE.acts[2]
RAW = receipt_of(CASE.log, OPINION)


def check(raw: bytes, anchor: Anchor = QUORUM) -> ReceiptReport:
    return verify_receipt_file(raw, "avis.tlog-proof", anchor)


def changed(raw: bytes = RAW, **values: Any) -> bytes:
    """The receipt with other values in its extra."""
    receipt = parse_receipt(raw)
    extra = json.loads(receipt.extra or b"") | values
    return encode_receipt(replace(receipt, extra=canonical(extra)))


def extra(raw: bytes = RAW) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(parse_receipt(raw).extra or b"")
    return value


def test_a_receipt_proves_the_act_and_its_texts() -> None:
    report = check(RAW)
    assert (kinds(report), report.fine, report.anchors, report.erased) == (set(), True, {"key", "policy"}, False)
    assert (report.index, report.record and report.record.revision) == (4, 3)
    assert report.document() == {
        "value": "favourable", "text": "Données limitées au barème.", "more": ["Sans réserve."],
    }  # fmt: skip
    assert report.witnesses == {"w1": TIME, "w2": TIME, "w3": TIME}


def test_every_act_of_the_log_has_its_receipt() -> None:
    for act in (CASE.opening, *CASE.acts):
        assert check(receipt_of(CASE.log, act)).fine


def test_without_anything_kept_a_receipt_is_coherent_at_best() -> None:
    report = check(RAW, Anchor())
    assert (kinds(report), report.fine) == (set(), False)


def test_the_head_kept_is_compared_and_another_of_its_size_is_a_fork() -> None:
    same = read_kept(CASE.log.checkpoint(witnesses=()))
    assert check(RAW, Anchor(heads=(same,))).fine
    older = check(RAW, Anchor(heads=(read_kept(CASE.log.checkpoint(3)),)))
    assert (kinds(older), older.fine) == (set(), False), "one receipt cannot prove that a head extends another"
    beside = verify_receipt_file(RAW, "x", Anchor(heads=(read_kept(CASE.log.checkpoint(3)),)), named=[LOG.verifier])
    assert (beside.fine, beside.anchors) == (True, {"old-key"})
    other = case()
    other.log.entries[-1] = other.log.entries[-2]
    forked = read_kept(other.log.checkpoint())
    assert kinds(check(RAW, replace(KEY, heads=(forked,)))) == {"fork"}


def test_an_erased_opening_is_not_damage() -> None:
    report = check(receipt_of(CASE.log, OPINION, erased=True))
    assert (kinds(report), report.fine, report.erased) == (set(), True, True)
    assert report.document() == {"value": "favourable", "text": "effacé", "more": ["effacé"]}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"facts": extra()["facts"] | {"text": extra()["facts"]["text"].replace("favourable", "unfavourable")}}, "facts"),
        ({"facts": extra()["facts"] | {"salt": base64.b64encode(bytes(32)).decode()}}, "facts"),
        ({"opening": extra()["opening"] | {"text": '["Autre.","Sans réserve."]'}}, "opening"),
        ({"opening": extra()["opening"] | {"salt": base64.b64encode(bytes(32)).decode()}}, "opening"),
        ({"opening": extra()["opening"] | {"text": "["}}, "opening"),
        ({"opening": extra()["opening"] | {"text": "[1]"}}, "opening"),
        ({"record": extra(receipt_of(CASE.log, CASE.acts[1]))["record"]}, "proof"),
        ({"record": "autre\n\n— x AAAAAAA=\n"}, "record-unknown-key"),
        ({"record": "autre"}, "record-malformed"),
        ({"recorder": []}, "record-unknown-key"),
        ({"recorder": [ORGANISATION.vkey]}, "record-unknown-key"),
        ({"recorder": ["x"]}, "receipt-malformed"),
        ({"recorder": LOG.vkey}, "receipt-malformed"),
        ({"autre": 1}, "receipt-malformed"),
        ({"opening": {}}, "receipt-malformed"),
        ({"record": None}, "receipt-malformed"),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_record_is_told(values: dict[str, Any], kind: str) -> None:
    report = check(changed(**values))
    assert kind in kinds(report)
    assert not report.fine


def test_an_opening_given_where_none_was_committed_to_is_told() -> None:
    without = receipt_of(CASE.log, CASE.acts[1])
    assert kinds(check(changed(without, opening=extra()["opening"]))) == {"opening"}


def test_facts_that_are_not_an_events_are_told() -> None:
    odd = Case(CASE.log, CASE.opening, [])
    act = case().log.record({"act": "x", "opening_commit": None}, "autre")
    log = case().log
    log.entries.append(act.entry)
    assert kinds(check(receipt_of(log, act))) == {"facts-malformed"}
    assert odd.acts == []


def test_marks_without_a_text_are_told() -> None:
    log = case().log
    act = log.record(
        {
            "act": "x", "by": "x", "party": "x", "on": "2026-01-01", "schema": "", "input": {"a": {"text": 5}},
            "derived": {},
        },
        "autre", texts=["un seul"],
    )  # fmt: skip
    assert kinds(check(receipt_of(log, act))) == {"opening"}


def test_texts_too_few_for_the_marks_leave_no_document_to_show() -> None:
    """Whoever shows the report would otherwise fail on it."""
    report = check(changed(opening={"salt": base64.b64encode(bytes(32)).decode(), "text": "[]"}))
    assert (kinds(report), report.facts, report.erased, report.document()) == ({"opening"}, None, False, None)


def test_every_alteration_of_a_receipt_is_refused() -> None:
    for raw in altered(RAW[: RAW.index(b"extra ") + 40]):
        assert not check(raw + RAW[RAW.index(b"extra ") + 40 :]).fine
    tail = RAW.index(b"\nindex ")
    for raw in altered(RAW[tail:]):
        assert not check(RAW[:tail] + raw).fine


def test_every_byte_of_what_a_receipt_carries_is_held() -> None:
    carried = parse_receipt(RAW).extra or b""
    for at, byte in enumerate(carried):
        wrong = carried[:at] + bytes([byte ^ (1 << at % 7)]) + carried[at + 1 :]
        report = check(encode_receipt(replace(parse_receipt(RAW), extra=wrong)))
        assert not report.fine, wrong


def test_a_head_that_is_not_one_is_told() -> None:
    receipt = parse_receipt(RAW)
    assert kinds(check(encode_receipt(replace(receipt, checkpoint=b"x\n1\n")))) == {"checkpoint-malformed"}
    assert kinds(check(b"")) == {"receipt-malformed"}
    assert kinds(check(encode_receipt(replace(receipt, extra=None)))) == {"receipt-malformed"}


def test_a_policy_that_names_other_logs_confirms_nothing_of_this_one() -> None:
    """The witnesses of a policy may cosign the log of anybody: only the logs it names count."""
    other = Log("ailleurs.example/ledger/x/2026", Signer("ailleurs.example/ledger/x/2026", private_key(50)))
    named = Anchor(policy=parse_policy(f"log {other.signer.vkey}\n{POLICY}".encode()))
    assert (kinds(check(RAW, named)), check(RAW, named).fine) == ({"policy-other-log"}, False)
    assert check(RAW, replace(named, keys=(LOG.verifier,))).fine
    own = Anchor(policy=parse_policy(f"log {LOG.vkey}\n{POLICY}".encode()))
    assert check(RAW, own).anchors == {"key", "policy"}
