"""Databases behind one interface: SQLite by default, PostgreSQL when it is outgrown.

`interface` says what is promised; `local*` and `worker` keep it on SQLite, `server*` and `pool` on PostgreSQL; `bridge`
lets Piccolo's own queries use the same connections and transactions.
"""

from registry.storage.engines.binding import bind, engine_for
from registry.storage.engines.errors import (
    Busy,
    CheckViolation,
    ForeignKeyViolation,
    NothingCommitted,
    NotNullViolation,
    SuspendedWork,
    TransactionEnded,
    TriggerViolation,
    UniqueViolation,
    Unreachable,
    Unusable,
    Violation,
)
from registry.storage.engines.interface import Dialect, Engine, Isolation, Row, Transaction, Work

__all__ = [
    "Busy",
    "CheckViolation",
    "Dialect",
    "Engine",
    "ForeignKeyViolation",
    "Isolation",
    "NotNullViolation",
    "NothingCommitted",
    "Row",
    "SuspendedWork",
    "Transaction",
    "TransactionEnded",
    "TriggerViolation",
    "UniqueViolation",
    "Unreachable",
    "Unusable",
    "Violation",
    "Work",
    "bind",
    "engine_for",
]
