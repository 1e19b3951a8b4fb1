"""PostgreSQL's errors in the house's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import asyncpg  # type: ignore[import-untyped]  # it publishes no types

from registry.storage.engines.errors import (
    CheckViolation,
    ForeignKeyViolation,
    NotNullViolation,
    TriggerViolation,
    UniqueViolation,
    Violation,
)

if TYPE_CHECKING:
    from registry.storage.engines.pool import Connection

REFUSALS = (asyncpg.IntegrityConstraintViolationError, asyncpg.RaiseError)
"""What `translated` is for."""

RETRYABLE = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    # A migration changed a table under a prepared statement: the driver has dropped it, a second run prepares anew.
    asyncpg.InvalidCachedStatementError,
)

NOT_NOW = (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError)
"""Why a connection may fail to open today and open tomorrow."""

_SHUT_DOWN = (asyncpg.AdminShutdownError, asyncpg.CrashShutdownError)
# InternalClientError: the server has said goodbye, the socket is not closed yet, and the driver is told to go on.
_CONNECTION_LOST = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)

_VIOLATIONS: dict[type[Exception], type[Violation]] = {
    asyncpg.UniqueViolationError: UniqueViolation,
    asyncpg.ForeignKeyViolationError: ForeignKeyViolation,
    asyncpg.CheckViolationError: CheckViolation,
    asyncpg.NotNullViolationError: NotNullViolation,
}
# "Key (log, object_id)=(…) already exists.": the words change with the server's language, the brackets do not.
_KEY = re.compile(r"\((.+?)\)=\(")


def translated(error: asyncpg.PostgresError) -> Violation:
    """The house's error for one of `REFUSALS`. The detail's values are left behind: they may be personal data."""
    if isinstance(error, asyncpg.RaiseError):
        return TriggerViolation(constraint=error.message)
    key = _KEY.search(error.detail or "")
    columns = tuple(key[1].split(", ")) if key else ((error.column_name,) if error.column_name else ())
    return _VIOLATIONS.get(type(error), Violation)(error.table_name, columns, error.constraint_name)


def was_lost(connection: Connection, error: BaseException) -> bool:
    """Whether the error is the loss of the connection, and not one that merely came at that moment.

    To be asked after `give_up`: only its ROLLBACK tells a connection that still looks open from one that works.
    """
    return isinstance(error, _SHUT_DOWN) or (isinstance(error, _CONNECTION_LOST) and connection.is_closed())
