"""The commands, as an operator types them: exit codes, one clear sentence on stderr, files and their modes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.world import CAF, SGL, example, reference

ROOT = Path(__file__).parents[2]


def ecluse(*arguments: str | Path, home: Path, url: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    given = {**os.environ, "ECLUSE_HOME": str(home), "ECLUSE_DATABASE_URL": url, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-c", "from server.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, env=given, cwd=home.parent, text=True, capture_output=True, check=False)


@pytest.fixture
def address(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database that `ecluse init` has still to make (SQLite) or to fill (PostgreSQL)."""
    if dialect == "sqlite":
        return ""
    return request.getfixturevalue("fast_postgres").create()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def installed(home: Path, address: str, tmp_path: Path) -> Path:
    convention = tmp_path / "convention.json"
    convention.write_text(json.dumps(reference("convention")), encoding="utf-8")
    done = ecluse("init", convention, home=home, url=address)
    assert done.returncode == 0, done.stderr
    return home


def test_init_makes_private_keys_and_refuses_to_replace_them(installed: Path, address: str, tmp_path: Path) -> None:
    for name in ("recorder.pem", "openings.key"):
        assert stat.S_IMODE((installed / "keys" / name).stat().st_mode) == 0o600
    again = ecluse("init", tmp_path / "convention.json", home=installed, url=address)
    assert again.returncode == 2
    assert "jamais remplacées" in again.stderr


def test_init_refuses_a_wrong_convention_with_pointers_and_makes_nothing(home: Path, tmp_path: Path) -> None:
    document = reference("convention") | {"term": "2025-13-01", "partis": []}
    convention = tmp_path / "convention.json"
    convention.write_text(json.dumps(document), encoding="utf-8")
    done = ecluse("init", convention, home=home)
    assert done.returncode == 2
    assert "/term" in done.stderr
    assert "/partis" in done.stderr
    assert not home.exists()


def test_init_refuses_a_convention_that_contradicts_itself(home: Path, tmp_path: Path) -> None:
    document = reference("convention")
    document["parties"][1]["successor"] = "nulle-part"
    document["parties"].append(document["parties"][0])
    document["term"] = "2020-01-01"
    convention = tmp_path / "convention.json"
    convention.write_text(json.dumps(document), encoding="utf-8")
    done = ecluse("init", convention, home=home)
    assert done.returncode == 2
    for pointer in ("/parties/1/successor", "/parties/5/id", "/term"):
        assert pointer in done.stderr


def test_a_failed_init_leaves_no_keys_behind(installed: Path, address: str, tmp_path: Path) -> None:
    other = tmp_path / "other"
    url = address or f"sqlite:///{installed / 'ecluse.sqlite3'}"
    done = ecluse("init", tmp_path / "convention.json", home=other, url=url)
    assert done.returncode == 2
    assert "déjà enregistrée" in done.stderr
    assert not list((other / "keys").iterdir())


def test_an_account_and_its_token_give_access(installed: Path, address: str) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return ecluse(*arguments, home=installed, url=address)

    assert run("account", "add", "a@b.example", "--party", SGL, "--role", "requester,dpo").returncode == 0
    token = run("token", "issue", "a@b.example", "--party", SGL)
    assert token.returncode == 0
    assert token.stdout.startswith("ecl_")
    for wrong in (
        ("account", "add", "a@b.example", "--party", "nowhere", "--role", "requester"),
        ("account", "add", "a@b.example", "--party", SGL, "--role", "chef"),
        ("account", "add", "a", "--party", SGL, "--role", "requester"),
        ("token", "issue", "nobody@b.example", "--party", SGL),
    ):
        done = run(*wrong)
        assert done.returncode == 2, wrong
        assert done.stderr


def test_rebuild_and_migrate_say_what_they_did(installed: Path, address: str) -> None:
    assert "déjà à jour" in ecluse("migrate", home=installed, url=address).stdout
    assert "événements" in ecluse("rebuild", home=installed, url=address).stdout


def test_a_missing_key_or_database_is_one_clear_sentence(home: Path) -> None:
    home.mkdir()
    done = ecluse("rebuild", home=home)
    assert done.returncode == 2
    assert "ecluse init" in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_settings_are_refused_at_start(home: Path) -> None:
    home.mkdir()
    for name, value in (
        ("ECLUSE_DATABASE_URL", "mysql://x"), ("ECLUSE_TODAY", "hier"), ("ECLUSE_POOL_SIZE", "0"), ("ECLUSE_HOST_NAME", "a b"),
    ):  # fmt: skip
        done = ecluse("rebuild", home=home, **{name: value})
        assert done.returncode == 2
        assert name in done.stderr


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_several_workers_on_sqlite_are_refused_with_the_reason(installed: Path, address: str) -> None:
    done = ecluse("serve", "--workers", "2", home=installed, url=address)
    assert done.returncode == 2
    assert "un seul processus" in done.stderr


def test_the_demo_replays_the_examples_and_leaves_one_of_today_active(address: str, tmp_path: Path) -> None:
    import asyncio

    from registry.storage.engines import engine_for
    from server.demo.build import TOKENS, at_home, build, prepare_folder
    from server.settings import read_settings

    folder = tmp_path / "demo"
    settings = at_home(read_settings({"ECLUSE_DATABASE_URL": address}), folder)
    prepare_folder(settings)
    people, today = asyncio.run(build(settings))
    assert today.state == "active"
    assert stat.S_IMODE((folder / TOKENS).stat().st_mode) == 0o600
    assert len(people) == len({person.token for person in people}) > 50

    async def states() -> dict[str, str]:
        engine = engine_for(settings.database_url)
        await engine.open()
        rows = await engine.read(lambda tx: tx.rows("SELECT reference, file FROM exchange"))
        await engine.close()
        return {row[0]: json.loads(row[1])["state"] for row in rows}

    expected = {
        case["request"]["reference"]: case["expected_decision"] for case in reference("requests")["requests"]
    } | {"EX-2022-007": "active", today.reference: "active"}
    found = asyncio.run(states())
    assert expected.items() <= found.items()
    under_way = set(found.values()) - set(expected.values())
    assert under_way >= {"draft", "filed", "under_study", "awaiting_information", "awaiting_decision", "preparation"}

    done = ecluse("register", "export", "--party", CAF, "--format", "json", "-o", "-", home=folder, url=address)
    assert done.returncode == 0, done.stderr
    register = json.loads(done.stdout)
    assert register["register"]["party"] == CAF
    assert [line["status"] for line in register["records"]].count("confirmed") == 3  # two active, one in preparation
    before = ecluse(
        "register",
        "export",
        "--party",
        CAF,
        "--format",
        "json",
        "--as-of",
        "2022-09-26",
        "-o",
        "-",
        home=folder,
        url=address,
    )
    (line,) = json.loads(before.stdout)["records"]
    assert (line["status"], line["version"]) == ("draft", 1)
    table = ecluse(
        "register", "export", "--party", "oullins-pierre-benite", "--format", "csv", "-o", "-", home=folder, url=address
    )
    rows = list(csv.reader(io.StringIO(table.stdout.removeprefix("\ufeff")), delimiter=";"))
    assert len(rows) > 2, "the merged municipality holds its predecessors' register"
    public = ecluse(
        "register",
        "export",
        "--party",
        CAF,
        "--format",
        "json",
        "--audience",
        "public",
        "-o",
        "-",
        home=folder,
        url=address,
    )
    assert all("security_measures" not in line["record"] for line in json.loads(public.stdout)["records"])


def test_the_demo_wipes_only_a_folder_of_its_own(tmp_path: Path) -> None:
    from server.demo.build import at_home, prepare_folder
    from server.settings import SettingError, read_settings

    (tmp_path / "precious.txt").write_text("à garder", encoding="utf-8")
    with pytest.raises(SettingError):
        prepare_folder(at_home(read_settings({}), tmp_path))
    assert (tmp_path / "precious.txt").exists()


def test_check_answers_sorted_findings_and_exits_1_when_something_blocks(tmp_path: Path) -> None:
    case = example("EX-2023-003")
    path = tmp_path / "request.json"
    path.write_text(json.dumps(case["request"]), encoding="utf-8")
    done = ecluse("check", path, "--json", home=tmp_path / "none")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert {(f["id"], f["severity"]) for f in answer["findings"]} == {
        (f["id"], f["severity"]) for f in case["expected_findings"]
    }
    order = {"blocking": 0, "warning": 1, "information": 2}
    keys = [(order[f["severity"]], f["id"]) for f in answer["findings"]]
    assert keys == sorted(keys)
    assert answer["rules_version"] == "1.1"


def test_check_exits_0_without_blocking_finding_and_2_on_what_it_cannot_read(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    path.write_text(json.dumps(example("EX-2022-007")["request"]), encoding="utf-8")
    assert ecluse("check", path, home=tmp_path / "none").returncode == 0
    for content in ("{", "[]", '{"titre": 1}'):
        path.write_text(content, encoding="utf-8")
        done = ecluse("check", path, home=tmp_path / "none")
        assert done.returncode == 2, content
        assert "Traceback" not in done.stderr
    assert ecluse("check", tmp_path / "absent.json", home=tmp_path / "none").returncode == 2


def test_a_cell_never_begins_a_formula() -> None:
    from registry.exports.csv import harmless

    for text in ("=1+1", "+1", "-1", "@x", "\t=1", "\r=1"):
        assert harmless(text) == f"'{text}"
    assert harmless("Quotient familial") == "Quotient familial"


def test_check_reads_an_exchange_file_on_the_day_and_by_the_convention_given(tmp_path: Path) -> None:
    path, agreed = tmp_path / "file.json", tmp_path / "convention.json"
    file = {"request": example("EX-2022-007")["request"], "state": "active", "next_review_on": "2023-05-01"}
    path.write_text(json.dumps(file | {"opinoin": None}), encoding="utf-8")
    convention = reference("convention") | {"checks": {"settings": {"retention_months": 6}}, "checks_revision": 3}
    agreed.write_text(json.dumps(convention), encoding="utf-8")
    done = ecluse("check", path, "--convention", agreed, "--today", "2023-06-01", "--json", home=tmp_path / "none")
    answer = json.loads(done.stdout)
    found = {f["id"]: f for f in answer["findings"]}
    assert {"CYC-03", "CONS-02"} <= set(found)
    assert found["CONS-02"]["pointer"] == "/request/retention/0/months"
    assert answer["rules_version"] == "1.1+3"
    assert "opinoin" in done.stderr
    text = ecluse("check", path, "--today", "2023-04-01", home=tmp_path / "none").stdout
    assert "CYC-03" not in text
    assert "CONS-02" not in text


def test_check_proposes_another_way_in_its_text(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    path.write_text(json.dumps(example("EX-2023-009")["request"]), encoding="utf-8")
    done = ecluse("check", path, home=tmp_path / "none")
    assert done.returncode == 1
    assert "Autre voie – API Particulier : " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chek"], "Commande inconnue : « chek »"),
        (["check"], "Il manque l'argument « DEMANDE »"),
        (["check", "a.json", "b.json"], "argument de trop"),
        (["check", "a.json", "--frm", "x"], "Option inconnue : « --frm »"),
        (["check", "a.json", "--today", "2023-02-30"], "« 2023-02-30 » n'est pas une date du calendrier"),
        (["check", "a.json", "--today", "20230201"], "n'est pas une date du calendrier"),
        (["check", "a.json", "--today"], "L'option « --today »"),
        (["check", "absente.json"], "n'existe pas"),
        (["serve", "--port", "99999999"], "de 0 à 65535"),
        (["register", "export", "--party", "x", "--format", "zzz", "-o", "-"], "valeurs admises"),
    ],
)
def test_wrong_usage_is_one_french_sentence_and_exit_2(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = ecluse(*arguments, home=tmp_path / "none")
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_a_convention_file_with_wrong_settings_is_refused_by_check(tmp_path: Path) -> None:
    path, agreed = tmp_path / "request.json", tmp_path / "convention.json"
    path.write_text(json.dumps(example("EX-2022-007")["request"]), encoding="utf-8")
    agreed.write_text(json.dumps(reference("convention") | {"checks": {"settings": {"dpia_criteria": 9}}}), "utf-8")
    done = ecluse("check", path, "--convention", agreed, home=tmp_path / "none")
    assert done.returncode == 2
    assert "/checks/settings/dpia_criteria" in done.stderr


def test_the_nightly_pass_runs_from_the_command_line_and_runs_again(installed: Path, address: str) -> None:
    for day, changed in (("2023-06-01", 0), ("2025-09-01", 0)):
        done = ecluse("nightly", home=installed, url=address, ECLUSE_TODAY=day)
        assert done.returncode == 0, done.stderr
        assert f"0 échanges en cours relus, {changed} constats changés" in done.stdout
    answer = json.loads(ecluse("nightly", "--json", home=installed, url=address, ECLUSE_TODAY="2025-09-01").stdout)
    assert answer == {"day": "2025-09-01", "examined": 0, "changes": []}


def test_the_catalogue_is_listed_in_french_and_as_data(tmp_path: Path) -> None:
    listed = ecluse("checks", "list", home=tmp_path / "none").stdout.splitlines()
    items = json.loads(ecluse("checks", "list", "--json", home=tmp_path / "none").stdout)
    assert len(listed) == len(items) == 113
    assert listed[0].startswith("CONV-01")
    assert items[0]["when"] in listed[0]
    assert items[0]["trigger"].startswith("Any data_nature")


def test_every_format_is_exported_and_a_manifest_travels_with_it(installed: Path, address: str, tmp_path: Path) -> None:
    for form, suffix, embeds in (("ods", "ods", True), ("jsonld", "jsonld", False), ("ciso-xlsx", "zip", False)):
        path = tmp_path / f"registre.{suffix}"
        done = ecluse("register", "export", "--party", SGL, "--format", form, "-o", path, home=installed, url=address)
        assert done.returncode == 0, done.stderr
        assert "1 fiches" in done.stderr, "the tool's own record"
        beside = path.with_name(path.name + ".manifeste.json")
        assert beside.exists() is not embeds
        if not embeds:
            manifest = json.loads(beside.read_text(encoding="utf-8"))
            assert manifest["file_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    wrong = ("--party", SGL, "--format", "ciso-xlsx", "--kind", "processor", "-o", tmp_path / "x.zip")
    assert ecluse("register", "export", *wrong, home=installed, url=address).returncode == 2
    unknown = ecluse(
        "register", "export", "--party", "x", "--format", "csv", "-o", tmp_path / "x.csv", home=installed, url=address
    )
    assert unknown.returncode == 2
    assert SGL in unknown.stderr
    assert not list(tmp_path.glob("*.part"))


def test_a_register_is_imported_from_the_command_line(installed: Path, address: str, tmp_path: Path) -> None:
    def imported(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
        return ecluse("register", "import", path, "--party", SGL, *options, home=installed, url=address)

    path = tmp_path / "registre.json"
    path.write_text(json.dumps({"records": [{"record": {"title": "Cantine", "record_reference": "C-1"}}]}))
    preview = imported(path, "--dry-run")
    assert (preview.returncode, "1 seraient créées" in preview.stdout) == (0, True), preview.stderr
    done = imported(path)
    assert (done.returncode, "Créée : C-1 — Cantine" in done.stdout) == (0, True), done.stderr
    assert json.loads(imported(path, "--json").stdout)["unchanged"] == 1
    path.write_text(json.dumps({"records": [{"record": {"title": 3}}]}))
    refused = imported(path, "--dry-run")
    assert (refused.returncode, "records/0/title" in refused.stderr) == (1, True)
    refused = imported(path)
    assert (refused.returncode, "records/0/title" in refused.stderr) == (2, True)
    path.write_bytes(b"bonjour")
    assert imported(path).returncode == 2


def test_an_exported_register_is_verified_from_the_command_line(installed: Path, address: str, tmp_path: Path) -> None:
    source = tmp_path / "source.json"
    source.write_text(json.dumps({"records": [{"record": {"title": "Cantine", "record_reference": "C-1"}}]}))
    ecluse("register", "import", source, "--party", SGL, home=installed, url=address)
    for form, name in (("ods", "registre.ods"), ("csv", "registre.csv")):
        path = tmp_path / name
        done = ecluse("register", "export", "--party", SGL, "--format", form, "-o", path, home=installed, url=address)
        assert done.returncode == 0, done.stderr
        coherent = ecluse("verify", path, home=tmp_path / "none")
        assert coherent.returncode == 1
        assert "non comparé à une clé connue" in coherent.stdout
        assert "Fiches conformes à l'export : 2 sur 2" in coherent.stdout
        manifest = json.loads(ecluse("verify", path, "--json", home=tmp_path / "none").stdout)["reports"][0]["manifest"]
        vkey = manifest["record"]["recorder"][0]
        kept = ecluse("verify", path, "--key", vkey, home=tmp_path / "none")
        assert (kept.returncode, "Vérifié" in kept.stdout) == (0, True), kept.stdout + kept.stderr
    path.write_bytes(path.read_bytes().replace(b"Cantine", b"Cantina"))
    changed = ecluse("verify", path, "--key", vkey, home=tmp_path / "none")
    assert changed.returncode == 1
    assert "n'a pas l'empreinte" in changed.stdout
