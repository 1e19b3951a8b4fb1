"""New exchanges: their first event; from a practice that exists, as the copy or the modification of another."""

from collections.abc import Callable

from registry.conformity import People
from registry.convention import Convention
from registry.exchange.context import Context
from registry.exchange.decide.beginnings import EXISTING, drafted_copy, drafted_modification, existing
from registry.exchange.events import Event
from registry.exchange.evolve import evolve
from registry.exchange.file import Document, File
from registry.gate.gate import Answer
from registry.gate.session import Session, new_id
from registry.gate.telling import tell
from registry.storage.exchanges import insert, next_reference

Drafted = Callable[[str, str], Event]
"""The first event of an exchange, from its id and its reference."""


async def create_existing(session: Session, convention_id: str, body: Document) -> Answer[File]:
    """A draft for an exchange that already runs, with since when and by when it is to be regularised."""
    convention = (await session.convention(convention_id)).convention
    context = beginner(session, convention)
    return made(await begin(session, convention, lambda file_id, ref: existing(body, context, file_id, ref)))


def made(file: File) -> Answer[File]:
    """The answer to whoever began an exchange."""
    return Answer(file, 201, f"/api/v1/requests/{file.id}")


def beginner(session: Session, convention: Convention) -> Context:
    """What the rules read when there is no exchange yet."""
    mine = {session.actor.id: {session.actor.party: session.actor.roles}}
    return Context(session.actor, session.today, convention, People(mine), new_id)


async def begin(
    session: Session, convention: Convention, drafted: Drafted, reference: str | None = None, file_id: str | None = None
) -> File:
    """Append the first event of an exchange and project it."""
    file_id = file_id or new_id()
    if reference is None:
        reference = await next_reference(session.tx, convention.id, session.now)
    event = drafted(file_id, reference)
    key = await session.new_object(file_id)
    schema = "existing_exchange" if event.act == EXISTING else "request"
    position, committed = await session.append(convention.id, file_id, 1, "exchange", schema, event, key)
    file = evolve(None, committed)
    await insert(session.tx, convention, file, position, 1)
    return file


async def hand_out_copies(session: Session, convention: Convention, file: File, event: Event, context: Context) -> None:
    """The draft of each party that a copy was made for."""
    for party, copy_id in event.derived["copies"].items():
        handed = await begin(session, convention, _copy(file, party, context), file_id=copy_id)
        await tell(session, convention, None, handed)


def _copy(file: File, party: str, context: Context) -> Drafted:
    return lambda file_id, reference: drafted_copy(file, party, context, file_id, reference)


async def begin_modification(
    session: Session, convention: Convention, file: File, event: Event, context: Context
) -> File:
    """The draft that is to replace an exchange in operation."""

    def drafted(file_id: str, reference: str) -> Event:
        return drafted_modification(file, context, file_id, reference)

    return await begin(session, convention, drafted, file_id=event.derived["modification"])
