"""ODS and XLSX in the structure of the CNIL's simplified register, for every reader; nothing ever runs."""

from __future__ import annotations

import csv
import io
import subprocess
import zipfile
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from python_calamine import CalamineWorkbook

from registry.exports.cnil import labels
from registry.exports.cnil.workbook import FICHES, sheet_name
from registry.exports.table import CELL_LIMIT, CONTINUED, split, titles
from tests.registry.exports.samples import HOSTILE, RECORD, exported, hostile_lines, line, program

if TYPE_CHECKING:
    from pathlib import Path

FORMS = ("ods", "xlsx")


def _open(content: bytes, tmp_path: Path, form: str) -> CalamineWorkbook:
    path = tmp_path / f"registre.{form}"
    path.write_bytes(content)
    return CalamineWorkbook.from_path(str(path))


def _rows(book: CalamineWorkbook, sheet: str) -> list[list[Any]]:
    return book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)


@pytest.mark.parametrize("form", FORMS)
async def test_sheets_and_rows_stand_where_the_cnil_puts_them(form: str, tmp_path: Path) -> None:
    book = _open((await exported(form, [line(1, {"title": "Minimale"}), line(2)]))[0], tmp_path, form)
    assert book.sheet_names == [
        "Tutoriel", "2_-_Liste_des_traitements", "3_-_Modèle_de_fiche_de_registre", "4_-_Exemple_de_fiche",
        "5_-_Listes", "T-2023-001", "T-2023-002", "Manifeste",
    ]  # fmt: skip
    rows = _rows(book, "T-2023-001")
    at = {
        3: "Description du traitement ", 4: "Nom du traitement", 7: "Mise à jour du traitement", 9: "Acteurs",
        10: "Responsable du traitement", 12: "Société du DPO (si celui-ci est externe)", 14: "Responsable(s) conjoint(s)",
        16: "Finalité(s) du traitement effectué", 17: "Finalité principale", 22: "Sous-finalité 5",
        24: "Catégories de données personnelles concernées", 28: "Données de connexion (adress IP, logs, etc.)",
        30: "Numéro de Sécurité Sociale (ou NIR)", 32: "Données sensibles", 39: "Données concernant la santé",
        41: "Données relatives à des condamnations pénales ou infractions", 43: "Catégories de personnes concernées",
        44: "Catégorie de personnes 1", 47: "Destinataires", 51: "Destinataire 4", 53: "Mesures de sécurité",
        56: "Mesure de sécurité 3", 58: "Transferts hors UE", 62: "Organisme destinataire 4",
    }  # fmt: skip
    assert {number: rows[number - 1][0] for number in at} == at
    assert rows[3][1] == "Minimale"
    listed = _rows(book, "2_-_Liste_des_traitements")
    assert listed[7][:4] == [
        "Nom du traitement", "N° / RÉF", "Date de création de la fiche", "Dernière mise à jour de la fiche",
    ]  # fmt: skip
    assert [row[1] for row in listed[9:]] == ["T-2023-001", "T-2023-002"]
    assert listed[10][7] == "Oui"
    assert listed[0][2] == "Commune de Saint-Genis-Laval"
    assert listed[5][8] == "dpd@sgl.example"


async def test_both_formats_have_the_same_content(tmp_path: Path) -> None:
    books = [_open((await exported(form, hostile_lines()))[0], tmp_path, form) for form in FORMS]
    assert books[0].sheet_names == books[1].sheet_names
    for name in books[0].sheet_names[:-1]:
        ods, xlsx = ([[cell for cell in row if cell != ""] for row in _rows(book, name)] for book in books)
        assert [row for row in ods if row] == [row for row in xlsx if row], name


@pytest.mark.parametrize("form", FORMS)
async def test_no_cell_is_a_formula_or_a_link(form: str, tmp_path: Path) -> None:
    content, _ = await exported(form, hostile_lines())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith(".xml"):
                for element in ET.fromstring(archive.read(name)).iter():
                    assert element.tag.rpartition("}")[2] not in {"f", "a", "hyperlink"}, name
                    assert not any(key.endswith("}formula") for key in element.attrib)


@pytest.mark.parametrize("form", FORMS)
async def test_an_export_is_the_same_bytes_every_time(form: str) -> None:
    lines = [line(n) for n in range(1, 4)]
    assert (await exported(form, lines))[0] == (await exported(form, lines))[0]


@pytest.mark.parametrize("form", FORMS)
async def test_many_records_are_the_rows_of_one_table(form: str, tmp_path: Path) -> None:
    lines = [line(n) for n in range(1, FICHES + 2)]
    book = _open((await exported(form, lines))[0], tmp_path, form)
    assert book.sheet_names[-2:] == [labels.TABLE, labels.MANIFEST]
    rows = _rows(book, labels.TABLE)
    assert rows[0] == titles("controller")
    assert len(rows) == len(lines) + 1
    assert rows[1][rows[0].index("Nom du traitement")] == RECORD["title"]


@pytest.mark.parametrize("form", FORMS)
async def test_a_processors_register_is_a_table_of_its_own(form: str, tmp_path: Path) -> None:
    record = {"title": "Paie", "controllers": [{"name": "Ccas"}], "categories_of_processing": ["Calcul"]}
    content, _ = await exported(form, [line(1, record, kind="processor")], kind="processor")
    book = _open(content, tmp_path, form)
    assert book.sheet_names == [labels.TABLE, labels.MANIFEST]
    assert "Nom ou fonction : Ccas" in str(_rows(book, labels.TABLE)[1])


@pytest.mark.parametrize("form", FORMS)
async def test_libreoffice_opens_what_is_exported(form: str, tmp_path: Path) -> None:
    soffice = program("soffice")
    (tmp_path / f"registre.{form}").write_bytes((await exported(form, [*hostile_lines(), line(99)]))[0])
    subprocess.run(
        [soffice, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
         "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false,false,false,-1", "--outdir", tmp_path / "csv",
         tmp_path / f"registre.{form}"],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    sheets = {path.stem.removeprefix("registre-"): path for path in (tmp_path / "csv").iterdir()}
    assert {labels.TUTORIAL, labels.LIST, labels.TEMPLATE, labels.EXAMPLE, labels.LISTS} <= set(sheets)
    rows = list(csv.reader(io.StringIO(sheets["T-2023-099"].read_text(encoding="utf-8")), delimiter=";"))
    assert rows[3][:2] == ["Nom du traitement", RECORD["title"]]
    assert rows[5][1] == "01/03/2023"
    formula = list(csv.reader(io.StringIO(sheets["T-2023-001"].read_text(encoding="utf-8")), delimiter=";"))
    assert formula[3][1] == HOSTILE[0] == "=1+1"


async def test_the_public_version_says_what_it_keeps_back(tmp_path: Path) -> None:
    content, manifest = await exported("ods", [line(1, audience="public")], audience="public")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("content.xml").decode()
    for secret in ("AES-SECRET", "DPF-42", "Marché 14"):
        assert secret not in text
    assert "Non communiqué" in text
    assert "Version publique" in text
    assert not manifest["complete"]


@pytest.mark.parametrize("length", [CELL_LIMIT - 1, CELL_LIMIT, CELL_LIMIT + 1, 3 * CELL_LIMIT])
def test_a_text_longer_than_a_cell_continues_on_further_rows(length: int) -> None:
    text = "\n".join(["x" * 999] * (length // 1000) + ["y" * (length % 1000)])
    row = [text, "court", "Confirmée", 1, "e", "", ""]
    parts = list(split(row))
    assert all(len(str(part[0] or "")) <= CELL_LIMIT for part in parts)
    assert "\n".join(str(part[0]) for part in parts) == text
    assert [part[1] for part in parts] == ["court", *[None] * (len(parts) - 1)]
    assert all(part[2] == CONTINUED for part in parts[1:])


def test_names_of_sheets_are_accepted_by_every_program_and_differ() -> None:
    taken: set[str] = set()
    names = [sheet_name(text, taken) for text in ("T/1", "t:1", "", "*" * 50, "*" * 50, "=1", "'")]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in names)
