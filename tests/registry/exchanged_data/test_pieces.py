"""What is read of an uploaded piece: tables, office documents, PDF files, archives; and within which bounds."""

import gzip
import io
import json
import zipfile
import zlib

import pytest

from registry.exchanged_data import ExchangedData, refuse_in_piece
from registry.exchanged_data.pieces import bounds, texts_of
from registry.exchanged_data.pieces.bounds import TooLargeToRead

NIR = "184127645108946"
PEOPLE = [("DUPONT", "Marie", "12/03/1984"), ("MARTIN", "Paul", "01/02/1990"), ("DURAND", "Zoé", "30/11/2001")]


def packed(**members: bytes | str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return file.getvalue()


def xlsx(cells: list[tuple[str, ...]]) -> bytes:
    """A spreadsheet as office programs write it: strings apart, cells that point to them."""
    strings = [value for row in cells for value in row]
    shared = "".join(f"<si><t>{value}</t></si>" for value in strings)
    rows, index = "", 0
    for number, row in enumerate(cells, 1):
        points = "".join(f'<c r="A{number}" t="s"><v>{index + i}</v></c>' for i in range(len(row)))
        rows, index = rows + f'<row r="{number}">{points}</row>', index + len(row)
    return packed(
        xl__sharedStrings_dot_xml=f'<sst count="{len(strings)}">{shared}</sst>',
        xl__worksheets__sheet1_dot_xml=f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
    )


def ods(cells: list[tuple[str, ...]]) -> bytes:
    rows = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{value}</text:p></table:table-cell>" for value in row)
        + "</table:table-row>"
        for row in cells
    )
    return packed(content_dot_xml=f"<office:document-content>{rows}</office:document-content>")


def docx_table(cells: list[tuple[str, ...]]) -> bytes:
    rows = "".join(
        "<w:tr>" + "".join(f"<w:tc><w:p><w:r><w:t>{v}</w:t></w:r></w:p></w:tc>" for v in row) + "</w:tr>"
        for row in cells
    )
    return packed(word__document_dot_xml=f"<w:document><w:body><w:tbl>{rows}</w:tbl></w:body></w:document>")


def odt(lines: list[str]) -> bytes:
    return packed(content_dot_xml="".join(f"<text:p>{line}</text:p>" for line in lines))


def pdf(lines: list[str], *, compressed: bool = True, hexadecimal: bool = False) -> bytes:
    def shown(line: str) -> bytes:
        raw = line.encode("cp1252")
        return b"<" + raw.hex().encode() + b">" if hexadecimal else b"(" + raw.replace(b"(", rb"\(") + b")"

    stream = b"BT /F1 12 Tf " + b" ".join(b"0 -14 Td " + shown(line) + b" Tj" for line in lines) + b" ET"
    body = zlib.compress(stream) if compressed else stream
    head = b"<< /Length %d %s>>" % (len(body), b"/Filter /FlateDecode " if compressed else b"")
    return b"%PDF-1.7\n1 0 obj\n" + head + b"\nstream\n" + body + b"\nendstream\nendobj\n%%EOF"


LINES = [" ".join(row) for row in PEOPLE]
CSV = "\n".join(";".join(row) for row in PEOPLE)
PIECES = {
    "csv": CSV.encode(),
    "csv of Windows": CSV.encode("cp1252"),
    "csv with its mark": CSV.encode("utf-8-sig"),
    "utf-16": CSV.encode("utf-16"),
    "xlsx": xlsx(PEOPLE),
    "ods": ods(PEOPLE),
    "docx": docx_table(PEOPLE),
    "odt": odt(LINES),
    "pdf": pdf(LINES),
    "pdf in the clear": pdf(LINES, compressed=False),
    "pdf in hexadecimal": pdf(LINES, hexadecimal=True),
    "csv in an archive": packed(extraction_dot_csv=CSV),
    "spreadsheet in an archive": packed(extraction_dot_xlsx=xlsx(PEOPLE)),
    "a number in a spreadsheet": packed(xl__worksheets__sheet1_dot_xml=f"<row><c><v>{NIR}</v></c></row>"),
    "a number in a text": f"NIR {NIR}".encode(),
    "a number in an old document": b"\xd0\xcf\x11\xe0" + b"\x00" * 64 + NIR.encode("utf-16-le"),
    "utf-16 without its mark": CSV.encode("utf-16-be"),
    "utf-32": CSV.encode("utf-32"),
    "gzip": gzip.compress(CSV.encode(), mtime=0),
    "an archive behind other bytes": b"GIF89a" + packed(extraction_dot_csv=CSV),
    "a table under another name in an archive": packed(extraction_dot_dat=CSV, folder__reading=b"rien"),
    "a name in an archive": packed(**{f"{NIR}_dot_png": b"\x89PNG"}),
    "a web page": ("<html><table>" + "".join(f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in PEOPLE)).encode(),
    "json": json.dumps([dict(zip(("nom", "prenom", "naissance"), row, strict=True)) for row in PEOPLE]).encode(),
    "json lines": "\n".join(json.dumps({"nom": row[0], "prenom": row[1], "ne": row[2]}) for row in PEOPLE).encode(),
    "a number with an exponent": packed(content_dot_xml='<table:table-cell office:value="1.84127645108946E+14"/>'),
    "an announced table with dates as numbers": xlsx([("nom", "naissance"), ("a", "1"), ("b", "2"), ("c", "3")]),
}


@pytest.mark.parametrize("content", PIECES.values(), ids=list(PIECES))
def test_a_piece_with_exchanged_data_is_refused_and_shows_nothing_of_it(content: bytes) -> None:
    with pytest.raises(ExchangedData) as refused:
        refuse_in_piece(content)
    said = str(refused.value) + str(refused.value.details)
    assert refused.value.details[0]["pointer"] == "/file"
    assert not any(name in said for row in PEOPLE for name in row)
    assert NIR[3:] not in said


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Mention d'information.",
        b"%PDF-1.7\nnothing",
        b"%PDF-1.7\nstream\nnot deflated\nendstream",
        b"PK\x03\x04 not an archive",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        xlsx([("Quartier", "Foyers"), ("Nord", "125"), ("Sud", "98"), ("Est", "77")]),
        docx_table([("Donnée", "Durée"), ("Quotient familial", "12 mois"), ("Identité", "12 mois")]),
        pdf(["Mention d'information (article 14)", "Vos droits", "Contactez le délégué"]),
        gzip.compress(b"Mention d'information.", mtime=0),
        b"\x1f\x8b\x08 not an archive",
        b'{"quartier": "Nord", "foyers": 125}\n{"quartier": "Sud", "foyers": 98}',
        b"[1, 2",
        b"<html><p>Vos droits<p>Contactez le service</html>",
        packed(readme_dot_txt="Rien", folder__image_dot_png=b"\x89PNG"),
    ],
)
def test_an_ordinary_piece_is_admitted(content: bytes) -> None:
    refuse_in_piece(content)


@pytest.mark.parametrize("filling", ["rien\n", "rien "])
@pytest.mark.parametrize("length", [199_980, 199_990, 200_000, 410_000])
def test_a_long_text_is_read_to_its_end(filling: str, length: int) -> None:
    around = (filling * length)[:length]
    refuse_in_piece(around.encode())
    with pytest.raises(ExchangedData):
        refuse_in_piece(f"{around} {NIR} {around}".encode())
    with pytest.raises(ExchangedData):
        refuse_in_piece(f"{around}\n{CSV}\n{around}".encode())


def test_a_small_archive_that_unpacks_without_end_is_refused() -> None:
    bomb = packed(content_dot_xml=b"<a>" + b" " * (bounds.UNPACKED + 1))
    assert len(bomb) < 100_000
    with pytest.raises(TooLargeToRead):
        refuse_in_piece(bomb)


def test_archives_within_archives_share_one_bound_and_go_only_so_deep() -> None:
    half = packed(a_dot_txt=b"x" * (bounds.UNPACKED * 2 // 3))
    with pytest.raises(TooLargeToRead):
        refuse_in_piece(packed(one_dot_zip=half, two_dot_zip=half))
    nested = packed(a_dot_txt="x")
    for _ in range(4):
        nested = packed(inner_dot_zip=nested)
    with pytest.raises(TooLargeToRead):
        refuse_in_piece(nested)


def test_a_pdf_stream_that_inflates_without_end_is_refused() -> None:
    content = b"%PDF-1.7\nstream\n" + zlib.compress(b" " * (bounds.UNPACKED + 10)) + b"\nendstream"
    with pytest.raises(TooLargeToRead):
        refuse_in_piece(content)


def test_entities_are_never_expanded() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><text:p>&b;&b;</text:p>'
    assert "aaaaaaaaaaaaaaaaaaaa" not in "".join(texts_of(packed(content_dot_xml=laughs)))
