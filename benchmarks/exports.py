"""Exports: CPU for ten thousand records in each format, memory that each adds, and one sealed record as PDF."""

import asyncio
import io
import resource
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from registry.exports import FORMATS, Heading, sealed, write_export
from registry.exports.pdf import SealKey
from server.seals import make_demonstration_seal
from server.settings import Settings

RECORDS = 10_000
LIMITS = {"csv": 1.0, "ods": 3.0, "xlsx": 10.0, "json": None, "jsonld": None, "madis-csv": None}
SEALED_LIMIT = 1.5
_AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
_TEXT = "Calculer le tarif de la restauration scolaire et de l'accueil périscolaire selon le barème voté. "

Document = dict[str, Any]


def _line(number: int) -> Document:
    reference = f"T-2026-{number:05}"
    record = {
        "record_reference": reference,
        "title": f"Activité n° {number}",
        "created_on": "2026-01-05",
        "controller": {"name": "Commune", "email": "mairie@commune.example"},
        "data_protection_officer": {"name": "Délégué", "email": "dpd@commune.example"},
        "purposes": [_TEXT * 2, _TEXT],
        "categories_of_data_subjects": ["Parents", "Enfants"],
        "categories_of_personal_data": [
            {"category": "identity", "description": _TEXT}, {"category": "economic_financial", "retention": "24 mois"},
        ],
        "categories_of_recipients": [{"type": "internal_department", "name": "Régie", "details": _TEXT}],
        "time_limits_for_erasure": [{"category": "Dossiers", "months": 24, "final_outcome": "destruction"}],
        "security_measures": [{"kind": "encryption", "details": _TEXT}],
        "supplement": {"legal_basis": {"article_6": "public_interest_task", "texts": ["CRPA L. 114-8"]}},
    }  # fmt: skip
    return {
        "entry": f"00000000-0000-4000-8000-{number:012}", "party": "commune", "kind": "controller",
        "reference": reference, "version": 1, "since": "2026-01-05T09:00:00.000Z", "status": "confirmed", "missing": [],
        "record": record, "exchange": None,
    }  # fmt: skip


async def _batches(count: int) -> AsyncIterator[list[Document]]:
    for start in range(0, count, 200):
        yield [_line(number) for number in range(start, min(start + 200, count))]


def _heading() -> Heading:
    return Heading("commune", "Commune", date(2026, 1, 5), "full", _AT)


def report() -> None:
    """Print every figure with its limit; lines are made as they are written, which counts."""
    print(f"Exports of {RECORDS} records of 1.5 kB (CPU; memory added to the process)")
    asyncio.run(_all())
    print(f"  one record, sealed PDF       {_sealed():8.2f} s elapsed  (limit {SEALED_LIMIT:.1f} s)\n")


async def _all() -> None:
    for form, limit in LIMITS.items():
        before, began = _peak(), time.process_time()
        with tempfile.TemporaryFile() as file:
            await write_export(FORMATS[form], _heading(), _batches(RECORDS), file)
        cpu, added = time.process_time() - began, _peak() - before
        bound = f"(limit {limit:.1f} s)" if limit else ""
        print(f"  {form:<28} {cpu:8.2f} s  {added:4.0f} MB  {bound}")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _sealed() -> float:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder), "", "localhost", None, 1)
        make_demonstration_seal(settings, "commune", "Commune", _AT)
        key = SealKey((Path(folder) / "seals" / "commune.pem").read_bytes(), "Commune")
        began = time.perf_counter()
        asyncio.run(write_export(sealed(FORMATS["pdf"], key), _heading(), _batches(1), io.BytesIO()))
        return time.perf_counter() - began
