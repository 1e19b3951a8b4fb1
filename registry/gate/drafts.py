"""What somebody begins to write for an act: kept for them alone, by those who may do the act, until it is done."""

from registry.conformity import People
from registry.exchange.acts import ACTS, Act
from registry.exchange.context import Context
from registry.exchange.decide.guards import authorise
from registry.gate.exchanges import load_request
from registry.gate.gate import Answer
from registry.gate.session import Session, new_id
from registry.refusals import NotFound
from registry.storage.drafts import Fields, draft_key, drop_draft, save_draft


async def _require_open(session: Session, request_id: str, act: str) -> None:
    """Refuse somebody to whom the act is not open today. Raises as the act itself would."""
    loaded = await load_request(session, request_id, for_update=True)
    convention = await session.convention_of(loaded)
    authorise(loaded.file, act_of(act), Context(session.actor, session.today, convention, People({}), new_id))


def act_of(name: str) -> Act:
    """An act of the table. Raises NotFound."""
    if name not in ACTS:
        raise NotFound("Cet acte n'existe pas.")
    return ACTS[name]


async def keep_draft(
    session: Session, request_id: str, act: str, target: str, fields: Fields, version: int
) -> Answer[str]:
    """Keep what was typed so far; answers when (UTC text). Raises as the act itself would."""
    await _require_open(session, request_id, act)
    key = await session.key_of(request_id)
    named = draft_key(act, target)
    return Answer(await save_draft(session.tx, request_id, session.actor.id, named, fields, version, key, session.now))


async def give_up_draft(session: Session, request_id: str, act: str, target: str) -> Answer[None]:
    """Forget what was typed."""
    await load_request(session, request_id)
    await drop_draft(session.tx, request_id, session.actor.id, draft_key(act_of(act).name, target))
    return Answer(None)
