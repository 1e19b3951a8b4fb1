"""PDFs: archivable, accessible, sealed, stamped; with the register attached byte for byte, whatever people typed."""

from __future__ import annotations

import io
import json
import subprocess
from typing import TYPE_CHECKING, Any

import page
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from registry.exports import FORMATS, SealKey, sealed, write_export
from registry.exports.pdf import NotMade, Pdf, Section, make
from registry.exports.pdf.document import drawable
from registry.exports.pdf.register import SHEETS
from tests.registry.exports.authorities import Authority, stamping
from tests.registry.exports.samples import HOSTILE, exported, heading, hostile_lines, line, program

if TYPE_CHECKING:
    from pathlib import Path


def _archivable(content: bytes) -> None:
    """page-validation judges, PDF/A-3a and PDF/UA-1 alike. A stream that happens to end with a line end makes its rule
    on lengths speak in error; qpdf checks lengths."""
    for profile in (page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1):
        report = page.validate_pdf_bytes(content, profile=profile, limits=page.SafetyLimits.unlimited())
        failures = [item for item in report.to_dict()["failures"] if "STREAM-LENGTH-001" not in str(item)]
        assert failures == []


def _checked(content: bytes, folder: Path) -> Path:
    path = folder / "registre.pdf"
    path.write_bytes(content)
    done = subprocess.run([program("qpdf"), "--check", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return path


def _attached(path: Path, folder: Path) -> dict[str, bytes]:
    subprocess.run([program("pdfdetach"), "-saveall", "-o", folder, path], check=True, capture_output=True)
    return {item.name: item.read_bytes() for item in folder.iterdir()}


async def _sealed(lines: list[dict[str, Any]], key: SealKey) -> bytes:
    async def batches() -> Any:
        yield lines

    file = io.BytesIO()
    await write_export(sealed(FORMATS["pdf"], key), heading(), batches(), file)
    return file.getvalue()


async def test_a_pdf_is_archivable_accessible_and_carries_the_register(tmp_path: Path) -> None:
    lines = [line(1), *hostile_lines()]
    content, manifest = await exported("pdf", lines)
    _archivable(content)
    path = _checked(content, tmp_path)
    (tmp_path / "attached").mkdir()
    attached = _attached(path, tmp_path / "attached")
    document = json.loads(attached["registre.json"])
    assert document["records"] == lines
    assert document["manifest"] == manifest
    shown = subprocess.run([program("pdftotext"), path, "-"], capture_output=True, text=True, check=True).stdout
    assert "Tarification périscolaire" in shown
    assert "#let x = 1 #pagebreak()" in shown


async def test_the_same_register_gives_the_same_pdf() -> None:
    assert (await exported("pdf", [line(1)]))[0] == (await exported("pdf", [line(1)]))[0]


async def test_many_records_are_summed_up_and_still_attached(tmp_path: Path) -> None:
    content, _ = await exported("pdf", [line(n) for n in range(1, SHEETS + 2)])
    _archivable(content)
    (tmp_path / "attached").mkdir()
    attached = _attached(_checked(content, tmp_path), tmp_path / "attached")
    assert len(json.loads(attached["registre.json"])["records"]) == SHEETS + 1
    shown = subprocess.run(
        [program("pdftotext"), tmp_path / "registre.pdf", "-"], capture_output=True, text=True, check=True
    )
    assert "Liste des traitements" in shown.stdout
    assert f"T-2023-{SHEETS + 1}" in shown.stdout


async def test_a_sealed_pdf_stays_archivable_is_trusted_and_stamped(tmp_path: Path) -> None:
    authority = Authority()
    (tmp_path / "tsa").mkdir()
    with stamping(authority, tmp_path / "tsa") as url:
        content = await _sealed([line(1)], SealKey(authority.issue("Cachet de la commune"), "Commune", url))
    _archivable(content)
    path = _checked(content, tmp_path)
    (root,) = load_certs_from_pemder_data(authority.certificate.public_bytes(Encoding.PEM))
    context = ValidationContext(trust_roots=[root], allow_fetching=False)
    (signature,) = PdfFileReader(io.BytesIO(content)).embedded_signatures
    status = await async_validate_pdf_signature(signature, context, context)
    assert status.bottom_line
    assert status.timestamp_validity is not None
    assert status.timestamp_validity.trusted
    said = subprocess.run([program("pdfsig"), "-nocert", path], capture_output=True, text=True, check=False).stdout
    assert "Signature Validation: Signature is Valid." in said
    assert "Total document signed" in said


async def test_a_changed_byte_breaks_the_seal(tmp_path: Path) -> None:
    authority = Authority()
    content = bytearray(await _sealed([line(1)], SealKey(authority.issue("Cachet"), "Commune")))
    content[len(content) // 4] ^= 1
    (root,) = load_certs_from_pemder_data(authority.certificate.public_bytes(Encoding.PEM))
    context = ValidationContext(trust_roots=[root], allow_fetching=False)
    (signature,) = PdfFileReader(io.BytesIO(bytes(content))).embedded_signatures
    assert not (await async_validate_pdf_signature(signature, context)).bottom_line


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_can_be_typeset(text: str) -> None:
    file = io.BytesIO()
    section = Section(text, paragraphs=[text], terms=[(text, text)], columns=[text, "B"], rows=[[text, text]])
    make(Pdf(text, heading().exported_at, "Écluse", [text], [section]), file)
    assert file.getvalue().startswith(b"%PDF-1.7")


def test_what_the_fonts_lack_beyond_what_is_known_is_replaced_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.exports.pdf.document.drawable", lambda text: text)
    file = io.BytesIO()
    make(Pdf("Titre", heading().exported_at, "Écluse", ["中 😀 \ue000 \x01 fin"]), file)
    _archivable(file.getvalue())


def test_what_is_drawable_is_kept() -> None:
    for text in ("Œuvre d'été à 10 €", "Zażółć gęślą jaźń", "Ωμέγα Привет", "a\u202fb\nc", "naïve e\u0301"):
        assert drawable(text) == text
    assert drawable("a😀b\x00") == "a\ufffdb\ufffd"
    assert drawable("x" * 130) == f"{'x' * 60}\u200b{'x' * 60}\u200b{'x' * 10}"


def test_a_seal_without_key_is_refused_in_words() -> None:
    with pytest.raises(NotMade, match="clé privée"):
        make(Pdf("Titre", heading().exported_at, "Écluse"), io.BytesIO(), SealKey(b"rien", "Commune"))


def test_a_document_beyond_bounds_is_refused_and_takes_nothing_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.exports.pdf.processes.MEMORY", 200 << 20)
    long = Section("Long", terms=[("a", "b " * 4000)] * 2000)
    with pytest.raises(NotMade):
        make(Pdf("Titre", heading().exported_at, "Écluse", sections=[long]), io.BytesIO())
