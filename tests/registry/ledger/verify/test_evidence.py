"""An evidence pack stands or falls as a whole: acts, proofs, heads, keys, pieces, and nothing besides."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from registry.ledger.canonical import canonical, parse_canonical
from registry.ledger.keys import Signer
from registry.ledger.receipts import encode_receipt, parse_receipt
from registry.ledger.verify.anchor import Anchor, read_kept
from registry.ledger.verify.evidence import EvidenceReport, verify_evidence
from registry.ledger.verify.sources import UnreachableError
from tests.registry.ledger.logs import Log, facts_of
from tests.registry.ledger.samples import LOG, RECORDER, private_key
from tests.registry.ledger.verify.memory import KEY, QUORUM, kinds
from tests.registry.ledger.verify.packs import (
    EXCHANGE,
    NAME,
    SHA256,
    Case,
    act_file,
    case,
    manifest,
    pack,
    receipt_of,
    zipped,
)

if TYPE_CHECKING:
    from pathlib import Path

CASE = case()
FILES = pack(CASE)
FOLDER = "journaux/ctg-x/2026/"
_OPINION = parse_receipt(FILES["preuves/0003.tlog-proof"])
_EXTRA = parse_canonical(_OPINION.extra or b"")
WITHOUT_TEXTS = encode_receipt(
    replace(_OPINION, extra=canonical(_EXTRA | {"opening": _EXTRA["opening"] | {"text": "[]"}}))
)
PIECE_FILE = f"pieces/{SHA256}-mention.txt"


def check(
    files: dict[str, bytes], tmp_path: Path, anchor: Anchor = QUORUM, listed: bytes | None = None
) -> EvidenceReport:
    return verify_evidence(zipped(tmp_path / "preuves.zip", files, listed), anchor)


def without(*paths: str, files: dict[str, bytes] = FILES) -> dict[str, bytes]:
    return {path: raw for path, raw in files.items() if path not in paths}


def test_a_pack_proves_each_act_and_piece(tmp_path: Path) -> None:
    report = check(FILES, tmp_path)
    assert ([str(one) for one in report.findings.kept], report.fine) == ([], True)
    assert (report.exchange, report.reference, sorted(report.acts), report.pieces) == (
        EXCHANGE, "CTG-2026-001", [1, 2, 3, 4], 1,
    )  # fmt: skip
    assert (report.anchors, report.erased, report.promised) == ({"key", "policy"}, [], [])
    assert {head.size for head in report.heads.values()} == {20}


def test_a_pack_compared_with_nothing_is_coherent_at_best(tmp_path: Path) -> None:
    report = check(FILES, tmp_path, Anchor())
    assert (kinds(report), report.fine) == (set(), False)
    stranger = Anchor((Signer(LOG.name, private_key(9)).verifier,))
    assert "checkpoint-unknown-key" in kinds(check(FILES, tmp_path, stranger))


def test_a_kept_head_names_the_key_or_the_very_head(tmp_path: Path) -> None:
    older = check(FILES, tmp_path, Anchor(heads=(read_kept(CASE.log.checkpoint(5)),)))
    assert (older.fine, older.anchors) == (True, {"old-key"})
    same = check(FILES, tmp_path, Anchor(heads=(read_kept(CASE.log.checkpoint()),)))
    assert (same.fine, same.anchors) == (True, {"old", "old-key"})


def test_erased_texts_are_told_and_nothing_else_is_lost(tmp_path: Path) -> None:
    report = check(pack(CASE, erased=True), tmp_path)
    assert (kinds(report), report.fine, report.erased) == (set(), True, [3])
    claimed = FILES | {"actes/0003-opinion.json": act_file(CASE.acts[2], erased=True)}
    assert kinds(check(claimed, tmp_path)) == {"act-differs"}, "the receipt still opens what the act calls erased"


def test_a_promise_is_told_as_such(tmp_path: Path) -> None:
    report = check(pack(CASE, promised=True), tmp_path)
    assert (kinds(report), report.promised, sorted(report.acts)) == ({"promised"}, [4], [1, 2, 3])
    assert not report.fine
    files = pack(CASE, promised=True)
    forged = Log(recorder=Signer(RECORDER.name, private_key(9))).record(facts_of("x", {}), NAME).entry
    assert "record-unknown-key" in kinds(check(files | {"preuves/0004.note": forged}, tmp_path))
    assert "reference" in kinds(check(files | {"preuves/0004.note": CASE.acts[0].entry}, tmp_path))


def test_a_proof_given_back_as_a_promise_does_not_free_the_act_from_its_proof(tmp_path: Path) -> None:
    files = without("preuves/0002.tlog-proof") | {
        "preuves/0002.note": CASE.acts[1].entry, "actes/0002-filing.json": b'{"act": "autre chose"}',
    }  # fmt: skip
    assert not check(files, tmp_path).fine


def test_a_promise_under_a_key_that_the_keys_file_alone_announces_proves_nothing(tmp_path: Path) -> None:
    forger, told = Signer(RECORDER.name, private_key(9)), case()
    told.log.key("key.rotated", {"kind": "recorder", "vkey": forger.vkey, "previous": RECORDER.vkey})
    told.log.recorders.append(forger.vkey)
    told.log.recorder = forger
    entry = told.log.record(facts_of("decision", {}), NAME).entry
    files = FILES | {
        f"{FOLDER}keys": told.log.keys_file(), "preuves/0005.note": entry, "actes/0005-decision.json": b"{}",
    }  # fmt: skip
    assert not check(files, tmp_path).fine


@pytest.mark.parametrize(
    "path",
    [
        "pieces/convention-signee.pdf", "actes/0002-decision.pdf", "actes/decision.json", "preuves/0005.txt",
        f"{FOLDER}autre", "horodatages/jeton.tsr", "avis.pdf", "../avis.pdf", f"pieces/{SHA256}-a\\..\\b",
    ],
)  # fmt: skip
def test_a_file_that_nothing_proves_has_no_place_in_a_pack(path: str, tmp_path: Path) -> None:
    report = check(FILES | {path: b"x"}, tmp_path)
    assert "unexpected" in kinds(report)
    assert not report.fine


@pytest.mark.parametrize("path", sorted(FILES))
def test_every_file_is_listed_present_and_unchanged(path: str, tmp_path: Path) -> None:
    changed = FILES | {path: FILES[path][:-1] + bytes([FILES[path][-1] ^ 1])}
    assert "manifest" in kinds(check(changed, tmp_path, listed=manifest(FILES)))
    assert {"missing"} <= kinds(check(without(path), tmp_path, listed=manifest(FILES)))
    assert "unlisted" in kinds(check(FILES, tmp_path, listed=manifest(without(path))))


@pytest.mark.parametrize("path", [path for path in sorted(FILES) if path not in {"LISEZ-MOI.html", "dossier.json"}])
def test_a_changed_file_is_found_even_when_the_manifest_agrees(path: str, tmp_path: Path) -> None:
    raw = FILES[path]
    # of a keys file, a pack proves the opening of the log: the other key records are proved by the log itself
    end = raw.index(b',{"index":1') if path.endswith("keys") else len(raw)
    for at in range(0, end, max(1, end // 40)):
        wrong = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        if path.endswith(".json") and _same_json(raw, wrong):
            continue  # a space of the file's layout
        assert not check(FILES | {path: wrong}, tmp_path).fine, (path, at)
    assert not check(without(path), tmp_path).fine


def _same_json(one: bytes, other: bytes) -> bool:
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        (without("actes/0002-filing.json"), "act-missing"),
        (without("actes/0004-attachments.json", "preuves/0004.tlog-proof"), "attachment-unknown"),
        (without("preuves/0002.tlog-proof"), "act-without-proof"),
        (without(PIECE_FILE), "attachment-missing"),
        (FILES | {PIECE_FILE: b"autre"}, "attachment"),
        (FILES | {f"pieces/{'0' * 64}-x": b""}, "attachment-unknown"),
        (FILES | {"preuves/0002.tlog-proof": FILES["preuves/0003.tlog-proof"]}, "reference"),
        (FILES | {"actes/0002-filing.json": b'{"revision":2.0}'}, "act-differs"),
        (FILES | {"actes/0002-filing.json": act_file(CASE.acts[1]).replace(b'"version": 1', b'"version": true')}, "act-differs"),
        (FILES | {"actes/0002-filing.json": b"["}, "act-differs"),
        (FILES | {"preuves/0003.tlog-proof": WITHOUT_TEXTS}, "opening"),
        (FILES | {f"{FOLDER}keys": b"{}"}, "keys-malformed"),
        (FILES | {f"{FOLDER}keys": FILES[f"{FOLDER}keys"].replace(b'"facts":"', b'"facts":"\\ud800')}, "keys-malformed"),
        (FILES | {f"{FOLDER}checkpoint": b"{}"}, "checkpoint-malformed"),
        (FILES | {f"{FOLDER}checkpoint": CASE.log.checkpoint(19)}, "head-differs"),
        (FILES | {f"{FOLDER}ouverture.tlog-proof": FILES["preuves/0001.tlog-proof"]}, "not-opened"),
        (without(f"{FOLDER}ouverture.tlog-proof"), "missing"),
        (without(*(path for path in FILES if path.startswith(FOLDER))), "head-differs"),
    ],
)  # fmt: skip
def test_what_does_not_hold_together_is_told(files: dict[str, bytes], kind: str, tmp_path: Path) -> None:
    report = check(files, tmp_path)
    assert kind in kinds(report)
    assert not report.fine


def test_a_log_in_the_folder_of_another_is_told(tmp_path: Path) -> None:
    files = {path.replace("2026/", "2025/"): raw for path, raw in FILES.items()}
    assert "misplaced" in kinds(check(files, tmp_path))


def test_a_fork_between_a_receipt_and_the_head_beside_it_is_told(tmp_path: Path) -> None:
    other = case()
    other.log.entries[-1] = other.log.entries[-2]
    files = FILES | {"preuves/0002.tlog-proof": receipt_of(other.log, other.acts[1])}
    assert "fork" in kinds(check(files, tmp_path, KEY))


def test_a_recorder_that_the_log_does_not_name_is_told(tmp_path: Path) -> None:
    forger = case()
    forger.log.recorder = Signer(RECORDER.name, private_key(9))
    act = forger.log.record(facts_of("creation", {}), NAME)
    assert act.entry
    stranger = Signer(RECORDER.name, private_key(9))
    forged = Case(forger.log, forger.opening, forger.acts)
    keys = json.loads(forged.log.keys_file())
    files = FILES | {f"{FOLDER}keys": json.dumps(keys | {"recorder": [stranger.vkey]}).encode()}
    assert "keys-list" in kinds(check(files, tmp_path))


@pytest.mark.parametrize("change", [{"exchange": 1}, {"files": []}, {"autre": 1}])
def test_a_manifest_of_another_shape_is_told(change: dict[str, Any], tmp_path: Path) -> None:
    assert "manifest-malformed" in kinds(check(FILES, tmp_path, listed=manifest(FILES, **change)))
    assert "manifest-malformed" in kinds(check(FILES, tmp_path, listed=b"["))


def test_the_dossier_of_somebody_else_is_told(tmp_path: Path) -> None:
    other = manifest(FILES, exchange="6513270e-269e-4d37-b2a7-4de452e6b438")
    assert "reference" in kinds(check(FILES, tmp_path, listed=other))


def test_a_damaged_archive_is_told_or_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "preuves.zip", FILES)
    raw = path.read_bytes()
    for at in range(0, len(raw), 401):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 0x40]) + raw[at + 1 :])
        try:
            report = verify_evidence(path, QUORUM)
        except UnreachableError:
            continue
        with zipfile.ZipFile(path) as archive:
            intact = all(_content(archive, name) == content for name, content in FILES.items())
        assert report.fine <= intact, "only what no file's content depends on may change unnoticed"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(UnreachableError):
        verify_evidence(path, QUORUM)


def _content(archive: zipfile.ZipFile, name: str) -> bytes | None:
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError, OSError):
        return None


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_in_the_archive_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "preuves.zip", FILES)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("dossier.json", b"autre")
    assert kinds(verify_evidence(path, QUORUM)) == {"archive"}
