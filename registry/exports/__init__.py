"""Exports of a register, one module per format; see `export` for how they are run."""

from dataclasses import replace
from functools import partial

from registry.exports.ciso import CisoWriter
from registry.exports.csv import CsvWriter
from registry.exports.export import Format, Seal, Writer, unsealed, write_export
from registry.exports.heading import Heading
from registry.exports.json import JsonWriter
from registry.exports.jsonld import JsonLdWriter
from registry.exports.madis import MadisWriter
from registry.exports.manifest import SUFFIX
from registry.exports.ods import open_ods
from registry.exports.pdf import SealKey
from registry.exports.pdf.register import PdfWriter
from registry.exports.xlsx import open_xlsx

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format("ods", ".ods", "application/vnd.oasis.opendocument.spreadsheet", open_ods),
        Format("xlsx", ".xlsx", _XLSX, open_xlsx),
        Format("csv", ".csv", "text/csv; charset=utf-8", CsvWriter, embeds=False),
        Format("json", ".json", "application/json", JsonWriter),
        Format("jsonld", ".jsonld", "application/ld+json", JsonLdWriter, embeds=False),
        Format("madis-csv", ".csv", "text/csv; charset=utf-8", MadisWriter, embeds=False),
        Format("pdf", ".pdf", "application/pdf", partial(PdfWriter, None)),
        Format("ciso-xlsx", ".zip", "application/zip", CisoWriter, embeds=False, kinds=("controller",)),
    )
}


def sealed(form: Format, key: SealKey | None) -> Format:
    """The format, its PDF sealed with the party's key; the others hold no seal."""
    return replace(form, open=partial(PdfWriter, key)) if form.name == "pdf" else form


__all__ = ["FORMATS", "SUFFIX", "Format", "Heading", "Seal", "SealKey", "Writer", "sealed", "unsealed", "write_export"]
