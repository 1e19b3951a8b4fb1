"""What a whole log must be, and what it takes before anybody may call it fine."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from registry.ledger.checkpoints import Checkpoint, sign_checkpoint
from registry.ledger.keys import Signer
from registry.ledger.policy import parse_policy
from registry.ledger.verify.anchor import Anchor, read_kept
from registry.ledger.verify.keyring import Cited
from registry.ledger.verify.log import cited_by, verify_log
from registry.ledger.verify.sources import FolderSource
from tests.registry.ledger.logs import POLICY, TIME, Log, facts_of, sized
from tests.registry.ledger.samples import LOG, ORGANISATION, ORIGIN, RECORDER, WITNESSES, private_key
from tests.registry.ledger.verify.memory import KEY, QUORUM, MemorySource, files_of, found, kinds, verified

if TYPE_CHECKING:
    from pathlib import Path

SIZES = (0, 1, 2, 255, 256, 257, 512, 513)
NEW_RECORDER = Signer(RECORDER.name, private_key(31))
NEW_LOG = Signer(ORIGIN, private_key(32))


@pytest.mark.parametrize("size", SIZES)
def test_a_log_of_any_size_verifies_against_a_key_and_a_quorum(size: int, tmp_path: Path) -> None:
    report = verified(files_of(sized(size), tmp_path))
    assert (found(report), report.fine, report.records) == (set(), True, size)
    assert report.anchors == {"key", "policy"}
    assert report.head is not None
    assert report.head.size == size
    assert report.witnesses == {"w1": TIME, "w2": TIME, "w3": TIME}


def test_a_large_log_verifies_in_several_processes_and_tells_how_far_it_is(big: Path) -> None:
    told: list[tuple[int, int]] = []
    report = verify_log(FolderSource(big), QUORUM, jobs=2, progress=lambda done, size: told.append((done, size)))
    assert (found(report), report.fine, report.records) == (set(), True, 70_000)
    assert told == sorted(told)
    assert told[-1] == (70_000, 70_000)


def test_a_log_compared_with_nothing_is_coherent_at_best(small: dict[str, bytes]) -> None:
    report = verified(small, Anchor())
    assert (found(report), report.anchors, report.fine) == (set(), set(), False)
    other = Anchor((Signer("ailleurs.example/ledger/x/2026", private_key(9)).verifier,))
    assert not verified(small, other).fine


def test_a_head_that_announces_more_than_there_is_does_not_make_the_reader_run_for_ever(
    small: dict[str, bytes],
) -> None:
    boast = sign_checkpoint(Checkpoint(ORIGIN, 2**62, bytes(32)), [LOG])
    report = verified({**small, "checkpoint": boast}, KEY)
    assert {"nothing-left", "missing"} <= kinds(report)
    assert not report.fine


def test_a_key_that_is_not_the_logs_is_told(small: dict[str, bytes]) -> None:
    stranger = Anchor((Signer(ORIGIN, private_key(9)).verifier,))
    assert kinds(verified(small, stranger)) == {"checkpoint-unknown-key"}


def test_a_policy_needs_its_quorum_in_time(small: dict[str, bytes]) -> None:
    alone = sized(4).checkpoint(witnesses=WITNESSES[:2])
    assert kinds(verified(small | {"checkpoint": alone})) == {"quorum"}
    assert kinds(verified(small, replace(QUORUM, oldest=TIME + 1))) == {"quorum"}
    assert kinds(verified(small, replace(QUORUM, newest=TIME - 1))) == {"quorum"}
    witnesses_only = verified(small, Anchor(policy=parse_policy(POLICY.encode())))
    assert (witnesses_only.fine, witnesses_only.anchors) == (True, {"policy"})


def test_a_policy_without_quorum_nor_log_confirms_nothing(small: dict[str, bytes]) -> None:
    nobody = parse_policy(b"quorum none\n")
    assert not verified(small, Anchor(policy=nobody)).fine
    assert verified(small, Anchor(policy=parse_policy(f"log {LOG.vkey}\nquorum none\n".encode()))).fine


def rewritten(size: int) -> Log:
    """The same log where one act says something else, signed again with the real keys."""
    log = Log().open().set_policy(POLICY).fill(size // 2)
    log.record(facts_of("message", {"n": "autre"}), f"object {size // 2 % 97}")
    return log.fill(size)


def test_a_rewritten_and_resigned_history_verifies_with_the_key_alone(tmp_path: Path) -> None:
    """Trap 1 of the ledger: a signature proves nothing against the host itself. Heads kept elsewhere do."""
    log = rewritten(600)
    files = files_of(log, tmp_path, log.checkpoint(witnesses=()))
    assert verified(files, KEY).fine
    for kept in (1, 256, 300, 600):
        head = sized(600).checkpoint(kept)
        report = verified(files, replace(KEY, heads=(read_kept(head),)))
        assert kinds(report) == ({"old-differs"} if kept > 300 else set())
    one = parse_policy(f"witness w {WITNESSES[0].verifier.vkey}\nquorum w\n".encode())
    assert kinds(verified(files, replace(KEY, policy=one))) == {"quorum"}


@pytest.mark.parametrize("kept", [1, 200, 256, 257, 512, 599, 600])
def test_a_kept_head_alone_confirms_what_extends_it(kept: int, tmp_path: Path) -> None:
    files = files_of(sized(600), tmp_path)
    report = verified(files, Anchor(heads=(read_kept(sized(kept).checkpoint()),)))
    assert (found(report), report.anchors, report.fine) == (set(), {"old"}, True)


def test_a_kept_head_of_an_empty_log_confirms_nothing(tmp_path: Path) -> None:
    """A log key is a public text: anybody can write a log that names it, then replaces it by another."""
    forger, recorder = Signer(ORIGIN, private_key(60)), Signer(f"{ORIGIN}/recorder", private_key(61))
    log = Log(signer=forger, recorder=recorder)
    log.key("log.opened", {"origin": ORIGIN, "log": LOG.vkey, "recorder": recorder.vkey, "previous": None})
    log.key("key.rotated", {"kind": "log", "vkey": forger.vkey, "previous": LOG.vkey})
    log.logs, log.recorders = [LOG.vkey, forger.vkey], [recorder.vkey]
    files = files_of(log.fill(5), tmp_path, log.checkpoint(witnesses=()))
    report = verified(files, Anchor(heads=(read_kept(sized(0).checkpoint()),)))
    assert (found(report), report.fine) == (set(), False)


def test_a_log_that_went_back_is_told(small: dict[str, bytes]) -> None:
    report = verified(small, replace(KEY, heads=(read_kept(sized(5).checkpoint()),)))
    assert kinds(report) == {"old-larger"}


def test_a_kept_head_that_the_log_never_signed_confirms_nothing(small: dict[str, bytes]) -> None:
    forged = Log(signer=Signer(ORIGIN, private_key(9))).open().checkpoint(witnesses=())
    report = verified(small, Anchor(heads=(read_kept(forged),)))
    assert (kinds(report), report.anchors) == ({"old-malformed"}, set())


def rotated(*, too_early: bool = False) -> Log:
    log = sized(3)
    log.key("key.rotated", {"kind": "recorder", "vkey": NEW_RECORDER.vkey, "previous": RECORDER.vkey})
    log.recorders.append(NEW_RECORDER.vkey)
    log.key("key.rotated", {"kind": "log", "vkey": NEW_LOG.vkey, "previous": LOG.vkey})
    log.logs.append(NEW_LOG.vkey)
    log.recorder = NEW_RECORDER
    return log.fill(300)


def test_keys_are_replaced_by_records_of_the_log(tmp_path: Path) -> None:
    log = rotated()
    files = files_of(log, tmp_path, log.checkpoint(signers=[LOG, NEW_LOG]))
    assert verified(files, QUORUM).fine
    assert verified(files, Anchor((NEW_LOG.verifier,))).fine
    after = files | {"checkpoint": log.checkpoint(signers=[NEW_LOG])}
    assert kinds(verified(after, KEY)) == {"checkpoint-unknown-key"}
    assert verified(after, Anchor(heads=(read_kept(sized(2).checkpoint()),))).fine, "a kept head outlives its key"


def test_a_record_under_a_key_not_yet_named_is_told(tmp_path: Path) -> None:
    log = sized(3)
    log.recorder = NEW_RECORDER
    log.key("key.rotated", {"kind": "recorder", "vkey": NEW_RECORDER.vkey, "previous": RECORDER.vkey})
    log.recorders.append(NEW_RECORDER.vkey)
    report = verified(files_of(log, tmp_path))
    assert {"record-unknown-key", "key-opening"} <= kinds(report)
    stranger = sized(3)
    stranger.recorder = NEW_RECORDER
    stranger.fill(4)
    assert found(verified(files_of(stranger, tmp_path / "b"))) == {
        ("record-unknown-key", "tile/entries/000.p/4", 3),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("act", "derived"),
    [
        ("key.rotated", {"kind": "recorder", "vkey": NEW_RECORDER.vkey, "previous": NEW_RECORDER.vkey}),
        ("key.rotated", {"kind": "recorder", "vkey": LOG.vkey, "previous": RECORDER.vkey}),
        ("key.rotated", {"kind": ["log"], "vkey": NEW_LOG.vkey, "previous": LOG.vkey}),
        ("key.rotated", {"kind": "recorder", "vkey": Signer(RECORDER.name, private_key(3)).vkey, "previous": RECORDER.vkey}),
        ("key.added", {"kind": "log", "party": "x", "vkey": ORGANISATION.vkey}),
        ("policy.set", {"policy": "quorum absent\n"}),
        ("policy.set", {"policy": None}),
        ("log.opened", {"origin": ORIGIN, "log": LOG.vkey, "recorder": RECORDER.vkey, "previous": None}),
        ("opinion", {}),
    ],
)  # fmt: skip
def test_a_key_record_that_says_what_it_cannot_is_told(act: str, derived: dict[str, object], tmp_path: Path) -> None:
    log = sized(3)
    log.key(act, derived)
    assert ("key-facts", "keys", 3) in found(verified(files_of(log, tmp_path)))


def test_a_party_signs_its_own_acts_once_its_key_is_named(tmp_path: Path) -> None:
    log = sized(3)
    log.key("key.added", {"kind": "party", "party": "sgl", "vkey": ORGANISATION.vkey})
    log.parties = [ORGANISATION]
    log.fill(6)
    files = files_of(log, tmp_path)
    assert verified(files).fine
    alone = sized(3)
    alone.key("key.added", {"kind": "party", "party": "sgl", "vkey": ORGANISATION.vkey})
    alone.recorder = ORGANISATION
    alone.fill(5)
    assert kinds(verified(files_of(alone, tmp_path / "alone"))) == {"record-unknown-key"}


def test_every_key_record_is_opened_and_every_opening_a_key_record(tmp_path: Path) -> None:
    log = sized(3)
    log.key("policy.set", {"policy": POLICY}, opened=False)
    assert found(verified(files_of(log, tmp_path / "a"))) == {("key-not-opened", "tile/entries/000.p/4", 3)}
    log = Log()
    log.record(facts_of("message", {}), "log", "exchange")
    assert "not-opened" in kinds(verified(files_of(log, tmp_path / "b"), KEY))


def test_a_log_opened_for_another_or_by_a_later_revision_is_told(tmp_path: Path) -> None:
    log = Log()
    log.key(
        "log.opened",
        {"origin": "x.example/ledger/x/2026", "log": LOG.vkey, "recorder": RECORDER.vkey, "previous": None},
    )
    assert {"key-opening", "not-opened"} <= kinds(verified(files_of(log, tmp_path / "a"), KEY))
    log = Log(revisions={"log": 1}).open()
    assert {"key-opening", "not-opened"} <= kinds(verified(files_of(log, tmp_path / "b"), KEY))


def test_a_head_under_a_key_the_log_does_not_name_is_told(tmp_path: Path) -> None:
    other = Signer(ORIGIN, private_key(9))
    log = sized(4)
    files = files_of(log, tmp_path, log.checkpoint(signers=[other]))
    assert kinds(verified(files, Anchor((other.verifier,)))) == {"log-key-not-named"}


def test_revisions_of_an_object_follow_each_other_through_bundles_and_processes(tmp_path: Path) -> None:
    def built(again: int) -> Log:
        log = sized(3000)
        log.revisions["object 5"] += again
        log.record(facts_of("message", {}), "object 5")
        return log

    log = built(0)
    log.record(facts_of("message", {}), "an object of the year before", first=12)
    assert verified(files_of(log, tmp_path / "fine")).fine
    for name, again in (("gap", 1), ("repeated", -1)):
        folder = built(again).write(tmp_path / name)
        for jobs in (1, 2):
            report = verify_log(FolderSource(folder), QUORUM, jobs=jobs)
            assert found(report) == {("revision", "tile/entries/011.p/185", 3000)}
    within = sized(20)
    within.revisions["object 19"] = 5
    within.fill(20 + 97 + 1)
    within.revisions["object 20"] = 7
    within.fill(240)
    assert kinds(verified(files_of(within, tmp_path / "within"))) == {"revision"}


def test_a_record_of_another_log_is_told(tmp_path: Path) -> None:
    log, other = sized(3), Log(origin="ecluse.example/ledger/ctg-y/2026", recorder=RECORDER)
    log.entries.append(other.record(facts_of("message", {}), "object").entry)
    assert found(verified(files_of(log, tmp_path))) == {("record-other-log", "tile/entries/000.p/4", 3)}


def test_the_next_years_log_cites_the_last_head_of_this_one(tmp_path: Path) -> None:
    last = sized(300)
    head = last.head()
    following = "ecluse.example/ledger/ctg-x/2027"
    log = Log(following, Signer(following, private_key(21)), Signer(f"{following}/recorder", private_key(22)))
    cited = {"origin": head.origin, "size": head.size, "root": head.text.split("\n")[2]}
    files = files_of(log.open(cited), tmp_path / "next", log.checkpoint())
    found_there = cited_by(MemorySource(files))
    assert found_there == Cited(head.origin, head.size, head.root)
    source = MemorySource(files_of(last, tmp_path / "last"))
    assert verify_log(source, QUORUM, cited=[found_there]).fine
    shorter = MemorySource(files_of(sized(299), tmp_path / "shorter"))
    assert kinds(verify_log(shorter, QUORUM, cited=[found_there])) == {"previous-larger"}
    other = MemorySource(files_of(rewritten(300), tmp_path / "other"))
    assert kinds(verify_log(other, KEY, cited=[found_there])) == {"previous-differs"}


def test_a_log_in_the_place_of_another_is_told(small: dict[str, bytes]) -> None:
    assert verified(small, ending="/ctg-x/2026").fine
    assert kinds(verified(small, ending="/ctg-x/2025")) == {"misplaced"}


def test_what_the_keys_file_lists_beyond_the_head_is_not_damage(tmp_path: Path) -> None:
    log = rotated()
    before = log.checkpoint(3)
    files = files_of(sized(3), tmp_path, before) | {"keys": log.keys_file()}
    assert verified(files).fine
    lists = json.loads(log.keys_file())
    for name, value in (("log", []), ("recorder", lists["recorder"][:1]), ("policy", None), ("origin", "x.example/y")):
        wrong = json.dumps(lists | {name: value}).encode()
        assert kinds(verified(files | {"keys": wrong})) >= {"keys-list"}
