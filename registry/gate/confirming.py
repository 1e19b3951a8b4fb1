"""The exchanges whose register entry waits for the party's confirmation, with what its manager must read first."""

from dataclasses import dataclass
from typing import Any

from registry.exchange.acts import ACTS
from registry.exchange.decide import Command
from registry.exchange.file import File
from registry.gate.exchanges import act, load_request
from registry.gate.gate import Answer
from registry.gate.people.visiting import party_names
from registry.gate.reading import LinkedRecords, linked_records, own_scope
from registry.gate.registers import require_manager
from registry.gate.session import Session
from registry.processing.completeness import Completeness, completeness
from registry.refusals import Detail, Invalid, NotFound
from registry.storage.exchanges import files_of
from registry.storage.register import StoredEntry, entries_of, find_reference

ACT = "register-confirmations"
READ = 300
"""Exchanges that are looked through, oldest first: the oldest waits longest."""
SHOWN = 50


@dataclass(frozen=True)
class Waiting:
    """An exchange whose entry is to be confirmed, and what is to be read of the entry: what lacks, and where it
    contradicts the other party's."""

    file: File
    entry: StoredEntry
    complete: Completeness
    linked: LinkedRecords


@dataclass(frozen=True)
class WaitingList:
    """At most `SHOWN` of them, oldest first; `more`: others wait behind them; names of parties by id."""

    waiting: list[Waiting]
    more: bool
    names: dict[str, str]


async def waiting_confirmations(session: Session) -> WaitingList:
    """What the party's records manager has to confirm. Raises Forbidden for anybody else."""
    require_manager(session, session.actor.party)
    files = await files_of(session.tx, session.actor.party, ACTS[ACT].states, READ)
    due = [(file, entry) for file in files if (entry := await _due(session, file)) is not None]
    found = [await _waiting(session, file, entry) for file, entry in due[:SHOWN]]
    names = await party_names(session, [p for one in found for p in (one.file.holder, one.file.requester)])
    return WaitingList(found, len(due) > SHOWN or len(files) == READ, names)


async def waiting_one(session: Session, request_id: str) -> tuple[Waiting, dict[str, str]]:
    """One of them, with the names of its parties. Raises Forbidden, or NotFound once nothing waits there."""
    require_manager(session, session.actor.party)
    file = (await load_request(session, request_id)).file
    entry = await _due(session, file) if file.state in ACTS[ACT].states else None
    if entry is None:
        raise NotFound("Aucune fiche de votre registre n'attend de confirmation pour cet échange.")
    return await _waiting(session, file, entry), await party_names(session, [file.holder, file.requester])


async def _due(session: Session, file: File) -> StoredEntry | None:
    """The entry drafted from the exchange that the party has not confirmed for its version in force, if any."""
    convention = (await session.convention(file.convention)).convention
    for party in file.controllers:
        drafted = file.register_entries.get(party)
        if drafted is None or convention.stands_for(party, session.today) != session.actor.party:
            continue
        done = any(c.party == party and c.version == file.version for c in file.register_confirmations)
        found = [] if done else await entries_of(session.tx, [drafted], kept=False)
        if found and found[0].erased_on is None:
            return found[0]
    return None


async def _waiting(session: Session, file: File, entry: StoredEntry) -> Waiting:
    lacks = completeness(entry.entry.record, entry.kind)
    return Waiting(file, entry, lacks, await linked_records(session, file.id))


async def confirm_drafted(session: Session, request_id: str, entry: str, version: int) -> Answer[File]:
    """Confirm the entry drafted from the exchange, in the version that was read."""
    return await act(session, request_id, Command(ACT, {"entry": entry, "entry_version": version, "action": "created"}))


async def confirm_existing(session: Session, request_id: str, reference: str) -> Answer[File]:
    """Confirm for the exchange an entry that the register holds already, by its reference. Raises Invalid."""
    stored = await find_reference(session.tx, reference, await own_scope(session, session.actor.party))
    if stored is None or stored.kind != "controller":
        message = "Aucune fiche de votre registre de responsable de traitement ne porte cette référence."
        raise Invalid(message, [Detail(pointer="/reference", message=message)])
    body: dict[str, Any] = {"entry": stored.entry.id, "entry_version": stored.entry.version, "action": "updated"}
    return await act(session, request_id, Command(ACT, body))
