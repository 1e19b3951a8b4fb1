"""SQLite's errors in the house's words."""

import re
import sqlite3

from registry.storage.engines.errors import (
    Busy,
    CheckViolation,
    ForeignKeyViolation,
    NotNullViolation,
    TriggerViolation,
    UniqueViolation,
    Violation,
)

_PRIMARY_CODE = 0xFF
_VIOLATIONS: dict[int, type[Violation]] = {
    sqlite3.SQLITE_CONSTRAINT_UNIQUE: UniqueViolation,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: UniqueViolation,
    sqlite3.SQLITE_CONSTRAINT_ROWID: UniqueViolation,
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: ForeignKeyViolation,
    sqlite3.SQLITE_CONSTRAINT_CHECK: CheckViolation,
    sqlite3.SQLITE_CONSTRAINT_NOTNULL: NotNullViolation,
    sqlite3.SQLITE_CONSTRAINT_TRIGGER: TriggerViolation,
}
_INDEX = re.compile(r"^index '(.+)'$")


def translated(error: sqlite3.Error) -> Exception:
    """The house's error for SQLite's, or the error itself."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return error
    if code & _PRIMARY_CODE in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy("another process kept the SQLite file locked")
    violation = _VIOLATIONS.get(code)
    return error if violation is None else _described(violation, str(error))


def _described(violation: type[Violation], message: str) -> Violation:
    if violation is TriggerViolation:
        return violation(constraint=message)
    _, _, rule = message.partition(" constraint failed: ")
    if violation is CheckViolation:
        return violation(constraint=rule)
    if index := _INDEX.match(rule):
        return violation(constraint=index[1])
    table, columns = None, []
    for qualified in rule.split(", ") if rule else ():
        table, _, column = qualified.rpartition(".")
        columns.append(column)
    return violation(table, tuple(columns))
