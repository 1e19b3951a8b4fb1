"""Exports of a register, one module per format; see `export` for how they are run."""

from registry.exports.ciso import CisoWriter
from registry.exports.csv import CsvWriter
from registry.exports.export import Format, Seal, Writer, unsealed, write_export
from registry.exports.heading import Heading
from registry.exports.json import JsonWriter
from registry.exports.jsonld import JsonLdWriter
from registry.exports.madis import MadisWriter
from registry.exports.manifest import SUFFIX
from registry.exports.ods import open_ods
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
        Format("ciso-xlsx", ".zip", "application/zip", CisoWriter, embeds=False, kinds=("controller",)),
    )
}

__all__ = ["FORMATS", "SUFFIX", "Format", "Heading", "Seal", "Writer", "unsealed", "write_export"]
