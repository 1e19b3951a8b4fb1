"""Whether the database is the one this version expects."""

from registry.storage.engines import Engine, Unusable
from registry.storage.migrations import pending


async def require_current(engine: Engine) -> None:
    """Raise `Unusable`, with what to do, when migrations are missing or the database is a newer version's."""
    missing = await pending(engine)
    if missing:
        raise Unusable(f"La base n'est pas à jour ({', '.join(missing)}) : lancez « ecluse migrate ».")
