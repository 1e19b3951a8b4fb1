"""The sheets of a register, in order, on any spreadsheet format.

Up to `FICHES` records each have their sheet, as in the CNIL's register; beyond, no office program opens so many sheets,
and the records are the rows of one table. A processor's register, which has no CNIL template, is always a table.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, BinaryIO

import msgspec

from registry.exports import table
from registry.exports.cnil import labels as wording
from registry.exports.cnil import sheets
from registry.exports.cnil.book import Book, Cell, Choice
from registry.exports.cnil.fiche import WIDTHS, fiche
from registry.exports.export import Step
from registry.exports.heading import Heading

FICHES = 200
_NARROW, _WIDE = (28,), (120,)
_FORBIDDEN = "[]:*?/\\'"
_LONGEST = 31
"""Excel's limit for the name of a sheet."""

Document = dict[str, Any]


class WorkbookWriter:
    """Spools the lines, then writes every sheet: the list of activities comes before the records it names."""

    def __init__(
        self, open_book: Callable[[BinaryIO, str, list[Choice]], Book], file: BinaryIO, heading: Heading
    ) -> None:
        self._open, self._file, self._heading = open_book, file, heading
        self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the writer
        self._count = 0

    def add(self, line: Document, record: Document) -> None:
        self._spool.write(msgspec.json.encode({**line, "record": record}) + b"\n")
        self._count += 1

    def content_sha256(self) -> str | None:
        """The manifest is inside the archive."""
        return None

    def finish(self, manifest: Document, step: Step) -> None:
        with closing(self._open(self._file, self._heading.title, sheets.choices())) as book:
            self._fill(book, manifest, step)

    def _fill(self, book: Book, manifest: Document, step: Step) -> None:
        if self._heading.kind == "controller":
            self._as_the_cnil(book, step)
        else:
            self._table(book, step)
        _fill(book, wording.MANIFEST, _WIDE, sheets.manifest(manifest))
        book.finish()

    def close(self) -> None:
        self._spool.close()

    def _lines(self, step: Step) -> Iterator[Document]:
        self._spool.seek(0)
        for text in self._spool:
            yield msgspec.json.decode(text)
            step()

    def _as_the_cnil(self, book: Book, step: Step) -> None:
        _fill(book, wording.TUTORIAL, _WIDE, sheets.tutorial(self._heading))
        listed = sheets.activities(self._heading, self._lines(step), merged=self._count <= FICHES)
        _fill(book, wording.LIST, sheets.LIST_WIDTHS, listed)
        _fill(book, wording.TEMPLATE, WIDTHS, fiche(None))
        _fill(book, wording.EXAMPLE, WIDTHS, fiche(_EXAMPLE))
        _fill(book, wording.LISTS, _NARROW, sheets.lists())
        if self._count > FICHES:
            self._table(book, step)
            return
        taken = {name.casefold() for name in (*_OWN, wording.TABLE, wording.MANIFEST)}
        for line in self._lines(step):
            _fill(book, sheet_name(line["reference"], taken), WIDTHS, fiche(line))

    def _table(self, book: Book, step: Step) -> None:
        book.sheet(wording.TABLE, _NARROW)
        book.row([Cell(title, "header") for title in table.titles(self._heading.kind)])
        for line in self._lines(step):
            for row in table.split(table.cells(line, line["record"])):
                book.row([None if value in {None, ""} else Cell(value) for value in row])


_OWN = (wording.TUTORIAL, wording.LIST, wording.TEMPLATE, wording.EXAMPLE, wording.LISTS)


def _fill(book: Book, name: str, widths: tuple[int, ...], rows: Iterator[Any]) -> None:
    book.sheet(name, widths)
    for row in rows:
        book.row(row)


def sheet_name(reference: str, taken: set[str]) -> str:
    """A name for a record's sheet that every program accepts and that is not `taken`, to which it is added."""
    plain = (
        "".join("-" if c in _FORBIDDEN or not c.isprintable() else c for c in reference).strip()[:_LONGEST] or "Fiche"
    )
    name, number = plain, 1
    while name.casefold() in taken:
        number += 1
        name = f"{plain[: _LONGEST - len(str(number)) - 1]} {number}"
    taken.add(name.casefold())
    return name


_EXAMPLE: Document = {
    "kind": "controller",
    "reference": "T-000",
    "status": "confirmed",
    "missing": [],
    "record": {
        "record_reference": "T-000",
        "title": "Exemple : inscriptions scolaires",
        "purposes": ["Inscrire les enfants à l'école", "Répartir les enfants entre les écoles"],
        "categories_of_data_subjects": ["Enfants et leurs responsables légaux"],
        "categories_of_personal_data": [
            {"category": "identity", "description": "Nom, prénom, adresse", "retention": "La scolarité"}
        ],
        "categories_of_recipients": [{"type": "internal_department", "name": "Service scolaire"}],
        "security_measures": [{"kind": "user_access_control", "details": "Comptes nominatifs"}],
        "supplement": {
            "legal_basis": {"article_6": "public_interest_task", "texts": ["Code de l'éducation, L. 131-6"]}
        },
    },
}
