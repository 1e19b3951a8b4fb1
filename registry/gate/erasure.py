"""Erasure: texts and attachments of an exchange or a register entry, or a person's account; each with its record."""

from dataclasses import asdict, replace
from typing import Any

from registry.conformity import People
from registry.exchange.context import Context
from registry.exchange.decide import Command, decide
from registry.exchange.decide.erasure import require_known, require_named
from registry.exchange.events import Event
from registry.exchange.evolve import fold
from registry.exchange.file import File
from registry.gate.exchanges import load_request
from registry.gate.gate import Answer
from registry.gate.reading import own_scope
from registry.gate.session import Session, new_id
from registry.refusals import NotFound
from registry.storage import accounts
from registry.storage.erasing import erasable, erase, to_clean
from registry.storage.events import history
from registry.storage.exchanges import update
from registry.storage.rebuild import write
from registry.storage.refold import entry_rows
from registry.storage.register import StoredEntry, delete_entry, load_entry

Document = dict[str, Any]
_SCHEMA = _KIND = "erasure"


async def erase_request(session: Session, request_id: str, body: Document, version: int | None = None) -> Answer[File]:
    """Erase all or a part of an exchange; its other acts, facts and proofs stay. Doing it again changes nothing."""
    session.require_confirmation()
    loaded = await load_request(session, request_id, for_update=True)
    convention = await session.convention_of(loaded)
    location = f"/api/v1/requests/{request_id}"
    what = await erasable(session.tx, request_id, body)
    command = Command("erasure", body, version, facts=asdict(what) if what else {})
    context = Context(session.actor, session.today, convention, People({}), new_id)
    events = decide(loaded.file, command, context)
    if not events or what is None:
        return Answer(loaded.file, 200, location)
    revision = loaded.revision + 1
    await session.append(convention.id, request_id, revision, _KIND, _SCHEMA, events[0], b"")
    await erase(session.tx, session.vault, request_id, what, location, session.now)
    file = fold(stored.event for stored in await history(session.tx, request_id, session.vault.unwrap))
    await update(session.tx, convention, loaded, file, revision)
    return Answer(file, 200, location)


async def erase_entry(session: Session, party: str, entry_id: str, body: Document) -> Answer[StoredEntry]:
    """Erase all the versions of a register entry, or the texts of one act on it."""
    scope = await own_scope(session, party)
    session.require("register.erase")
    session.require_confirmation()
    stored = await load_entry(session.tx, entry_id, scope, for_update=True)
    if stored is None:
        raise NotFound("Cette fiche n'existe pas dans votre registre.")
    require_named(body, session.today)
    location = f"/api/v1/parties/{party}/register/entries/{entry_id}"
    what = await erasable(session.tx, entry_id, body)
    derived = asdict(what) if what else {}
    require_known(body, derived)
    if what is None or not any(derived.values()):
        return Answer(stored, 200, location)
    await session.append(
        stored.log_owner, entry_id, stored.revision + 1, _KIND, _SCHEMA, _event(session, body, derived), b""
    )
    await erase(session.tx, session.vault, entry_id, what, location, session.now)
    await _refold_entry(session, stored)
    return Answer(await load_entry(session.tx, entry_id, scope), 200, location)


def _event(session: Session, body: Document, derived: Document) -> Event:
    return Event(
        act="erasure", by=session.actor.id, party=session.actor.party, on=session.today, input=body, derived=derived
    )


async def _refold_entry(session: Session, stored: StoredEntry) -> None:
    events = await history(session.tx, stored.entry.id, session.vault.unwrap)
    await delete_entry(session.tx, stored.entry.id)
    await write(session.tx, entry_rows(events, stored.confirmed_on))


async def erase_account(session: Session, email: str, body: Document) -> bool:
    """Erase a person's account: address, functions, tokens, and what ties their pseudonyms in the logs to them.

    Recorded in the log of each party they acted for. False when there is no such account.
    """
    require_named(body, session.today)
    account = await accounts.account_known(session.tx, email)
    if account is None:
        return False
    await erase_person(session, account, body)
    return True


async def erase_person(session: Session, account: str, body: Document) -> None:
    """Erase an account: the body says on what legal basis and why."""
    for revision, party in enumerate(await accounts.parties_of(session.tx, account), 1):
        acting = replace(session, actor=replace(session.actor, party=party))
        event = _event(acting, body, {"account": account})
        await acting.append(party, account, revision, _KIND, _SCHEMA, event, b"")
    await accounts.forget(session.tx, account)
    await to_clean(session.tx, session.now)
