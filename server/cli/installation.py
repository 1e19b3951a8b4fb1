"""What commands share: the installation's engine and keys, opened for one piece of work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from registry.ledger.signers import Recorder
from registry.storage.engines import Engine, engine_for
from registry.storage.vault import Vault
from server.home import load_recorder, load_vault
from server.readiness import require_current
from server.settings import Settings, read_settings

T = TypeVar("T")


@dataclass(frozen=True)
class Installation:
    """An opened installation."""

    settings: Settings
    engine: Engine
    vault: Vault
    recorder: Recorder


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Installation]:
    """The installation with its database open, migrated to this version. Raises SettingError or Unusable."""
    engine = engine_for(settings.database_url)
    vault, recorder = load_vault(settings), load_recorder(settings)
    await engine.open()
    try:
        await require_current(engine)
        yield Installation(settings, engine, vault, recorder)
    finally:
        await engine.close()


def run(work: Callable[[Installation], Awaitable[T]]) -> T:
    """Run a command's work on the installation of the environment."""

    async def opening() -> T:
        async with opened(read_settings()) as installation:
            return await work(installation)

    return asyncio.run(opening())
