"""What the end of a convention does to its exchanges, in the transaction that records it (convention, article 12)."""

from registry.convention import Convention
from registry.exchange.decide.ending import stopped
from registry.exchange.evolve import evolve
from registry.gate.session import Session
from registry.gate.telling import tell
from registry.gate.webhooks import announce
from registry.storage.exchanges import files_in, load, update
from registry.storage.register_links import follow_exchange
from registry.storage.reviews import follow_review


async def stop_exchanges(session: Session, convention: Convention) -> None:
    """Suspend every exchange in operation that the convention alone carries, whichever parties it links: who may record
    the termination need not see them."""
    parties = [str(party["id"]) for party in convention.parties()]
    for file in await files_in(session.tx, convention.id, parties, ["active"]):
        await _stop(session, convention, file.id, file.holder)


async def _stop(session: Session, convention: Convention, exchange: str, holder: str) -> None:
    loaded = await load(session.tx, exchange, holder, for_update=True)
    if loaded is None or loaded.file.state != "active" or loaded.file.framework or loaded.file.erased_on is not None:
        return  # read again once it is locked: an act under way may have ended it, or given it a frame of its own
    event = stopped(loaded.file, session.actor.id, session.actor.party, session.today)
    revision = loaded.revision + 1
    key = await session.key_of(exchange)
    _, committed = await session.append(convention.id, exchange, revision, "exchange", "", event, key)
    after = evolve(loaded.file, committed)
    await follow_exchange(session.tx, loaded.file, after, committed)
    await update(session.tx, convention, loaded, after, revision)
    await follow_review(session.tx, convention, loaded.file, after, loaded.position)
    await tell(session, convention, loaded.file, after)
    await announce(session, convention, after, [committed])
