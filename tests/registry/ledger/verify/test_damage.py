"""No change of a byte, no file missing, swapped, cut or too long goes unnoticed; each is told with its place."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from registry.ledger.bundles import decode_bundle, encode_bundle
from registry.ledger.tiles import ENTRIES, Tile, levels_of, tiles_of
from registry.ledger.verify.anchor import Anchor, read_kept
from registry.ledger.verify.findings import KEPT, SENTENCES, Findings, finding
from registry.ledger.verify.log import verify_log
from registry.ledger.verify.sources import FolderSource
from tests.registry.ledger.logs import sized
from tests.registry.ledger.samples import altered
from tests.registry.ledger.verify.memory import KEY, QUORUM, files_of, found, kinds, read_back, verified

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENTRY_FILE, TILE_FILE = "tile/entries/000.p/4", "tile/0/000.p/4"


def one_bit_each(raw: bytes) -> Iterator[bytes]:
    """Each byte changed once, by a bit that moves along with the place; then cut and lengthened."""
    for at, byte in enumerate(raw):
        yield raw[:at] + bytes([byte ^ (1 << at % 8)]) + raw[at + 1 :]
    yield raw[:-1]
    yield raw + b"\0"
    yield raw + raw[-1:]
    yield b""


@pytest.mark.parametrize("path", [ENTRY_FILE, TILE_FILE, "keys"])
def test_every_changed_byte_is_found(path: str, small: dict[str, bytes]) -> None:
    for raw in one_bit_each(small[path]):
        report = verified(small | {path: raw})
        assert report.findings, raw
        places = {one.path for one in report.findings.kept}
        assert path in places or (path == "keys" and ENTRY_FILE in places), (
            "an opening elsewhere leaves its record closed"
        )


@pytest.mark.parametrize("path", [TILE_FILE, "checkpoint"])
def test_every_alteration_of_a_head_or_tile_is_found(path: str, small: dict[str, bytes]) -> None:
    for raw in altered(small[path]):
        assert not verified(small | {path: raw}).fine


def test_every_alteration_of_a_kept_head_is_found_or_is_in_a_line_nobody_knows(small: dict[str, bytes]) -> None:
    note = sized(2).checkpoint(witnesses=())
    for raw in altered(note):
        try:
            kept = read_kept(raw)
        except ValueError:
            continue
        report = verified(small, Anchor(heads=(kept,)))
        assert not report.fine


def test_every_changed_byte_of_a_bundle_of_several_is_found_where_it_is(tmp_path: Path) -> None:
    files = files_of(sized(300), tmp_path)
    path = "tile/entries/000"
    entries = decode_bundle(files[path], 256)
    for index in (0, 1, 2, 100, 255):
        for at in range(0, len(entries[index]), 29):
            entry = entries[index]
            wrong = [*entries]
            wrong[index] = entry[:at] + bytes([entry[at] ^ 1]) + entry[at + 1 :]
            report = verified(files | {path: encode_bundle(wrong)})
            assert {one.kind for one in report.findings.kept} >= {"root", "tile"}
            assert {(one.path, one.index) for one in report.findings.kept} >= {(path, index)}


@pytest.mark.parametrize("path", ["checkpoint", "keys", ENTRY_FILE, TILE_FILE])
def test_a_missing_or_endless_file_is_told(path: str, small: dict[str, bytes]) -> None:
    without = {name: raw for name, raw in small.items() if name != path}
    assert ("missing", path, None) in found(verified(without))
    endless = small | {path: b"\0" * (17 * 1024 * 1024)}
    assert ("too-long", path, None) in found(verified(endless))


def test_swapped_files_are_told(tmp_path: Path) -> None:
    files = files_of(sized(700), tmp_path)
    for one, other in (("tile/entries/000", "tile/entries/001"), ("tile/0/000", "tile/0/001")):
        swapped = files | {one: files[other], other: files[one]}
        assert not verified(swapped).fine
        assert "tile" in kinds(verified(swapped))
    entries = decode_bundle(files["tile/entries/001"], 256)
    entries[3], entries[4] = entries[4], entries[3]
    assert not verified(files | {"tile/entries/001": encode_bundle(entries)}).fine


def test_a_record_left_out_or_said_twice_is_told(small: dict[str, bytes], tmp_path: Path) -> None:
    entries = decode_bundle(small[ENTRY_FILE], 4)
    for wrong in (entries[:3], [*entries, entries[3]], [*entries[:3], entries[2]]):
        assert not verified(small | {ENTRY_FILE: encode_bundle(wrong)}).fine


def test_damages_of_one_log_are_told_together_each_at_its_place(big: Path, tmp_path: Path) -> None:
    """Three levels of tiles, full and partial, entries in several bundles, files gone: one run, all findings."""
    folder = tmp_path / "damaged"
    shutil.copytree(big, folder, copy_function=shutil.os.link)

    def damage(path: str, at: int) -> None:
        raw = bytearray((folder / path).read_bytes())
        raw[at] ^= 0x10
        (folder / path).unlink()
        (folder / path).write_bytes(raw)

    damaged = ["tile/2/000.p/1", "tile/1/000", "tile/1/001.p/17", "tile/0/000", "tile/0/200", "tile/0/273.p/112"]
    for place, path in enumerate(damaged):
        damage(path, 31 * place)
    bundle = (folder / "tile/entries/100").read_bytes()
    damage("tile/entries/100", bundle.index(b'"at":"2026') + 10)
    (folder / "tile/entries/150").unlink()
    (folder / "tile/0/151").unlink()
    expected = {("tile", path, None) for path in damaged} | {
        ("record-signature", "tile/entries/100", 25_600),
        ("tile", "tile/0/100", None),
        ("missing", "tile/entries/150", None),
        ("missing", "tile/0/151", None),
        ("root", "checkpoint", None),
    }
    report = verify_log(FolderSource(folder), QUORUM, jobs=2)
    others = {one.kind for one in report.findings.kept if (one.kind, one.path, one.index) not in expected}
    assert expected <= found(report)
    assert others <= {"revision", "tile"}, "objects whose record is unreadable, tiles above the changed record"
    assert report.records == 70_000 - 256


def test_every_served_tile_of_a_large_log_is_compared(tmp_path: Path) -> None:
    size = 66_000
    sizes = {level: len(list(tiles_of(size, level))) for level in levels_of(size)}
    assert sizes == {0: 258, 1: 2, 2: 1}
    folder = sized(size).write(tmp_path)
    paths = [tile.path for level in levels_of(size) for tile in tiles_of(size, level)]
    for path in paths:
        (folder / path).write_bytes(bytes((folder / path).stat().st_size))
    report = verify_log(FolderSource(folder), QUORUM, jobs=2)
    assert report.findings.total == len(paths)
    assert kinds(report) == {"tile"}


def test_a_mutated_log_is_refused_under_the_key_alone_too(small: dict[str, bytes]) -> None:
    """Cosignatures are checked against the log's own policy even when the caller has none."""
    note = small["checkpoint"]
    at = note.index("— witness2".encode()) + 40
    wrong = note[:at] + (b"A" if note[at : at + 1] != b"A" else b"B") + note[at + 1 :]
    assert kinds(verified(small | {"checkpoint": wrong}, KEY)) <= {"checkpoint-signature", "checkpoint-malformed"}
    assert not verified(small | {"checkpoint": wrong}, KEY).fine


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1}, {"origin": 1}, {"log": "x"}, {"log": [1]}, {"policy": 1}, {"openings": {}}, {"openings": [1]},
        {"openings": [{"index": True, "salt": "", "facts": ""}]}, {"openings": [{"index": -1, "salt": "", "facts": ""}]},
        {"openings": [{"index": 0, "salt": "AA==", "facts": ""}]}, {"openings": [{"index": 0, "salt": 1, "facts": ""}]},
    ],
)  # fmt: skip
def test_a_keys_file_of_another_shape_is_told(change: dict[str, object], small: dict[str, bytes]) -> None:
    value = json.loads(small["keys"]) | change
    assert "keys-malformed" in kinds(verified(small | {"keys": json.dumps(value).encode()}))


def test_a_keys_file_that_is_no_strict_json_is_told(small: dict[str, bytes]) -> None:
    doubled = small["keys"].replace(b'{"origin"', b'{"policy":null,"origin"', 1)
    for raw in (doubled, b"NaN", b"[" * 100_000, b"\xff", b'{"origin":NaN}'):
        assert "keys-malformed" in kinds(verified(small | {"keys": raw}))
    openings = json.loads(small["keys"])
    openings["openings"] *= 2
    assert "keys-malformed" in kinds(verified(small | {"keys": json.dumps(openings).encode()}))


def test_half_a_character_in_the_keys_file_is_told(small: dict[str, bytes]) -> None:
    wrong = small["keys"].replace(b'"facts":"', b'"facts":"\\ud800', 1)
    assert "keys-malformed" in kinds(verified(small | {"keys": wrong}))


def test_openings_that_fit_no_record_are_told(small: dict[str, bytes]) -> None:
    value = json.loads(small["keys"])
    value["openings"][1]["index"] = 2
    assert kinds(verified(small | {"keys": json.dumps(value).encode()})) >= {"key-opening", "key-not-opened"}
    value["openings"][1] = value["openings"][1] | {"index": 1, "facts": '{"act":"policy.set"}'}
    assert "key-opening" in kinds(verified(small | {"keys": json.dumps(value).encode()}))


def test_many_findings_are_counted_and_few_are_kept() -> None:
    findings = Findings()
    for index in range(KEPT + 50):
        findings.add("record-signature", "tile/entries/000", index)
    others = Findings()
    others.join(findings, "journaux/x/2026/")
    assert (len(others.kept), others.total) == (KEPT, KEPT + 50)
    assert str(others.kept[7]) == (
        "journaux/x/2026/tile/entries/000, enregistrement n° 7 : Une signature de l'enregistrement est fausse."
    )


def test_every_kind_of_finding_is_a_french_sentence() -> None:
    for kind, sentence in SENTENCES.items():
        assert sentence.endswith("."), kind
    with pytest.raises(KeyError):
        finding("inconnu", "x")


def test_the_sample_log_is_what_it_is_compared_with(small: dict[str, bytes], tmp_path: Path) -> None:
    assert read_back(sized(4).write(tmp_path)) == small
    assert Tile(ENTRIES, 0, 4).path == ENTRY_FILE
    assert verified(small, replace(QUORUM, keys=())).fine
