"""The inspector's view of a party as of a day, and the archive of the pieces that support it."""

import asyncio
import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

from registry.clock import paris_day
from registry.convention import Convention
from registry.documents import DOCUMENTS, Dossier, document
from registry.documents.inspection import COLUMNS, HOLE, inspected, line
from registry.exchange.evolve import evolve
from registry.exchange.file import File
from registry.exports.csv import row
from registry.exports.pdf import Pdf, make
from registry.exports.pdf.register import sheet
from registry.gate.reading import own_scope
from registry.gate.session import Session
from registry.processing.completeness import missing
from registry.processing.differences import french_day
from registry.processing.normal import normal
from registry.storage.engines import Engine, Transaction
from registry.storage.events import history
from registry.storage.exchanges import load, seen_by
from registry.storage.register import load_entry, versions
from registry.storage.vault import unseal

Document = dict[str, Any]
Pieces = tuple[File, Convention, Document | None, list[tuple[str, bytes]]]

_PAPERS = ("request", "opinion", "decision")
_UNSAFE = re.compile(r"[^\w.\- ]+")
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)


async def inspection_of(session: Session, party: str, day: date) -> list[Document]:
    """Every approved exchange of the party as it stood at the end of a Paris day, oldest first."""
    await own_scope(session, party, "inspection")
    found = []
    for exchange in await seen_by(session.tx, party):
        known = await _as_of(session, exchange, party, day)
        if known is not None:
            file, convention = known
            found.append(line(file, convention, _records(file), day))
    return found


async def _as_of(session: Session, exchange: str, party: str, day: date) -> tuple[File, Convention] | None:
    """An exchange folded up to the day, None while it was not approved."""
    loaded = await load(session.tx, exchange, party)
    if loaded is None or not inspected(loaded.file):
        return None
    file: File | None = None
    for stored in await history(session.tx, exchange, session.vault.unwrap):
        if stored.event.on <= day:
            file = evolve(file, stored.event)
    if file is None or not inspected(file):
        return None
    return file, await session.convention_of(loaded)


def _records(file: File) -> dict[str, str]:
    """The record that each party confirmed last, with its version and day."""
    return {
        c.party: f"{c.record_reference}, version {c.entry_version}, {french_day(c.confirmed_on)}"
        for c in file.register_confirmations
    }


async def write_pack(
    engine: Engine,
    session_of: Callable[[Transaction], Session],
    party: str,
    exchanges: Sequence[str],
    day: date,
    file: BinaryIO,
    progress: Callable[[int], None],
    made_at: datetime,
) -> None:
    """The archive: the view as CSV and JSON, and for each of these exchanges its papers, the party's own record as it
    confirmed it last, and the pieces attached to it. `progress` is told of each exchange as it begins."""
    lines = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for exchange in exchanges:
            progress(1)
            found = await _read(engine, session_of, exchange, party, day)
            if found is None:
                continue
            known, convention, own, pieces = found
            lines.append(line(known, convention, _records(known), day))
            dossier = Dossier(known, convention, [], party, made_at, paris_day(made_at))
            folder = _safe(known.reference)
            for name, content in [*await asyncio.to_thread(_papers, dossier, own), *pieces]:
                archive.writestr(zipfile.ZipInfo(f"{folder}/{name}", _FIRST_DAY), content, zipfile.ZIP_DEFLATED)
        for name, content in (("inspection.csv", inspection_csv(lines)), ("inspection.json", _json(lines))):
            archive.writestr(zipfile.ZipInfo(name, _FIRST_DAY), content, zipfile.ZIP_DEFLATED)


async def _read(
    engine: Engine, session_of: Callable[[Transaction], Session], exchange: str, party: str, day: date
) -> Pieces | None:
    return await engine.read(lambda tx: _pieces(session_of(tx), exchange, party, day))


async def _pieces(session: Session, exchange: str, party: str, day: date) -> Pieces | None:
    known = await _as_of(session, exchange, party, day)
    if known is None:
        return None
    file, convention = known
    pieces = []
    for number, item in enumerate(file.attachments, 1):
        sealed = await session.tx.value(
            "SELECT sealed FROM attachment WHERE object = ? AND sha256 = ?", exchange, item.sha256
        )
        if sealed is not None:
            content = unseal(await session.key_of(exchange), bytes(sealed), f"{exchange}/{item.sha256}")
            pieces.append((f"pieces/{number:02}-{item.kind}-{_safe(item.file_name)}", content))
    return file, convention, await _own_record(session, file, convention), pieces


async def _own_record(session: Session, file: File, convention: Convention) -> Document | None:
    """The line of the reader's register that was confirmed last for the exchange, in the version then read."""
    scope = session.scope(convention)
    confirmed = next((c for c in reversed(file.register_confirmations) if c.party in scope), None)
    if confirmed is None or (stored := await load_entry(session.tx, confirmed.entry, scope)) is None:
        return None
    records = {number: record for number, _, _, record in await versions(session.tx, confirmed.entry)}
    record = records.get(confirmed.entry_version)
    if record is None:
        return None
    return {
        "kind": stored.kind, "reference": confirmed.record_reference, "version": confirmed.entry_version,
        "status": "confirmed", "missing": missing(record, stored.kind), "record": normal(record),
    }  # fmt: skip


def _papers(dossier: Dossier, own: Document | None) -> list[tuple[str, bytes]]:
    papers = []
    if own is not None:
        papers.append(("fiche.pdf", _bytes(_record_paper(dossier, own))))
    for name in _PAPERS:
        if name == "opinion" and dossier.file.opinion is None:
            continue
        papers.append((f"{DOCUMENTS[name].name}.pdf", _bytes(document(name, dossier))))
    return papers


def _record_paper(dossier: Dossier, own: Document) -> Pdf:
    name = dossier.name(dossier.reader)
    return Pdf(f"Fiche {own['reference']} du registre — {name}", dossier.made_at, name, sections=[sheet(own)])


def _bytes(pdf: Pdf) -> bytes:
    content = io.BytesIO()
    make(pdf, content)
    return content.getvalue()


def _safe(name: str) -> str:
    return _UNSAFE.sub("-", name)[-100:].lstrip(".") or "piece"


def inspection_csv(lines: list[Document]) -> bytes:
    """The view for a French spreadsheet, holes in words."""
    rows = [list(COLUMNS.values()), *([item[key] or HOLE for key in COLUMNS] for item in lines)]
    return "\ufeff".encode() + b"".join(map(row, rows))


def _json(lines: list[Document]) -> bytes:
    return (json.dumps({"items": lines}, ensure_ascii=False, indent=1) + "\n").encode()
