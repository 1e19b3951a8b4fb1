"""Piccolo's queries, on the house's connections and inside the house's transactions."""

from __future__ import annotations

from abc import abstractmethod
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn

from piccolo.engine.base import BaseAtomic, BaseTransaction
from piccolo.engine.base import Engine as PiccoloEngine
from piccolo.engine.exceptions import TransactionError

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from piccolo.query.base import DDL, Query
    from piccolo.querystring import QueryString

    from registry.storage.engines.interface import Dialect, Running

NO_BATCH = "Piccolo's batch() swallows exceptions: use the engine's stream()"


class PiccoloTransaction(BaseTransaction):
    """`async with engine.transaction()`: a transaction, or a savepoint inside one."""

    __slots__ = ("_scope",)

    def __init__(self, scope: AbstractAsyncContextManager[Any]) -> None:
        self._scope = scope

    async def __aenter__(self) -> Any:
        return await self._scope.__aenter__()

    async def __aexit__(  # type: ignore[override]  # Piccolo says bool, Python allows None: never swallow
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._scope.__aexit__(kind, error, trace)


class PiccoloAtomic(BaseAtomic):
    """Queries gathered first, run in one transaction later."""

    __slots__ = ("_engine", "_queries")

    def __init__(self, engine: Bridge) -> None:
        self._engine = engine
        self._queries: list[Query[Any, Any] | DDL] = []

    def add(self, *query: Query[Any, Any] | DDL) -> None:
        self._queries.extend(query)

    async def run(self) -> None:
        queries, self._queries = self._queries, []
        async with self._engine.transaction():
            for query in queries:
                await query.run()

    def run_sync(self) -> NoReturn:
        message = "the engine belongs to the running event loop: await the queries"
        raise TransactionError(message)

    def __await__(self) -> Any:
        return self.run().__await__()


class Bridge(PiccoloEngine[Any]):
    """The Piccolo side of an engine. Unlike Piccolo's own, building it does no I/O."""

    def __init__(self, dialect: Dialect) -> None:  # super().__init__ would connect to ask for the version
        self.engine_type = dialect
        self.min_version_number = 0
        self.log_queries = self.log_responses = False
        self.query_id = 0
        self.current_transaction: ContextVar[Any] = ContextVar(f"{dialect} transaction", default=None)

    def current(self) -> Running | None:
        """The transaction this code runs in. One that has ended is nobody's: a task outliving it starts afresh."""
        tx = self.current_transaction.get()
        return None if tx is None or tx.ended else tx

    @abstractmethod
    def scope(self) -> AbstractAsyncContextManager[Running]:
        """A new read-write transaction, current while it lasts."""

    @abstractmethod
    async def single(self, sql: str, args: list[Any]) -> list[dict[str, Any]]:
        """Run one statement outside any transaction."""

    def transaction(self, *_: object, allow_nested: bool = True, **__: object) -> PiccoloTransaction:
        """Read-write, IMMEDIATE on SQLite whatever is asked (DEFERRED fails at its first write); nested: savepoint."""
        current = self.current()
        if current is None:
            return PiccoloTransaction(self.scope())
        if not allow_nested:
            message = "A transaction is already active - nested transactions aren't allowed."
            raise TransactionError(message)
        return PiccoloTransaction(current.savepoint())

    def atomic(self, *_: object, **__: object) -> PiccoloAtomic:
        return PiccoloAtomic(self)

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> list[dict[str, Any]]:
        sql, args = querystring.compile_string(engine_type=self.engine_type)
        return await self._run(sql, args)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> list[dict[str, Any]]:
        return await self._run(ddl, [])

    async def _run(self, sql: str, args: list[Any]) -> list[dict[str, Any]]:
        current = self.current()
        return await (self.single(sql, args) if current is None else current.records(sql, args))

    async def batch(self, *_: object, **__: object) -> NoReturn:
        raise NotImplementedError(NO_BATCH)

    async def get_version(self) -> float:
        return 0.0

    def get_version_sync(self) -> float:
        return 0.0

    async def prep_database(self) -> None:
        """Nothing: no extension is needed."""
