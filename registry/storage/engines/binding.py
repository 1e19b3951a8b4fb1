"""Choosing the engine at run time, and telling Piccolo's tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from piccolo.apps.migrations.tables import Migration
from piccolo.table import TABLE_REGISTRY
from piccolo.table import Table as PiccoloTable

from registry.storage.engines.errors import Unusable
from registry.storage.engines.local import LocalEngine
from registry.storage.engines.server import POOL_SIZE, ServerEngine

if TYPE_CHECKING:
    import os

    from registry.storage.engines.interface import Engine

_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")


def engine_for(address: str | os.PathLike[str], *, pool_size: int = POOL_SIZE) -> Engine:
    """The engine of an address; no I/O. Raises `Unusable` when it is neither SQLite's nor PostgreSQL's.

    `sqlite:///relative.db`, `sqlite:////absolute.db` or a path; `postgresql://user@host/name?…`.
    `pool_size`: connections to PostgreSQL, per process.
    """
    if not isinstance(address, str):
        return LocalEngine(Path(address))
    if address.startswith(_POSTGRES):
        return ServerEngine(address, pool_size)
    path = unquote(address.removeprefix(_SQLITE))
    if not address.startswith(_SQLITE) or path in ("", ":memory:"):
        message = "l'adresse de la base commence par postgresql:// ou par sqlite:/// suivi d'un fichier"
        raise Unusable(message)
    return LocalEngine(Path(path))


def bind(engine: Engine, *tables: type[PiccoloTable]) -> None:
    """Make Piccolo's queries on these tables, or on every table defined so far, use this engine.

    Also binds Piccolo's own table of migrations, which would otherwise keep the engine it met first.
    """
    for table in (*(tables or TABLE_REGISTRY), Migration):
        table._meta.db = cast("LocalEngine | ServerEngine", engine)  # noqa: SLF001  Piccolo's documented way
