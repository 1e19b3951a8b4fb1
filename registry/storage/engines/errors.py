"""What a database may refuse, named once for both engines."""


class Unusable(Exception):
    """The database cannot be used as configured; the message is for the operator."""


class Busy(Exception):
    """No turn in time; nothing was done and the caller may come back. The server answers 503 with Retry-After."""


class Unreachable(Busy):
    """The database server does not answer; nothing was done."""


class TransactionEnded(RuntimeError):
    """The transaction was used after its end, or the database itself had to undo it."""


class NothingCommitted(RuntimeError):
    """A statement failed, its error was caught outside a savepoint, and so PostgreSQL undid the whole transaction."""


class SuspendedWork(RuntimeError):
    """The work awaited something else than its transaction."""


class Violation(Exception):
    """A constraint refused the statement. The message names the rule, never the values."""

    def __init__(self, table: str | None = None, columns: tuple[str, ...] = (), constraint: str | None = None) -> None:
        """`constraint` is the rule's name where the engine tells it (SQLite: CHECKs, and indexes on expressions)."""
        super().__init__(table, columns, constraint)
        self.table = table
        self.columns = columns
        self.constraint = constraint

    def __str__(self) -> str:
        where = f"{self.table or ''}({', '.join(self.columns)})" if self.table or self.columns else ""
        return " ".join(part for part in (self.constraint, where) if part) or type(self).__name__


class UniqueViolation(Violation):
    """The key exists. `columns` are in the order of the index, on both engines."""


class ForeignKeyViolation(Violation):
    """The row referred to does not exist, or is still referred to."""


class CheckViolation(Violation):
    """A CHECK is not met; `constraint` is its name."""


class NotNullViolation(Violation):
    """A column that needs a value got none."""


class TriggerViolation(Violation):
    """A trigger refused: RAISE(ABORT, 'name') or RAISE EXCEPTION 'name'; `constraint` is that text."""


class Ended:
    """Stands in for the connection of a transaction that is over: any use of it raises."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def __getattr__(self, name: str) -> object:
        raise TransactionEnded(self._reason)
