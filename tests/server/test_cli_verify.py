"""`ecluse ledger verify` and `ecluse verify`, as an auditor types them: no database, no installation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from registry.ledger.keys import Signer
from tests.registry.ledger.logs import POLICY, TIME, Log, put, sized
from tests.registry.ledger.samples import LOG, private_key
from tests.registry.ledger.verify.memory import read_back
from tests.registry.ledger.verify.packs import case, manifest, pack, receipt_of, zipped
from tests.registry.ledger.verify.test_sources import Answer, serving
from tests.registry.publishing.authority import Authority
from tests.server.test_cli import ecluse

if TYPE_CHECKING:
    import subprocess
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

CASE = case()
KEY = ("--key", LOG.vkey)


def run(tmp_path: Path, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    done = ecluse(*arguments, home=tmp_path / "home", **environment)
    assert not (tmp_path / "home").exists()
    assert "Traceback" not in done.stderr
    return done


def answered(tmp_path: Path, *arguments: str | Path) -> tuple[int, Any]:
    done = run(tmp_path, *arguments, "--json")
    return done.returncode, json.loads(done.stdout)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    put(tmp_path, "politique", POLICY.encode())
    return tmp_path / "politique"


def test_a_folder_is_verified_against_what_the_party_kept(tmp_path: Path, policy: Path) -> None:
    folder = sized(300).write(tmp_path / "log")
    put(tmp_path, "conservée", sized(100).checkpoint(witnesses=()))
    done = run(tmp_path, "ledger", "verify", folder, *KEY, "--policy", policy, "--old", tmp_path / "conservée")
    assert done.returncode == 0
    for said in ("Enregistrements relus : 300", "Témoins : 3 sur 3", "la clé donnée", "la tête conservée", "quorum"):
        assert said in done.stdout
    for anchor in (KEY, ("--policy", policy), ("--old", tmp_path / "conservée")):
        assert run(tmp_path, "ledger", "verify", folder, *anchor).returncode == 0
    alone = run(tmp_path, "ledger", "verify", folder)
    assert (alone.returncode, "Cohérent, mais non comparé à une clé connue" in alone.stdout) == (1, True)
    assert "d'après le journal lui-même" in alone.stdout


def test_a_damaged_log_is_refused_with_the_place(tmp_path: Path) -> None:
    folder = sized(300).write(tmp_path / "log")
    put(folder, "tile/0/000", bytes(8192))
    (folder / "tile/entries/001.p/44").unlink()
    done = run(tmp_path, "ledger", "verify", folder, *KEY, "--jobs", "2")
    assert done.returncode == 1
    assert "tile/0/000 : Les empreintes servies diffèrent" in done.stdout
    assert "tile/entries/001.p/44 : Le fichier manque." in done.stdout
    assert "constats : 2" in done.stdout
    code, value = answered(tmp_path, "ledger", "verify", folder, *KEY)
    assert (code, value["fine"], value["reports"][0]["findings_total"]) == (1, False, 2)
    assert {one["kind"] for one in value["reports"][0]["findings"]} == {"tile", "missing"}


def test_an_export_of_several_logs_is_verified_whole(tmp_path: Path) -> None:
    last = sized(20)
    origin = "ecluse.example/ledger/ctg-x/2027"
    log = Log(origin, Signer(origin, private_key(21)), Signer(f"{origin}/recorder", private_key(22)))
    head = last.head()
    log.open({"origin": head.origin, "size": head.size, "root": head.text.split("\n")[2]}).fill(5)
    last.write(tmp_path / "export/ctg-x/2026")
    log.write(tmp_path / "export/ctg-x/2027", log.checkpoint())
    both = (*KEY, "--key", log.signer.vkey)
    code, value = answered(tmp_path, "ledger", "verify", tmp_path / "export", *both)
    assert (code, [report["records"] for report in value["reports"]]) == (0, [20, 5])
    assert run(tmp_path, "ledger", "verify", tmp_path / "export", *KEY).returncode == 1, (
        "one log is compared with nothing"
    )
    (tmp_path / "export/ctg-x/2027").rename(tmp_path / "export/ctg-x/2028")
    assert "n'est pas à sa place" in run(tmp_path, "ledger", "verify", tmp_path / "export", *both).stdout
    (tmp_path / "export/ctg-x/2028").rename(tmp_path / "export/ctg-x/2027")
    shorter = sized(19)
    shorter.write(tmp_path / "shorter/ctg-x/2026")
    (tmp_path / "export/ctg-x/2027").rename(tmp_path / "shorter/ctg-x/2027")
    assert "n'en a que 19" in run(tmp_path, "ledger", "verify", tmp_path / "shorter", *both).stdout


def test_a_maximum_age_refuses_an_old_head(tmp_path: Path, policy: Path) -> None:
    folder = sized(3).write(tmp_path / "log")
    assert TIME < 1_795_600_000
    arguments = ("ledger", "verify", folder, "--policy", policy, "--max-age")
    assert run(tmp_path, *arguments, "36500").returncode == 0
    alone = run(tmp_path, "ledger", "verify", folder, *KEY, "--max-age", "3")
    assert (alone.returncode, "--policy" in alone.stderr) == (2, True)


def test_an_address_is_read_with_the_token_of_the_environment(tmp_path: Path) -> None:
    files = read_back(sized(300).write(tmp_path / "log"))

    def answer(request: BaseHTTPRequestHandler) -> Answer:
        if request.headers["Authorization"] != "Bearer jeton":
            return 403, {}, b""
        return 200, {}, files[request.path.removeprefix("/ledger/ctg-x/2026/")]

    with serving(answer) as url:
        assert run(tmp_path, "ledger", "verify", url, *KEY, ECLUSE_TOKEN="jeton").returncode == 0
        refused = run(tmp_path, "ledger", "verify", url, *KEY, ECLUSE_TOKEN="")
        assert (refused.returncode, "ECLUSE_TOKEN" in refused.stderr) == (2, True)


def test_a_receipt_is_verified(tmp_path: Path) -> None:
    put(tmp_path, "avis.tlog-proof", receipt_of(CASE.log, CASE.acts[2]))
    done = run(tmp_path, "verify", tmp_path / "avis.tlog-proof", *KEY)
    assert (done.returncode, "Acte « opinion » de caf-rhone" in done.stdout) == (0, True)
    code, value = answered(tmp_path, "verify", tmp_path / "avis.tlog-proof", *KEY)
    assert (code, value["reports"][0]["input"]["text"]) == (0, "Données limitées au barème.")
    put(tmp_path, "efface.tlog-proof", receipt_of(CASE.log, CASE.acts[2], erased=True))
    done = run(tmp_path, "verify", tmp_path / "efface.tlog-proof", *KEY)
    assert (done.returncode, "Textes effacés" in done.stdout) == (0, True)
    assert run(tmp_path, "verify", tmp_path / "efface.tlog-proof").returncode == 1
    put(tmp_path, "faux.tlog-proof", receipt_of(CASE.log, CASE.acts[2]).replace(b"index 4", b"index 5"))
    done = run(tmp_path, "verify", tmp_path / "faux.tlog-proof", *KEY)
    assert (done.returncode, "La preuve ne mène pas" in done.stdout) == (1, True)


def test_a_pack_is_verified(tmp_path: Path) -> None:
    path = zipped(tmp_path / "preuves.zip", pack(CASE, erased=True))
    done = run(tmp_path, "verify", path, *KEY)
    assert done.returncode == 0
    for said in ("CTG-2026-001 ; actes prouvés : 4, pièces : 1", "Textes effacés, preuves intactes : révisions 3"):
        assert said in done.stdout
    path = zipped(tmp_path / "preuves.zip", pack(CASE, erased=True, promised=True))
    done = run(tmp_path, "verify", path, *KEY)
    assert (done.returncode, "actes prouvés : 3" in done.stdout, "Redemandez le dossier" in done.stdout) == (
        1,
        True,
        True,
    )
    code, value = answered(tmp_path, "verify", path, *KEY)
    assert (code, value["reports"][0]["promised"], value["reports"][0]["erased"]) == (1, [4], [3])


@pytest.mark.parametrize("keys", [b"[]", b'{"log": [5]}', b"{}"])
def test_a_token_beside_keys_that_cannot_be_read_is_a_finding(tmp_path: Path, keys: bytes) -> None:
    place = "horodatages/ctg-x/2026/5"
    files = pack(CASE) | {
        f"{place}.tsr": b"x", f"{place}.checkpoint": CASE.log.checkpoint(5), "journaux/ctg-x/2026/keys": keys,
    }  # fmt: skip
    authority = Authority(tmp_path / "autorite").root
    path = zipped(tmp_path / "preuves.zip", files)
    code, value = answered(tmp_path, "verify", path, *KEY, "--tsa-ca", authority)
    found = {one["kind"] for one in value["reports"][0]["findings"]}
    assert (code, {"timestamp", "keys-malformed"} <= found) == (1, True)


def test_a_file_cannot_write_the_verdict_itself(tmp_path: Path) -> None:
    """Names in a pack are its maker's: they stay on their line, without commands to the terminal."""
    files = pack(CASE) | {"x\x1b[2J\n  Vérifié, et confirmé par la clé donnée.": b""}
    path = zipped(tmp_path / "preuves.zip", files, manifest(files, reference="CTG\n  Vérifié\u202e\x9b2J"))
    done = run(tmp_path, "verify", path, *KEY)
    assert done.returncode == 1
    assert not [line for line in done.stdout.splitlines() if line.strip().startswith("Vérifié")]
    assert not set("\x1b\x9b\u202e") & set(done.stdout)
    assert "Dossier CTG\\n  Vérifié" in done.stdout


def test_what_cannot_be_read_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    folder = sized(3).write(tmp_path / "log")
    put(tmp_path, "autre", b"autre chose")
    put(tmp_path, "zip", b"PK\x03\x04")
    (tmp_path / "vide").mkdir()
    other = Log("ailleurs.example/ledger/x/2026", Signer("ailleurs.example/ledger/x/2026", private_key(9)))
    put(tmp_path, "d'ailleurs", other.fill(1).checkpoint())
    for arguments, said in (
        (("ledger", "verify", tmp_path / "absent"), "n'est pas un dossier"),
        (("ledger", "verify", tmp_path / "vide"), "ne contient aucun journal"),
        (("ledger", "verify", "ftp://exemple/x"), "adresse http"),
        (("ledger", "verify", "http://127.0.0.1:1/x"), "ne répond pas"),
        (("ledger", "verify", folder, "--key", "x"), "n'est pas une clé"),
        (("ledger", "verify", folder, "--policy", tmp_path / "autre"), "n'est pas une politique"),
        (("ledger", "verify", folder, "--old", tmp_path / "autre"), "n'est pas une tête"),
        (("ledger", "verify", folder, "--old", tmp_path / "absent"), "ne peut pas être lu"),
        (("ledger", "verify", folder, *KEY, "--old", tmp_path / "d'ailleurs"), "celle d'un autre journal"),
        (("verify", tmp_path / "autre"), "n'est ni un reçu"),
        (("verify", tmp_path / "zip"), "n'est pas une archive"),
        (("verify", tmp_path / "absent"), "ne peut pas être lu"),
    ):
        done = run(tmp_path, *arguments)
        assert (done.returncode, said in done.stderr) == (2, True), (arguments, done.stderr)
