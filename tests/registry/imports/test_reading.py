"""Files of others read into records: tolerant of habits, exact on our own, refused in words with the cell."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.exports.cnil.workbook import FICHES
from registry.imports import Unreadable, read_file
from registry.imports.exported import read_export
from registry.imports.reading import RECORDS, REFUSED
from registry.imports.sheets import letters
from registry.imports.values import Unknown, country, day, known, number, plain
from registry.processing.normal import fingerprint, normal
from schemas import schema
from tests.registry.conformity.documents import of_schema
from tests.registry.exports.samples import RECORD, exported, hostile_lines, line

if TYPE_CHECKING:
    from collections.abc import Callable

    from registry.imports import Reading

FORMS = ("json", "ods", "xlsx")


async def _back(form: str, lines: list[dict[str, Any]], tmp_path: Path, **changes: Any) -> Reading:
    path = tmp_path / f"registre.{form}"
    path.write_bytes((await exported(form, lines, **changes))[0])
    return read_file(path)


def _by_hand(tmp_path: Path, fill: Callable[[Any], None], name: str = "Ma fiche") -> Reading:
    path = tmp_path / "main.xlsx"
    book = xlsxwriter.Workbook(path)
    fill(book.add_worksheet(name))
    book.close()
    return read_file(path)


@pytest.mark.parametrize("form", FORMS)
async def test_what_is_exported_is_read_back_the_same(form: str, tmp_path: Path) -> None:
    lines = [*hostile_lines(), line(99)]
    reading = await _back(form, lines, tmp_path)
    assert (reading.refused, reading.ignored) == ([], [])
    assert [fingerprint(item.record) for item in reading.items] == [fingerprint(item["record"]) for item in lines]
    assert reading.manifest is not None
    assert [entered.split()[0] for entered in reading.manifest["records"]] == [
        fingerprint(item.record) for item in reading.items
    ]


async def test_a_spreadsheet_is_found_from_the_folder_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "registre.ods").write_bytes((await exported("ods", [line(1)]))[0])
    monkeypatch.chdir(tmp_path)
    assert len(read_file(Path("registre.ods")).items) == 1


def _altered(content: bytes, *changes: tuple[int, int]) -> bytes:
    """An archive with bytes of its first header and of its directory changed: (place in the header, value)."""
    altered = bytearray(content)
    directory = altered.index(b"PK\x01\x02")
    for place, value in changes:
        altered[place] = altered[directory + place + 2] = value
    return bytes(altered)


@pytest.mark.parametrize(
    "changes", [((6, 1),), ((8, 99),), ((14, 7),)], ids=["encrypted", "unknown method", "other checksum"]
)
@pytest.mark.parametrize("name", ["fiche.xlsx", "registre.csv.manifeste.json"])
def test_a_damaged_archive_is_refused_in_words(name: str, changes: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as members:
        members.writestr(name, b"PK" + bytes(100))
        members.writestr("registre.csv", b"a")
    path.write_bytes(_altered(path.read_bytes(), *changes))
    with pytest.raises(Unreadable):
        read_file(path)
    with pytest.raises(Unreadable):
        read_export(path)


@pytest.mark.parametrize("reference", ["A\x01", "A\nB", "A\tB", "A\u202eB", "A\u2028B"])
def test_a_reference_that_no_cell_shows_as_it_is_is_refused(reference: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"records": [{"record": {"record_reference": reference}}]}))
    (problem,) = read_file(path).refused
    assert "caractère" in problem.message
    path.write_text(json.dumps({"records": [{"record": {"record_reference": "N°\u00a012 – école"}}]}))
    assert read_file(path).refused == []


def test_more_lines_than_an_import_may_have_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b'{"records":[' + b"1," * RECORDS + b"1]}")
    with pytest.raises(Unreadable, match=str(RECORDS)):
        read_file(path)


def test_a_file_wrong_everywhere_tells_so_many_points_and_counts_the_others(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"records": [1] * (REFUSED + 3)}))
    refused = read_file(path).refused
    assert (len(refused), refused[-1].message) == (REFUSED + 1, "Et 3 autres points.")


@pytest.mark.parametrize("form", ["ods", "xlsx"])
async def test_a_table_is_read_back_the_same(form: str, tmp_path: Path) -> None:
    long = RECORD | {"purposes": [f"Finalité {n} " + "x" * 400 for n in range(200)]}
    lines = [*hostile_lines(), line(99, long), *(line(n) for n in range(100, FICHES + 100))]
    reading = await _back(form, lines, tmp_path)
    assert reading.refused == []
    assert [normal(item.record) for item in reading.items] == [normal(item["record"]) for item in lines]


@pytest.mark.parametrize("form", FORMS)
async def test_a_processors_register_is_read_back_the_same(form: str, tmp_path: Path) -> None:
    record = {
        "title": "Paie", "processor": {"name": "Commune", "telephone": "+33 4"}, "created_on": "2023-03-01",
        "controllers": [{"name": "Ccas | annexe", "contact_details": "a\\nb\nc"}, {"email": "x : y"}],
        "categories_of_processing": ["Calcul\nde la paie", "Édition"], "next_review_on": "2024-01-31",
    }  # fmt: skip
    reading = await _back(form, [line(1, record, kind="processor")], tmp_path, kind="processor")
    (item,) = reading.items
    assert item.kind == "processor"
    assert normal(item.record) == normal(record | {"record_reference": "T-2023-001"})


@pytest.mark.parametrize("form", ["ods", "xlsx"])
@given(record=of_schema(schema("register_record")))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_valid_record_survives_a_spreadsheet(form: str, record: dict[str, Any], tmp_path: Path) -> None:
    import asyncio

    sent = line(1, record)
    reading = asyncio.run(_back(form, [sent], tmp_path))
    assert reading.refused == []
    assert [normal(item.record) for item in reading.items] == [normal(sent["record"])]


def test_a_sheet_filled_by_hand_is_read_whatever_its_habits(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet.write(2, 0, "DESCRIPTION  DU TRAITEMENT\u00a0")
        sheet.write(3, 0, " nom du traitement :")
        sheet.merge_range(3, 1, 3, 7, "Cantine")
        sheet.write(5, 0, "N° / RÉF")
        sheet.write(5, 1, 12)
        sheet.write(6, 0, "Date de création du traitement")
        sheet.write(6, 1, "3/4/2021")
        sheet.write(9, 0, "acteurs")
        sheet.write(10, 0, "Responsable du traitement")
        sheet.write_row(10, 1, ["Mairie", "1 place", 69230, "Ville", "France", "04", "a@b.example"])
        sheet.write(14, 0, "Finalité(s) du traitement effectué")
        sheet.write_row(15, 0, ["Finalité principale", "", "Nourrir"])
        sheet.write_row(17, 0, ["Sous-finalité 1", "Facturer"])
        sheet.write(18, 0, "Sous-finalité 2")
        sheet.write(20, 0, "Catégories de données personnelles concernées")
        sheet.write_row(21, 0, ["Etat civil, identité, données d’identification, images…", "x", "", "", "2 ans"])
        sheet.write_row(22, 0, ["Données de connexion (adress IP, logs, etc.)", "Journaux"])
        sheet.write_row(23, 0, ["Plat préféré", "Frites"])
        sheet.write(25, 0, "Données sensibles")
        sheet.write_row(26, 0, ["Données concernant la santé", "Allergies"])
        sheet.write(28, 0, "Catégories de personnes concernées")
        sheet.write_row(29, 0, ["Catégorie de personnes 1", "Autres (préciser)", "", "", "Élèves"])
        sheet.write_row(30, 0, ["Catégorie de personnes 2", "Salariés", "", "", "ATSEM"])
        sheet.write(32, 0, "Destinataires")
        sheet.write_row(33, 0, ["Destinataire 1", "Service interne qui traite les données", "", "", "Cuisine"])
        sheet.write_row(34, 0, ["Destinataire 2", "Partenaires institutionnels ou commerciaux", "", "", "Caf"])
        sheet.write(36, 0, "Mesures de sécurité")
        sheet.write_row(37, 0, ["Mesure de sécurité 1", "Sauvegarde des données", "", "", "Chaque nuit"])
        sheet.write_row(38, 0, ["Mesure de sécurité 2", "Antivirus"])
        sheet.write(40, 0, "Transferts hors UE")
        sheet.write_row(41, 0, ["Organisme destinataire 1", "Hébergeur", "États-Unis", "Pays adéquat"])

    reading = _by_hand(tmp_path, fill)
    (item,) = reading.items
    assert reading.refused == []
    assert [(p.place, "Plat préféré" in p.message) for p in reading.ignored] == [("Ma fiche!A24", True)]
    assert item.silent == ("supplement", "time_limits_for_erasure")
    assert item.record == {
        "title": "Cantine", "record_reference": "12", "created_on": "2021-04-03",
        "controller": {"name": "Mairie", "address": "1 place", "postal_code": "69230", "city": "Ville",
                       "country": "France", "telephone": "04", "email": "a@b.example"},
        "purposes": ["Nourrir", "Facturer"],
        "categories_of_personal_data": [
            {"category": "identity", "retention": "2 ans"}, {"category": "connection", "description": "Journaux"},
            {"category": "health", "description": "Allergies"},
        ],
        "categories_of_data_subjects": ["Élèves", "Salariés : ATSEM"],
        "categories_of_recipients": [
            {"type": "internal_department", "name": "Cuisine"},
            {"name": "Caf", "details": "Partenaires institutionnels ou commerciaux"},
        ],
        "security_measures": [{"kind": "backup", "details": "Chaque nuit"}, {"kind": "other", "details": "Antivirus"}],
        "transfers": [{"recipient": "Hébergeur", "country": "US", "safeguard": "adequacy_decision"}],
    }  # fmt: skip


def test_what_cannot_be_read_is_refused_with_its_cell(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet.write(0, 0, "Description du traitement")
        sheet.write_row(1, 0, ["Nom du traitement", "x" * 501])
        sheet.write_row(2, 0, ["Date de création du traitement", "31/02/2021"])
        sheet.write(3, 0, "Finalité(s) du traitement effectué")
        sheet.write(4, 0, "Transferts hors UE")
        sheet.write_row(5, 0, ["Organisme destinataire 1", "Hébergeur", "Atlantide", "Privacy shield"])

    reading = _by_hand(tmp_path, fill)
    assert {p.place: p.message for p in reading.refused} == {
        "Ma fiche!B3": "« 31/02/2021 » n'est pas une date (JJ/MM/AAAA attendu).",
        "Ma fiche!C6": "Pays inconnu : « Atlantide ».",
        "Ma fiche!D6": "Le « Privacy shield » a été annulé (CJUE, 16 juillet 2020) : indiquez la garantie actuelle.",
        "Ma fiche!B2": next(p.message for p in reading.refused if p.place == "Ma fiche!B2"),
    }
    assert "500" in next(p.message for p in reading.refused if p.place == "Ma fiche!B2")


async def test_exchanged_data_are_refused_with_their_cell(tmp_path: Path) -> None:
    record = RECORD | {"title": "Dossier de 1 85 05 78 006 084 91"}
    for form, place in (("json", "records/0"), ("ods", "T-2023-001!B4")):
        reading = await _back(form, [line(1, record)], tmp_path)
        assert [p.place for p in reading.refused] == [place]
        assert "1 85 05 78 006 084 91" not in reading.refused[0].message


async def test_a_reference_used_twice_is_refused(tmp_path: Path) -> None:
    reading = await _back("json", [line(1), line(1)], tmp_path)
    assert [p.place for p in reading.refused] == ["records/1"]


async def test_a_public_version_is_not_imported(tmp_path: Path) -> None:
    for form in FORMS:
        reading = await _back(form, [line(1, audience="public")], tmp_path, audience="public")
        assert any("version publique" in p.message for p in reading.refused), form


async def test_a_workbook_of_ciso_assistant_is_read(tmp_path: Path) -> None:
    path = tmp_path / "registre.zip"
    path.write_bytes((await exported("ciso-xlsx", [line(1), line(2)]))[0])
    reading = read_file(path)
    assert reading.refused == []
    assert [item.record["record_reference"] for item in reading.items] == ["T-2023-001", "T-2023-002"]
    record = reading.items[0].record
    assert record["purposes"] == RECORD["purposes"]
    assert record["categories_of_data_subjects"] == RECORD["categories_of_data_subjects"]
    assert record["joint_controllers"] == [{"name": "Ccas"}, {"name": "Métropole"}]
    assert record["supplement"]["legal_basis"] == {"article_6": "public_interest_task"}
    assert record["categories_of_personal_data"][2]["category"] == "health"
    assert reading.items[0].place.startswith("T-2023-001.xlsx/")

    def english(sheet: Any) -> None:
        sheet.write_row(0, 0, ["ref_id", "name", "dpia_required"])
        sheet.write_row(1, 0, ["R1", "Cantine", "true"])

    (item,) = _by_hand(tmp_path, english, "PROCESSING").items
    assert item.record == {"record_reference": "R1", "title": "Cantine", "supplement": {"dpia": {"status": "not_done"}}}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "ni un registre"), (b"bonjour", "ni un registre"), (b"{", "lisible"), (b"[]", "records"),
        (b'{"records": 3}', "records"), (b"PK\x03\x04nope", "illisible"), (b"[" * 100_000, "lisible"),
    ],
)  # fmt: skip
def test_what_is_no_register_is_refused_in_words(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=words):
        read_file(path)


def test_an_unpacked_size_beyond_bounds_is_refused_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "bomb.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", b"0" * (201 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(Unreadable, match="décompressé"):
        read_file(path)


def test_repeated_rows_and_a_billion_laughs_do_not_take_the_memory(tmp_path: Path) -> None:
    spaces = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    row = '<table:table-row table:number-rows-repeated="900000000"><table:table-cell table:number-columns-repeated="16000"><text:p>x</text:p></table:table-cell></table:table-row>'
    laughs = (
        "<!DOCTYPE x [<!ENTITY a0 'ha'>"
        + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
        + "]>"
    )
    for prefix, body in (("", row), (laughs, row.replace("900000000", "1").replace(">x<", ">&a9;<"))):
        path = tmp_path / "bomb.ods"
        text = f'{prefix}<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="A">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("META-INF/manifest.xml", "<manifest/>")
            archive.writestr("content.xml", text)
        with pytest.raises(Unreadable):
            read_file(path)


@given(st.binary(max_size=400))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_reading_any_bytes_gives_a_reading_or_a_refusal(tmp_path: Path, content: bytes) -> None:
    for beginning in (b"", b"{", b'{"records":[', b"PK\x03\x04"):
        path = tmp_path / "any"
        path.write_bytes(beginning + content)
        try:
            read_file(path)
        except Unreadable as error:
            assert error.sentence


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
        max_leaves=10,
    )
)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_json_record_is_read_or_refused_with_its_place(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "any.json"
    for document in ({"records": [value]}, {"records": [{"record": value}]}, {"records": [], "manifest": value}):
        path.write_text(json.dumps(document), encoding="utf-8")
        reading = read_file(path)
        assert all(problem.message for problem in reading.refused)


def test_values_are_read_as_people_type_them() -> None:
    assert [day(text) for text in ("01/03/2023", "1-3-2023", "2023-03-01", "44986", " 1.3.2023 ")] == ["2023-03-01"] * 5
    assert country("Etats-Unis") == "US"
    assert country("us") == "us"
    assert known("recipient_kind", "Partenaires institutionnels ou commerciaux") is None
    assert plain(" Donnees\u00a0 d’identité : ") == "donnees d'identite"
    assert number("12") == 12
    for read, text in ((day, "0/0/2023"), (day, "demain"), (number, "-1"), (number, "²"), (country, "Atlantide")):
        with pytest.raises(Unknown):
            read(text)
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
