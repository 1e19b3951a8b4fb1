"""The keys of an installation: made once, private, encrypted when asked, replaced beside the old one."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from registry.ledger.notes import split_note
from server.app import create_app
from server.home import (
    create_keys,
    create_party_key,
    end_rotation,
    load_log_signer,
    load_recorder,
    load_vault,
    rotate_key,
)
from server.settings import SettingError, read_settings
from tests.world import CAF, CONVENTION, SGL, World, running

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "ecluse.example/ledger/ctg/2026"


def settings(home: Path, **more: str):
    return read_settings({"ECLUSE_HOME": str(home), "ECLUSE_HOST_NAME": "ecluse.example", **more})


def test_keys_are_private_files_of_distinct_keys(tmp_path: Path) -> None:
    ours = settings(tmp_path)
    create_keys(ours)
    for path in (tmp_path / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    log, recorder = load_log_signer(ours).signers(ORIGIN)[0], load_recorder(ours).signer(ORIGIN)
    assert log.verifier.public != recorder.verifier.public
    assert (log.name, recorder.name) == (ORIGIN, f"{ORIGIN}/recorder")
    with pytest.raises(SettingError, match="jamais remplacées"):
        create_keys(ours)


def test_keys_are_encrypted_at_rest_when_a_passphrase_is_set(tmp_path: Path) -> None:
    ours = settings(tmp_path, ECLUSE_KEY_PASSPHRASE="une phrase longue")
    create_keys(ours)
    sealed = load_vault(ours).new_key("objet")[1]
    assert b"ENCRYPTED" in (tmp_path / "keys" / "log.pem").read_bytes()
    assert b"ENCRYPTED" in (tmp_path / "keys" / "recorder.pem").read_bytes()
    assert (tmp_path / "keys" / "openings.key").read_bytes().startswith(b"scrypt ")
    assert len(load_vault(ours).unwrap("objet", sealed)) == 32
    for wrong in (settings(tmp_path), settings(tmp_path, ECLUSE_KEY_PASSPHRASE="une autre")):
        for load in (load_vault, load_recorder, load_log_signer):
            with pytest.raises(SettingError, match="ECLUSE_KEY_PASSPHRASE"):
                load(wrong)
    assert "phrase" not in repr(ours)


def test_a_replaced_key_stays_beside_the_new_one_until_the_end(tmp_path: Path) -> None:
    ours = settings(tmp_path)
    create_keys(ours)
    (before,) = load_log_signer(ours).signers(ORIGIN)
    rotate_key(ours, "log")
    after, former = load_log_signer(ours).signers(ORIGIN)
    assert former.vkey == before.vkey != after.vkey
    with pytest.raises(SettingError, match="en cours"):
        rotate_key(ours, "log")
    end_rotation(ours, "log")
    assert [signer.vkey for signer in load_log_signer(ours).signers(ORIGIN)] == [after.vkey]
    with pytest.raises(SettingError, match="Aucun remplacement"):
        end_rotation(ours, "log")


async def test_a_partys_own_key_is_named_then_signs_beside_the_recorder(world: World) -> None:
    create_party_key(world.settings, CAF)
    with pytest.raises(SettingError, match="déjà une clé"):
        create_party_key(world.settings, CAF)
    app = create_app(world.settings)
    app.state.gate.clock = world.calendar
    world.app, world.client._transport.app = app, app
    async with running(app):
        request_id = await world.under_study()
        await world.published()
        rows = await world.rows("SELECT object, facts, record FROM event ORDER BY leaf_index")
    own, expected = f"ecluse.example/party/{CAF}", [f"ecluse.example/ledger/{CONVENTION}/2023/recorder"]
    signed = [[line.name for line in split_note(bytes(record))[1]] for _, _, record in rows]
    for (object_id, facts, _), names in zip(rows, signed, strict=True):
        if object_id == request_id:
            party = json.loads(facts)["party"]
            assert party in {CAF, SGL}
            assert names == ([*expected, own] if party == CAF else expected)
    acts = [json.loads(facts)["act"] for _, facts, _ in rows]
    assert acts.index("key.added") < next(index for index, names in enumerate(signed) if own in names)
