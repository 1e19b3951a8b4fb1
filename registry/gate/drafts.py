"""What somebody begins to write for an act: kept for them alone, by those who may do the act, until it is done."""

from registry.conformity import People
from registry.exchange.acts import ACTS, Act
from registry.exchange.context import Context
from registry.exchange.decide.guards import authorise
from registry.exchange.file import File
from registry.gate.exchanges import load_request
from registry.gate.gate import Answer
from registry.gate.session import Session, new_id
from registry.refusals import NotFound
from registry.storage.drafts import Draft, Fields, drop_draft, load_draft, save_draft


async def _open(session: Session, request_id: str, act: str, *, for_update: bool) -> File:
    """The exchange, for somebody to whom the act is open today. Raises as the act itself would."""
    loaded = await load_request(session, request_id, for_update=for_update)
    convention = await session.convention_of(loaded)
    authorise(loaded.file, act_of(act), Context(session.actor, session.today, convention, People({}), new_id))
    return loaded.file


def act_of(name: str) -> Act:
    """An act of the table. Raises NotFound."""
    if name not in ACTS:
        raise NotFound("Cet acte n'existe pas.")
    return ACTS[name]


async def keep_draft(session: Session, request_id: str, act: str, fields: Fields, version: int) -> Answer[str]:
    """Keep what was typed so far; answers when. Raises as the act itself would."""
    await _open(session, request_id, act, for_update=True)
    key = await session.key_of(request_id)
    await save_draft(session.tx, request_id, session.actor.id, act, fields, version, key, session.now)
    return Answer(session.now.isoformat())


async def draft_of(session: Session, request_id: str, act: str) -> Draft | None:
    """What the caller typed for an act, if they began it. Raises as the act itself would."""
    await _open(session, request_id, act, for_update=False)
    return await load_draft(session.tx, request_id, session.actor.id, act, await session.key_of(request_id))


async def give_up_draft(session: Session, request_id: str, act: str) -> Answer[None]:
    """Forget what was typed."""
    await load_request(session, request_id)
    await drop_draft(session.tx, request_id, session.actor.id, act_of(act).name)
    return Answer(None)
