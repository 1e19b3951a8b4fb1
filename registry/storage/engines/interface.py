"""What the rest of the house may ask of a database, whichever engine answers.

SQL is written once, with `?` placeholders in order and no `?` inside a literal. Values are str, int, float, bytes, bool
and None. Three rules make one text right on both engines:

* a flag is a column declared BOOLEAN, compared with a parameter or with TRUE / FALSE, never with 0 or 1; it comes back
  as a bool. An *expression* (`a > b`, `EXISTS …`) comes back as 0 or 1 from SQLite: wrap it in `bool()`;
* a statement that may fail and whose failure is survived stands in a `savepoint()`: PostgreSQL accepts nothing more in
  a transaction where a statement failed;
* `work` awaits its transaction and nothing else: on SQLite it runs in the database's own thread, without an event loop.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

Dialect: TypeAlias = Literal["sqlite", "postgres"]
Isolation: TypeAlias = Literal["read committed", "repeatable read", "serializable"]
Row: TypeAlias = tuple[Any, ...]
"""Positional access and unpacking. (asyncpg's Record behaves so; its names are not for use, SQLite has none.)"""

T = TypeVar("T")


class Transaction(Protocol):
    """An open transaction. Integrity errors are raised as `errors.Violation`, the same on both engines."""

    @property
    def dialect(self) -> Dialect: ...

    async def rows(self, sql: str, *args: object) -> Sequence[Row]:
        """All rows of a query, or of a statement with RETURNING."""

    async def row(self, sql: str, *args: object) -> Row | None:
        """The first row, or None."""

    async def value(self, sql: str, *args: object) -> Any:
        """The first column of the first row, or None without a row."""

    async def execute(self, sql: str, *args: object) -> int:
        """Run a statement; the number of rows an INSERT, UPDATE or DELETE touched, else 0."""

    async def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of arguments."""

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """A part that is undone alone when its body raises; the exception goes on."""


class Running(Transaction, Protocol):
    """What the engines need beside: Piccolo's queries see the same transaction."""

    async def records(self, sql: str, args: Sequence[object]) -> list[dict[str, Any]]: ...


Work: TypeAlias = Callable[[Transaction], Awaitable[T]]


class Engine(Protocol):
    """A database. Building one does no I/O; `open` it in the application's lifespan, after any fork."""

    @property
    def dialect(self) -> Dialect: ...

    async def open(self, *, create: bool = False) -> None:
        """Connect and check the server's version. Raises `Unusable` with a sentence for the operator.

        `create` lets SQLite make its file (mode 0600); without it a missing file is an error, not a surprise.
        """

    async def close(self, *, grace: float = 5.0) -> None:
        """Let running work end, for `grace` seconds, then cut it. May be called twice; never raises nor hangs."""

    async def transact(self, work: Work[T], *, attempts: int = 5, isolation: Isolation = "read committed") -> T:
        """Run `work` read-write and commit, all or nothing. `work` may be run again, so it must only touch `tx`.

        SQLite: IMMEDIATE, one writer at a time, so always serializable. PostgreSQL: `isolation`, retried with jitter on
        serialization failure, deadlock, or a connection lost before COMMIT was sent. Inside another `transact` it is a
        savepoint. Cancelled: on SQLite what has begun ends by itself, committed or rolled back; on PostgreSQL it is
        rolled back, unless COMMIT was already sent. Raises `Busy` when it cannot get its turn.
        """

    async def read(self, work: Work[T], *, snapshot: bool = True) -> T:
        """Run `work` on one read-only snapshot; it neither waits for writers nor delays them.

        With `snapshot=False` on PostgreSQL each statement sees its own moment: two round trips less, for one statement.
        Inside `transact` it reads that transaction.
        """

    def stream(self, sql: str, *args: object, size: int = 2000) -> AsyncGenerator[list[Row], None]:
        """Batches of at most `size` rows, in constant memory, from a snapshot of its own.

        Outside any transaction, even when called inside one. Leaving early is safe; `contextlib.aclosing` makes the
        moment of closing certain. Raises `Busy` when too many streams are open.
        """

    async def maintain(self, sql: str, *args: object) -> list[Row]:
        """Run one statement outside any transaction, on a connection of its own: VACUUM, PRAGMA wal_checkpoint…

        Raises `Busy` when a table it needs is not free within a few seconds.
        """

    def schema_change(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction for migrations: one process at a time, the others wait (up to ten minutes) at its door.

        SQLite suspends foreign keys, so that a table can be rebuilt, and checks them all before COMMIT.
        """
