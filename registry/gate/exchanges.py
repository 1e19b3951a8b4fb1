"""Acts on exchanges: create a draft, then anything of the table of acts; with what follows in the registers."""

from collections.abc import Sequence
from dataclasses import replace

from registry.conformity import People
from registry.convention import Convention
from registry.exchange.acts import ACTS
from registry.exchange.available import available
from registry.exchange.context import Context, Entry
from registry.exchange.decide import Command, create, decide
from registry.exchange.decide.ending import replacement
from registry.exchange.decide.guards import authorise, gives, sides
from registry.exchange.events import Event
from registry.exchange.evolve import evolve
from registry.exchange.file import Document, File
from registry.gate.beginnings import begin, begin_modification, beginner, hand_out_copies, made
from registry.gate.devices import Answered, Asked, accept, ask
from registry.gate.gate import Answer
from registry.gate.registers import draft_entries, rebase_entries
from registry.gate.session import Session, new_id
from registry.gate.telling import tell
from registry.gate.webhooks import announce
from registry.refusals import Erased, NotFound, WrongState
from registry.storage.accounts import find_account, roles_of
from registry.storage.attachments import keep_piece
from registry.storage.drafts import draft_key, drop_draft, drop_drafts_of
from registry.storage.exchanges import Loaded, load, update
from registry.storage.flows import add_flows, known_digests
from registry.storage.register import entries_of
from registry.storage.register_links import follow_exchange
from registry.storage.reviews import follow_review
from registry.storage.vault import seal

_READS_ROLES = frozenset({"admission", "decision", "paper-decision", "paper-acceptance"})
_READS_ENTRIES = frozenset({"register-confirmations", "activation", "correction"})
_RECORDED = {"document": "request", "adoption": "adopted"}
"""The schema of what is recorded, where it is not that of what was sent."""
_STARTS = frozenset({"activation", "resumption"})
"""Acts after which data may flow: none is under way while its convention ends, which stops what flows."""
_REPLACED = frozenset({"active", "suspended"})


async def create_request(
    session: Session, convention_id: str, request: Document, reference: str | None = None
) -> Answer[File]:
    """A new draft. `reference` is assigned from the year's counter; a replay of past examples brings its own."""
    convention = (await session.convention(convention_id)).convention
    context = beginner(session, convention)
    return made(
        await begin(session, convention, lambda file_id, ref: create(request, context, file_id, ref), reference)
    )


async def load_request(session: Session, request_id: str, *, for_update: bool = False) -> Loaded:
    """The exchange as the actor's party may see it. Raises NotFound, whether it exists or not."""
    loaded = await load(session.tx, request_id, session.actor.party, for_update=for_update)
    if loaded is None:
        raise NotFound("Cette demande n'existe pas.")
    return loaded


async def require_act(session: Session, request_id: str, act: str) -> None:
    """Refuse who may not do this act there, before a file of theirs is opened. Raises NotFound or Forbidden; a state
    that does not allow it is for the act itself to say, which may have been done already."""
    loaded = await load_request(session, request_id)
    convention = await session.convention_of(loaded)
    try:
        authorise(loaded.file, ACTS[act], Context(session.actor, session.today, convention, People({}), new_id))
    except (WrongState, Erased):
        return


async def ask_signature(session: Session, request_id: str, command: Command) -> Asked:
    """What the author's device is asked to sign for an act that the rules would admit now; nothing is recorded yet."""
    if ACTS[command.act].confirmed:
        session.require_confirmation()
    loaded = await load_request(session, request_id)
    convention = await session.convention_of(loaded)
    return await ask(session, loaded.file, command, await context_of(session, convention, loaded.file, command))


async def act(
    session: Session, request_id: str, command: Command, upload: bytes | None = None, answered: Answered | None = None
) -> Answer[File]:
    """One act on an exchange: load, decide on the fresh state, append, project; `upload` is an attachment's content,
    `answered` what the author's device answered to `ask_signature`."""
    if ACTS[command.act].confirmed:
        session.require_confirmation()
    if command.act in _STARTS:  # the convention first, as its own acts do; what is loaded next is read after its lock
        await session.convention((await load_request(session, request_id)).convention, for_update=True)
    loaded = await load_request(session, request_id, for_update=True)
    convention = await session.convention_of(loaded)
    context = await context_of(session, convention, loaded.file, command)
    if context.person is not None:  # an address lives in its account and dies there
        command = replace(command, body={**command.body, "person": context.person})
    signed = await accept(session, loaded.file, command, answered) if answered is not None else None
    if signed is not None:
        command = replace(command, device=signed.facts)
    events = decide(loaded.file, command, context)
    key = await session.key_of(request_id)
    if upload is not None:
        digest = command.facts["sha256"]
        await keep_piece(session.tx, request_id, digest, seal(key, upload, f"{request_id}/{digest}"))
    file, revision = loaded.file, loaded.revision
    for event in events:
        revision += 1
        file = await _record(session, file, revision, event, key, signed.hiding if signed else None)
    await update(session.tx, convention, loaded, file, revision)
    await _drop_drafts(session, request_id, command)
    await follow_review(session.tx, convention, loaded.file, file, loaded.position)
    born = await _consequences(session, convention, loaded.file, file, events, context)
    await tell(session, convention, loaded.file, file)
    await announce(session, convention, file, events)
    if born is not None:
        return Answer(born, 201, f"/api/v1/requests/{born.id}")
    return Answer(file, 200, f"/api/v1/requests/{request_id}")


async def _drop_drafts(session: Session, request_id: str, command: Command) -> None:
    """What was prepared for an act is gone once it is done: by anybody, when it is done once a version."""
    if ACTS[command.act].judges_version:
        await drop_drafts_of(session.tx, request_id, command.act)
    else:
        await drop_draft(session.tx, request_id, session.actor.id, draft_key(command.act, command.target or ""))


async def _record(
    session: Session, file: File, revision: int, event: Event, key: bytes, hiding: bytes | None = None
) -> File:
    schema = _RECORDED.get(event.act) or (ACTS[event.act].schema if event.act in ACTS else "")
    _, committed = await session.append(file.convention, file.id, revision, "exchange", schema, event, key, hiding)
    after = evolve(file, committed)
    await follow_exchange(session.tx, file, after, committed)
    if event.act == "flows":
        await add_flows(session.tx, file.id, committed, file.flows_recorded + 1)
    return after


async def context_of(
    session: Session, convention: Convention, file: File | None, command: Command, *, kept: bool = True
) -> Context:
    """What the rules read, loaded in the act's own transaction; `kept`: as it is, until that transaction ends."""
    roles: dict[str, dict[str, frozenset[str]]] = {}
    if file is not None and command.act in _READS_ROLES:
        parties = [convention.stands_for(party, session.today) for party in (file.requester, file.holder)]
        roles = await roles_of(session.tx, sorted({*parties, file.requester, file.holder}), session.today)
    mine = roles.setdefault(session.actor.id, {})
    mine[session.actor.party] = session.actor.roles
    entries = await _entries(session, file, command, kept=kept) if file and command.act in _READS_ENTRIES else {}
    person = command.body.get("person")
    return Context(
        actor=session.actor,
        today=session.today,
        convention=convention,
        people=People(roles),
        new_id=new_id,
        entries=entries,
        person=await find_account(session.tx, person) if person is not None else None,
        source=await _source(session, file, command) if file is not None else None,
        digests=await _digests(session, file, command) if file is not None else frozenset(),
        now=session.now,
    )


async def _source(session: Session, file: File, command: Command) -> File | None:
    """The request that this one copies, or is to replace, if the act asks for it and the actor's party sees it."""
    origin = {"adoption": file.copied_from, "activation": file.modification_of}.get(command.act)
    if origin is None:
        return None
    loaded = await load(session.tx, origin, session.actor.party)
    return loaded.file if loaded is not None else None


async def _digests(session: Session, file: File, command: Command) -> frozenset[str]:
    if command.act != "flows":
        return frozenset()
    given = [flow["digest"] for flow in command.body["flows"] if flow.get("digest")]
    return await known_digests(session.tx, file.id, given)


async def _entries(session: Session, file: File, command: Command, *, kept: bool) -> dict[str, Entry]:
    ids: list[str] = [*file.register_entries.values(), *(c.entry for c in file.register_confirmations)]
    if "entry" in command.body:
        ids.append(command.body["entry"])
    return {
        stored.entry.id: stored.entry for stored in await entries_of(session.tx, list(dict.fromkeys(ids)), kept=kept)
    }


async def _consequences(
    session: Session, convention: Convention, before: File, after: File, events: Sequence[Event], context: Context
) -> File | None:
    """What an act of an exchange does in the registers and on others, in the same transaction; answers the exchange
    that it gave birth to, when that is what was asked for."""
    event = events[-1]
    if event.act in {"decision", "paper-decision"} and event.derived["register_entries"]:
        modified = await _modified(session, after)
        await draft_entries(session, convention, after, event.derived["register_entries"], modified)
    if event.act == "correction" and after.version != before.version:
        await rebase_entries(session, convention, before, after, context.entries)
    if event.act == "copies":
        await hand_out_copies(session, convention, after, event, context)
    if event.act == "activation" and after.modification_of is not None:
        await _replace(session, convention, after, context)
    if event.act == "modification":
        return await begin_modification(session, convention, after, event, context)
    return None


async def _modified(session: Session, file: File) -> File | None:
    """The exchange that this one modifies, if its party still sees it."""
    if file.modification_of is None:
        return None
    loaded = await load(session.tx, file.modification_of, session.actor.party)
    return loaded.file if loaded is not None else None


async def _replace(session: Session, convention: Convention, by: File, context: Context) -> None:
    """The exchange that a modification replaces ends on the day the new one is active, unless it has ended before."""
    loaded = await load_request(session, by.modification_of or "", for_update=True)
    if loaded.file.state not in _REPLACED or loaded.file.erased_on is not None:
        return
    event, revision = replacement(loaded.file, by, context), loaded.revision + 1
    after = await _record(session, loaded.file, revision, event, b"")
    await update(session.tx, convention, loaded, after, revision)
    await follow_review(session.tx, convention, loaded.file, after, loaded.position)


def open_acts(file: File, context: Context) -> list[str]:
    """The acts of the table that party, roles and state give the actor now, in the table's order."""
    if file.erased_on is not None:
        return []

    mine = sides(file, context) if context.convention.exists(context.actor.party, context.today) else set()
    return [name for name, act in ACTS.items() if available(file, name) and gives(file, act, context, mine)]
