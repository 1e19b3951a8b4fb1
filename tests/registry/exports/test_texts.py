"""CSV, JSON, Madis's columns, CISO Assistant's workbooks, JSON-LD; and the manifest of every export."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from registry.exports import FORMATS
from registry.exports.ciso import SHEETS
from registry.exports.csv import harmless
from registry.exports.export import write_export
from registry.exports.madis import COLUMNS
from registry.exports.manifest import records_digest
from registry.processing.normal import fingerprint
from tests.registry.exports.samples import RECORD, exported, heading, hostile_lines, line


def _csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


async def test_csv_is_for_a_french_spreadsheet_and_no_cell_begins_a_formula() -> None:
    content, _ = await exported("csv", hostile_lines())
    assert content.startswith(b"\xef\xbb\xbf")
    rows = _csv(content)
    assert len(rows) == len(hostile_lines()) + 1
    for row in rows:
        for cell in row:
            assert not cell.lstrip(" \u00a0\u200b\ufeff").startswith(tuple("=+-@\t\r＝＋－＠")), cell
    (row,) = _csv((await exported("csv", [line()]))[0])[1:]
    assert "02/04/2023" in row
    assert "Base de l'article 6 : Mission d'intérêt public" in row[rows[0].index("Base légale (complément)")]


@pytest.mark.parametrize("text", ["=1", " =1", "\u00a0+1", "\u200b-1", "\ufeff@x", "＝1", "\t1", "\r1", "\n=1"])
def test_a_beginning_that_would_run_is_made_harmless(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("Quotient familial = revenu / parts") == "Quotient familial = revenu / parts"


async def test_json_gives_records_back_untouched() -> None:
    lines = hostile_lines()
    content, manifest = await exported("json", lines)
    document = json.loads(content)
    assert document["records"] == lines
    assert document["manifest"] == manifest
    assert document["register"]["complete"] is True


async def test_madis_columns_are_its_own_in_its_order() -> None:
    content, _ = await exported("madis-csv", [line(), *hostile_lines()])
    header, row, *_ = _csv(content)
    assert header == list(COLUMNS)
    assert len(header) == 86
    at = {number: header[number - 1] for number in (1, 5, 22, 23, 36, 41, 45, 48, 57, 60, 68, 72, 86)}
    assert at == {
        1: "Nom", 5: "En tant que", 22: "Historique - Date de modification",
        23: "Détails - Personnes concernées - Particuliers", 36: "Détails - Personnes concernées - Usagers - Commentaire",
        41: "Détails - Traitement papier", 45: "Détails - Origine des données",
        48: "Mesures de sécurité et confidentialité - Contrôle d'accès - Commentaire",
        57: "Mesures de sécurité et confidentialité - À tout moment il est possible de ressortir les personnes habilitées",
        60: "Traitement spécifique - Surveillance systématique", 68: "Nb Preuves",
        72: "Conformité du traitement - Question : Finalités : déterminées, explicites et légitime",
        86: "Conformité du traitement - Question : Transferts : respect des obligations en matière de transfert des données en dehors de l'Union Européenne",
    }  # fmt: skip
    filled = dict(zip(header, row, strict=True))
    assert filled["En tant que"] == "Responsabilité conjointe"
    assert filled["Base légale"] == "L'exécution d'une mission d'intérêt public"
    assert filled["Structure - Code INSEE"] == "69204"
    assert filled["Détails - Délai de conservation - Durée"] == "1: 24 mois\n2: Fin du litige"
    assert filled["Détails - Moyens de la collecte"] == "Liste reçue"


async def test_ciso_assistant_gets_a_workbook_per_record(tmp_path: Any) -> None:
    content, _ = await exported("ciso-xlsx", [line(1), line(2)])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["T-2023-001.xlsx", "T-2023-002.xlsx"]
        several = archive.read("T-2023-001.xlsx")
    alone, _ = await exported("ciso-xlsx", [line(1)], filters={"entry": "x"})
    assert alone == several
    (tmp_path / "x.xlsx").write_bytes(alone)
    book = CalamineWorkbook.from_path(str(tmp_path / "x.xlsx"))
    assert book.sheet_names == list(SHEETS)
    for name, columns in SHEETS.items():
        assert book.get_sheet_by_name(name).to_python()[0] == list(columns)
    rows = book.get_sheet_by_name("Personal data").to_python()
    assert rows[1][2:6] == ["privacy_financial_data", "24 mois", "", "False"]
    assert {row[2] for row in book.get_sheet_by_name("Data recipients").to_python()[1:]} == {
        "privacy_internal_team", "privacy_government_entity", "privacy_data_processor", "privacy_other",
        "privacy_joint_controller",
    }  # fmt: skip


@pytest.mark.parametrize("form", sorted(FORMATS))
async def test_the_manifest_names_every_record_by_its_fingerprint(form: str) -> None:
    lines = [line(1), line(2, RECORD | {"title": "Autre"})]
    content, manifest = await exported(form, lines)
    assert manifest["records"] == [f"{fingerprint(item['record'])} 1 confirmed {item['reference']}" for item in lines]
    assert manifest["records_sha256"] == records_digest(manifest["records"])
    assert (manifest["count"], manifest["format"], manifest["complete"]) == (2, form, True)
    assert (manifest["record"], manifest["head"]) == (None, None)
    expected = None if FORMATS[form].embeds else hashlib.sha256(content).hexdigest()
    assert manifest["file_sha256"] == expected


@pytest.mark.parametrize("form", sorted(FORMATS))
async def test_an_export_is_sealed_on_the_facts_of_its_manifest(form: str) -> None:
    seen: list[dict[str, Any]] = []
    sealing = {"record": "enregistrement signé\n", "head": "tête\n", "receipt": "reçu\n"}

    async def seal(facts: dict[str, Any]) -> dict[str, str]:
        seen.append(facts)
        return sealing

    async def batches() -> Any:
        yield [line(1)]

    manifest = await write_export(FORMATS[form], heading(), batches(), io.BytesIO(), seal)
    (facts,) = seen
    assert manifest == {**facts, "records": manifest["records"], **sealing}
    assert "records" not in facts


@pytest.mark.parametrize("form", ["ods", "xlsx"])
async def test_a_step_that_raises_stops_the_export(form: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    calls: list[None] = []

    class Stopped(Exception):
        pass

    def stop() -> None:
        calls.append(None)
        if len(calls) == 2:
            raise Stopped

    async def batches() -> Any:
        yield [line(1)]

    with pytest.raises(Stopped):
        await write_export(FORMATS[form], heading(), batches(), io.BytesIO(), step=stop)
    assert list(tmp_path.iterdir()) == []
