"""How a SQLite file is opened."""

import os
import sqlite3
from pathlib import Path
from typing import Literal
from urllib.parse import quote

# Registers Piccolo's adapters and converters, which must come before our own.
import piccolo.engine.sqlite  # noqa: F401

from registry.storage.engines.errors import Unusable

OLDEST = (3, 37, 0)
"""RETURNING and DROP COLUMN (3.35), STRICT tables (3.37)."""

LOCK_WAIT = 5.0
"""Seconds to wait while another process writes."""

Role = Literal["writer", "reader", "schema"]
_COMMON = ("temp_store=MEMORY", "cache_size=-8192", "foreign_keys=1", "secure_delete=ON")
_PRAGMAS: dict[Role, tuple[str, ...]] = {
    # The event row is the audit record: once acknowledged it must survive a power cut, hence FULL.
    "writer": ("synchronous=FULL", "wal_autocheckpoint=8000", *_COMMON),
    "reader": ("query_only=1", *_COMMON),
    # Foreign keys are suspended so that a table can be rebuilt; the schema change checks them all before COMMIT.
    "schema": ("synchronous=FULL", *_COMMON, "foreign_keys=0"),
}

# Piccolo reads integers through Decimal, five times the cost.
sqlite3.register_converter("INTEGER", int)


def connect(path: Path, role: Role, lock_wait: float = LOCK_WAIT) -> sqlite3.Connection:
    """Open an existing file. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw",
        uri=True,
        timeout=lock_wait,
        isolation_level=None,
        cached_statements=256,
        detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES,
        check_same_thread=True,
    )
    try:
        for pragma in _PRAGMAS[role]:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def prepare(path: Path, *, create: bool) -> None:
    """Check SQLite's version and the file, and put it in WAL mode. Raises `Unusable`."""
    if sqlite3.sqlite_version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        message = f"SQLite {sqlite3.sqlite_version} est trop ancien : Écluse demande {wanted} ou plus récent"
        raise Unusable(message)
    try:
        if create:
            # Private from its first byte; SQLite gives the same mode to the -wal and -shm files.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        elif not path.is_file():
            message = f"aucune base dans « {path} » : lancez « ecluse init », ou corrigez l'adresse"
            raise Unusable(message)
        connection = connect(path, "writer")
        try:
            (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
        finally:
            connection.close()
    except (OSError, sqlite3.Error) as error:
        message = f"la base « {path} » ne peut pas être ouverte : {error}"
        raise Unusable(message) from error
    if mode != "wal":
        message = f"le système de fichiers de « {path} » n'admet pas le journal de SQLite : choisissez un disque local"
        raise Unusable(message)
