"""Register entries: drafted by an approval, completed and confirmed by each controller's records manager."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from registry.clock import timestamp
from registry.convention import Convention
from registry.exchange.context import Entry
from registry.exchange.events import Event
from registry.exchange.file import Document, File
from registry.gate.gate import Answer
from registry.gate.session import Session, new_id
from registry.processing.draft import draft_record
from registry.processing.fields import ENTRY_SCHEMAS
from registry.processing.rebase import rebase
from registry.refusals import NotFound, StaleVersion
from registry.storage.exchanges import count
from registry.storage.register import (
    StoredEntry,
    confirm_entry,
    entries_of,
    find_reference,
    insert_entry,
    load_entry,
    update_entry,
)


@dataclass(frozen=True)
class Born:
    """Where an entry comes from: the owner of the log of its events, its exchange if any, the register it belongs to,
    and the day it entered that register (None for a draft)."""

    owner: str
    exchange: str | None = None
    kind: str = "controller"
    confirmed_on: str | None = None


async def draft_entries(
    session: Session, convention: Convention, file: File, ids: Mapping[str, str], modified: File | None = None
) -> None:
    """One entry for each controller (party -> entry id), linked to the exchange and so to each other.

    When the exchange modifies another, what people wrote in that one's entry is carried into the new draft."""
    for party, entry_id in ids.items():
        reference = await _next_reference(session, party)
        record = draft_record(file, convention, party, reference)
        if modified is not None:
            record = await _carried(session, convention, modified, party, record)
        await _create(session, Entry(entry_id, party, reference, 1, record), Born(file.convention, file.id))


async def _carried(session: Session, convention: Convention, modified: File, party: str, record: Document) -> Document:
    """A draft with what people wrote in the entry of the exchange that is modified."""
    chosen = {**modified.register_entries, **{c.party: c.entry for c in modified.register_confirmations}}
    for stored in await entries_of(session.tx, [chosen[party]] if party in chosen else []):
        if stored.erased_on is None:
            old = draft_record(modified, convention, party, stored.entry.reference)
            return {**rebase(dict(stored.entry.record), old, record), "record_reference": record["record_reference"]}
    return record


async def _next_reference(session: Session, party: str) -> str:
    """The next reference of the year that no imported entry bears already."""
    name = f"register/{party}/{session.now.year}"
    while True:
        reference = f"T-{session.now.year}-{await count(session.tx, name):03d}"
        if await find_reference(session.tx, reference, [party]) is None:
            return reference


async def _create(session: Session, entry: Entry, born: Born) -> StoredEntry:
    derived = {
        "id": entry.id,
        "party": entry.party,
        "reference": entry.reference,
        "version": entry.version,
        "owner": born.owner,
        "exchange": born.exchange,
        "kind": born.kind,
        "confirmed_on": born.confirmed_on,
    }
    event = _event(session, "entry.created", entry.record, derived)
    key = await session.new_object(entry.id)
    position, _ = await session.append(born.owner, entry.id, 1, "register", ENTRY_SCHEMAS[born.kind], event, key)
    since = timestamp(session.now)
    stored = StoredEntry(entry, 1, born.owner, position, born.exchange, born.confirmed_on, since, born.kind)
    await insert_entry(session.tx, stored)
    return stored


def _event(session: Session, act: str, record: Mapping[str, Any], derived: Document) -> Event:
    return Event(
        act=act,
        by=session.actor.id,
        party=session.actor.party,
        on=session.today,
        input={"record": dict(record)},
        derived=derived,
    )


async def _next_version(session: Session, stored: StoredEntry, record: Document, act: str) -> StoredEntry:
    """A new version; what no exchange will confirm enters the register when a person first saves it."""
    entry = stored.entry
    version, revision = entry.version + 1, stored.revision + 1
    enters = stored.exchange is None and stored.confirmed_on is None
    derived = {"id": entry.id, "version": version}
    event = _event(session, act, record, {**derived, "confirmed_on": session.today.isoformat()} if enters else derived)
    key = await session.key_of(entry.id)
    await session.append(stored.log_owner, entry.id, revision, "register", ENTRY_SCHEMAS[stored.kind], event, key)
    changed = replace(
        stored,
        entry=Entry(entry.id, entry.party, entry.reference, version, record),
        revision=revision,
        since=timestamp(session.now),
        confirmed_on=session.today.isoformat() if enters else stored.confirmed_on,
    )
    await update_entry(session.tx, changed)
    if enters:
        await confirm_entry(session.tx, entry.id, session.today)
    return changed


async def rebase_entries(
    session: Session, convention: Convention, before: File, after: File, entries: Mapping[str, Entry]
) -> None:
    """Carry an accepted correction into the entries drafted from the exchange; what people wrote stays."""
    drafted = [entry_id for entry_id in after.register_entries.values() if entry_id in entries]
    for stored in await entries_of(session.tx, drafted):
        entry = stored.entry
        old = draft_record(before, convention, entry.party, entry.reference)
        new = draft_record(after, convention, entry.party, entry.reference)
        record = rebase(dict(entry.record), old, new)
        if stored.erased_on is None and record != entry.record:
            await _next_version(session, stored, record, "entry.rebased")


def require_manager(session: Session, party: str) -> None:
    """Refuse those who do not keep the party's registers."""
    if session.actor.party != party:
        raise NotFound("Ce registre n'existe pas.")
    session.require("register.keep")


async def create_entry(session: Session, party: str, kind: str, body: Document) -> Answer[StoredEntry]:
    """An entry made by hand in the party's register of that kind; its events go to the party's own log."""
    require_manager(session, party)
    reference = await _next_reference(session, party)
    record = {**body["record"], "record_reference": reference}
    entry = Entry(new_id(), party, reference, 1, record)
    stored = await _create(session, entry, Born(party, None, kind, session.today.isoformat()))
    return Answer(stored, 201, f"/api/v1/parties/{party}/register/entries/{entry.id}")


async def create_draft(session: Session, party: str, kind: str, record: Document) -> StoredEntry:
    """An entry that nobody wrote yet: it stays a draft until a records manager saves it."""
    entry = Entry(new_id(), party, str(record["record_reference"]), 1, record)
    return await _create(session, entry, Born(party, None, kind))


async def create_imported(session: Session, party: str, kind: str, record: Document) -> StoredEntry:
    """An entry brought by a file: it keeps its reference when it has one, and enters the register that day."""
    reference = str(record.get("record_reference") or "").strip() or await _next_reference(session, party)
    entry = Entry(new_id(), party, reference, 1, {**record, "record_reference": reference})
    return await _create(session, entry, Born(party, None, kind, session.today.isoformat()))


async def revise(session: Session, stored: StoredEntry, record: Document) -> StoredEntry:
    """A new version of an entry, brought by a file."""
    return await _next_version(session, stored, record, "entry.updated")


async def update_record(
    session: Session, party: str, entry_id: str, kind: str, body: Document, version: int, scope: Sequence[str]
) -> Answer[StoredEntry]:
    """A new version of an entry of that kind, from the version the person read. Raises StaleVersion on any other."""
    require_manager(session, party)
    stored = await load_entry(session.tx, entry_id, scope, for_update=True)
    if stored is None or stored.kind != kind:
        raise NotFound("Cette fiche n'existe pas dans votre registre.")
    if stored.entry.version != version:
        raise StaleVersion(f"La fiche a changé : sa version en vigueur est la {stored.entry.version}.")
    record = {**body["record"], "record_reference": stored.entry.reference}
    return Answer(await _next_version(session, stored, record, "entry.updated"), 200, None)
