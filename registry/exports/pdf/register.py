"""The register as a PDF: a sheet per record, or a summary of many; the whole register as JSON is attached."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from registry.exports.cnil.sheets import scope
from registry.exports.export import Document, Step
from registry.exports.heading import Heading
from registry.exports.json import JsonWriter
from registry.exports.pdf.document import Attachment, Pdf, Section
from registry.exports.pdf.processes import SealKey, make
from registry.exports.table import STATUSES
from registry.exports.words import terms
from registry.processing.differences import french_date, french_day
from registry.processing.fields import title_of, value_at
from schemas import label

SHEETS = 300
"""Beyond, typesetting every sheet takes gigabytes: the records are summed up in a table."""
NAME = "registre.json"
_COLUMNS = ["N° / RÉF", "Traitement", "Finalité principale", "Base légale", "Statut", "Mise à jour"]


class PdfWriter:
    """Writes the JSON export beside, reads it back for the page, then has the PDF made. Raises NotMade."""

    def __init__(self, seal: SealKey | None, file: BinaryIO, heading: Heading) -> None:
        self._seal, self._file, self._heading = seal, file, heading
        self._folder = tempfile.TemporaryDirectory()
        self._json = Path(self._folder.name) / NAME
        self._lines = Path(self._folder.name) / "lines"
        self._attached, self._spool = self._json.open("w+b"), self._lines.open("wb")
        self._writer = JsonWriter(self._attached, heading)
        self._count = 0

    def add(self, line: Document, record: Document) -> None:
        self._writer.add(line, record)
        self._spool.write(msgspec.json.encode({**line, "record": record}) + b"\n")
        self._count += 1

    def content_sha256(self) -> str:
        return self._writer.content_sha256()

    def finish(self, manifest: Document, step: Step) -> None:
        self._writer.finish(manifest, step)
        self._attached.close()
        self._spool.close()
        sheets = self._count <= SHEETS
        lines = self._read(step)
        make(self._pdf(list(map(sheet, lines)) if sheets else [_summary(lines)]), self._file, self._seal)

    def close(self) -> None:
        self._attached.close()
        self._spool.close()
        self._folder.cleanup()

    def _read(self, step: Step) -> Iterator[Document]:
        with self._lines.open("rb") as spool:
            for text in spool:
                yield msgspec.json.decode(text)
                step()

    def _pdf(self, sections: list[Section]) -> Pdf:
        heading = self._heading
        plural = "s" if self._count > 1 else ""
        about = f"Registre tel qu'il était à la fin du {french_day(heading.as_of)} : {self._count} fiche{plural}."
        described = "Le registre entier, tel qu'il a été exporté, avec son manifeste"
        return Pdf(
            title=heading.title,
            made_at=heading.exported_at,
            author=heading.party_name,
            lines=[about, scope(heading)],
            sections=sections,
            attachments=[Attachment(NAME, self._json, "application/json", described, "alternative")],
        )


def sheet(line: Document) -> Section:
    """One line of a register, its record in normal form."""
    title = f"{line['reference']} — {line['record'].get('title') or 'Traitement sans nom'}"
    about = [f"Statut : {STATUSES[line['status']]}. Version {line['version']}."]
    if line["missing"]:
        lacking = ", ".join(title_of(line["kind"], key).lower() for key in line["missing"])
        about.append(f"Manque au titre de l'article 30 : {lacking}.")
    return Section(title, paragraphs=about, terms=terms(line, line["record"]))


def _summary(lines: Iterator[Document]) -> Section:
    return Section("Liste des traitements", columns=_COLUMNS, rows=[_row(line) for line in lines])


def _row(line: Document) -> list[str]:
    record: dict[str, Any] = line["record"]
    basis = value_at(record, "supplement.legal_basis.article_6")
    purposes = record.get("purposes") or record.get("categories_of_processing") or [""]
    return [
        line["reference"],
        record.get("title", ""),
        purposes[0],
        label("article_6", basis) if basis else "",
        STATUSES[line["status"]],
        french_date(record.get("updated_on") or record.get("created_on", "")),
    ]
