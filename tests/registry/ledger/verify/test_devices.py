"""A signature made on a device is of one act, by one person's enrolled key, on one site; anything else is found."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from registry.ledger.canonical import canonical
from registry.ledger.commitments import commit_opening
from registry.ledger.devices import ENROLLED, ES256, Device, Enrolment, Site, challenge, statement
from registry.ledger.encoding import encode_base64
from registry.ledger.keys import Signer
from registry.ledger.merkle import leaf_hash
from registry.ledger.proofs import inclusion_proof, reader_of
from registry.ledger.receipts import Receipt, encode_receipt
from registry.ledger.verify.devices import check_alone
from registry.ledger.verify.evidence import EvidenceReport, verify_evidence
from registry.ledger.verify.receipt import verify_receipt_file
from tests.authenticator import PRESENT, Authenticator
from tests.registry.ledger.logs import Act, Log, facts_of, object_id, salt
from tests.registry.ledger.samples import private_key
from tests.registry.ledger.verify.memory import QUORUM, kinds
from tests.registry.ledger.verify.packs import NAME, Case, case, pack, receipt_of, zipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PARTY_LOG = "ecluse.example/ledger/caf-rhone/2026"
DPO, OTHER = str(uuid.UUID(int=7, version=4)), str(uuid.UUID(int=8, version=4))
AT = "2026-11-23T07:00:00.000Z"
TEXTS = ["Données limitées au barème."]
BODY = {"value": "favourable", "text": {"text": 0}}


@dataclass
class Story:
    """A pack whose act is signed on a device; each argument of `told` is one thing done wrong."""

    authenticator: Authenticator = field(default_factory=Authenticator)
    case: Case = field(default_factory=case)
    log: Log = field(default_factory=lambda: Log(
        PARTY_LOG, Signer(PARTY_LOG, private_key(21)), Signer(f"{PARTY_LOG}/recorder", private_key(22))
    ))  # fmt: skip
    enrolled: Act | None = None

    def enrol(self, account: str = DPO, *, key: Authenticator | None = None, **changed: Any) -> Act:
        if not self.log.entries:
            self.log.open()
        key = key or self.authenticator
        derived = {
            "account": account, "algorithm": ES256, "key": encode_base64(key.spki), "rp_id": key.site.rp_id,
            "origin": key.site.origin,
        }  # fmt: skip
        facts = facts_of(ENROLLED, derived) | changed
        self.enrolled = self.log.record(facts, "journal", "account")
        return self.enrolled

    def sign(
        self, act: str = "opinion", *, key: Authenticator | None = None, at: str = AT, texts: list[str] = TEXTS,
        stated: dict[str, Any] | None = None, **wrong: Any,
    ) -> Act:  # fmt: skip
        """An act signed on the device; `stated`: what the device signs instead of what is recorded."""
        assert self.enrolled is not None
        key = key or self.authenticator
        mark = f"{self.case.log.origin}/{len(self.case.log.entries)}/o"
        commit = commit_opening(salt(mark), canonical(texts))
        derived = {"version": 1, "document_hash": "A" * 43 + "="}
        facts = facts_of(act, derived, body=BODY, opening_commit=commit) | {"by": DPO}
        signed = challenge(statement(object_id(NAME), facts | (stated or {}), at, "n"))
        leaf = leaf_hash(self.enrolled.entry).hex()
        device = Device(
            at, "n", ES256, key.spki, key.asserts(signed, **wrong), Enrolment(leaf, object_id("journal"), 1)
        )
        facts["derived"] = derived | {"device": device.facts()}
        done = self.case.log.record(facts, NAME, texts=texts)
        self.case.acts.append(done)
        return done

    def report(self, tmp_path: Path, *, erased: bool = False, enrolment: bool = True) -> EvidenceReport:
        files = pack(self.case, erased=erased)
        folder = "journaux/caf-rhone/2026/"
        opening = Act(self.log.entries[0], self.log.openings[0]["facts"], salt(f"{PARTY_LOG}/0"))
        files |= {
            f"{folder}checkpoint": self.log.checkpoint(witnesses=()), f"{folder}keys": self.log.keys_file(),
            f"{folder}ouverture.tlog-proof": self._receipt(opening),
        }  # fmt: skip
        if enrolment and self.enrolled is not None:
            files[f"cles/{leaf_hash(self.enrolled.entry).hex()}.tlog-proof"] = self._receipt(self.enrolled)
        return verify_evidence(zipped(tmp_path / "preuves.zip", files), QUORUM)

    def _receipt(self, act: Act) -> bytes:
        leaves = [leaf_hash(entry) for entry in self.log.entries]
        index = self.log.entries.index(act.entry)
        extra = canonical({
            "record": act.entry.decode(), "facts": {"salt": encode_base64(act.salt), "text": act.facts},
            "opening": None, "recorder": [self.log.recorder.vkey],
        })  # fmt: skip
        proof = tuple(inclusion_proof(index, len(leaves), reader_of(leaves)))
        return encode_receipt(Receipt(index, proof, self.log.checkpoint(witnesses=()), extra))


def test_a_signed_act_verifies_and_says_when_its_key_was_enrolled(tmp_path: Path) -> None:
    story = Story()
    story.enrol()
    done = story.sign()
    report = story.report(tmp_path)
    assert ([str(one) for one in report.findings.kept], report.fine) == ([], True)
    assert [(one.revision, one.act, one.enrolled_at, one.confirmed) for one in report.devices] == [
        (5, "opinion", AT, False)
    ]
    alone = verify_receipt_file(receipt_of(story.case.log, done), "reçu", QUORUM)
    assert (check_alone(alone), alone.fine) == (True, True)


def test_the_signature_outlives_the_texts_it_covers(tmp_path: Path) -> None:
    story = Story()
    story.enrol()
    story.sign()
    report = story.report(tmp_path, erased=True)
    assert (kinds(report), report.erased, len(report.devices)) == (set(), [3, 5], 1)


def _stranger(story: Story) -> None:
    story.enrol()
    story.sign(key=Authenticator())


def _of_another_person(story: Story) -> None:
    story.enrol(OTHER)
    story.sign()


def _of_another_party(story: Story) -> None:
    story.enrol(party="saint-genis-laval")
    story.sign()


def _not_an_enrolment(story: Story) -> None:
    story.enrol(act="account.signed_in")
    story.sign()


def _spoiled(**wrong: Any) -> Callable[[Story], None]:
    def spoil(story: Story) -> None:
        story.enrol()
        story.sign(**wrong)

    return spoil


def _copied(story: Story) -> None:
    story.enrol()
    story.sign()
    story.authenticator.counter = 0
    story.sign("decision")


def _unreadable(story: Story) -> None:
    story.enrol()
    facts = facts_of("opinion", {"version": 1, "document_hash": "x", "device": {"at": AT}})
    story.case.acts.append(story.case.log.record(facts, NAME))


ELSEWHERE = Site("ecluse.example", "http://faux.example")
OTHER_RP = Site("faux.example", "http://ecluse.example")
OTHER_TEXTS = commit_opening(salt("x"), canonical(["Autre texte."]))


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (_spoiled(stated={"act": "decision"}), "device-challenge"),
        (_spoiled(stated={"input": {**BODY, "value": "unfavourable"}}), "device-challenge"),
        (_spoiled(stated={"opening_commit": OTHER_TEXTS}), "device-challenge"),
        (_spoiled(stated={"derived": {"version": 2, "document_hash": "A" * 43 + "="}}), "device-challenge"),
        (_spoiled(stated={"by": OTHER}), "device-challenge"),
        (_spoiled(site=ELSEWHERE), "device-origin"),
        (_spoiled(site=OTHER_RP), "device-origin"),
        (_spoiled(flags=PRESENT), "device-unverified"),
        (_spoiled(at="2026-11-23T06:59:59.999Z"), "device-order"),
        (_spoiled(at="2026-11-23T07:00:00.001Z"), "device-order"),
        (_stranger, "device-other-key"),
        (_of_another_person, "device-other-key"),
        (_of_another_party, "device-other-key"),
        (_not_an_enrolment, "device-other-key"),
        (_copied, "device-counter"),
        (_unreadable, "device-malformed"),
    ],
)
def test_what_is_wrong_is_found(spoil: Callable[[Story], None], kind: str, tmp_path: Path) -> None:
    story = Story()
    spoil(story)
    report = story.report(tmp_path)
    assert (kinds(report), report.fine) == ({kind}, False)


def test_a_key_whose_enrolment_is_not_there_or_another_proves_nothing(tmp_path: Path) -> None:
    story = Story()
    story.enrol()
    story.sign()
    assert kinds(story.report(tmp_path, enrolment=False)) == {"device-not-enrolled"}
    story.enrol()  # the same key, enrolled after the act: not the record that the act cites
    assert kinds(story.report(tmp_path)) == {"device-not-enrolled"}


def test_a_byte_of_the_answer_changed_by_who_holds_every_other_key_is_found(tmp_path: Path) -> None:
    story = Story()
    story.enrol()
    done = json.loads(story.sign().facts)
    for name in ("client_data", "authenticator_data", "signature", "key"):
        forged = Story(story.authenticator)
        forged.log, forged.enrolled = story.log, story.enrolled
        facts = json.loads(json.dumps(done))
        raw = bytearray(base64.b64decode(facts["derived"]["device"][name]))
        raw[-3] ^= 1
        facts["derived"]["device"][name] = encode_base64(bytes(raw))
        forged.case.acts.append(forged.case.log.record(facts, NAME, texts=TEXTS))
        found = kinds(forged.report(tmp_path))
        assert found, name
        assert all(kind.startswith("device-") for kind in found), (name, found)
