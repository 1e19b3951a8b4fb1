"""A transaction on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from registry.storage.engines.errors import Ended
from registry.storage.engines.placeholders import numbered
from registry.storage.engines.savepoint import Savepoint
from registry.storage.engines.server_errors import REFUSALS, translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from registry.storage.engines.interface import Row
    from registry.storage.engines.pool import Connection

_OVER = Ended("the transaction is over")
_COUNTED = ("INSERT", "UPDATE", "DELETE", "MERGE")


class ServerTransaction:
    """Calls asyncpg directly: its cache of prepared statements needs no help."""

    __slots__ = ("_connection", "_savepoints")
    dialect: Literal["postgres"] = "postgres"

    def __init__(self, connection: Connection) -> None:
        self._connection: Any = connection
        self._savepoints = 0

    @property
    def ended(self) -> bool:
        return isinstance(self._connection, Ended)

    def end(self) -> None:
        self._connection = _OVER

    async def rows(self, sql: str, *args: object) -> list[Row]:
        try:
            rows: list[Row] = await self._connection.fetch(numbered(sql), *args)
        except REFUSALS as error:
            raise translated(error) from error
        return rows

    async def row(self, sql: str, *args: object) -> Row | None:
        try:
            row: Row | None = await self._connection.fetchrow(numbered(sql), *args)
        except REFUSALS as error:
            raise translated(error) from error
        return row

    async def value(self, sql: str, *args: object) -> Any:
        try:
            return await self._connection.fetchval(numbered(sql), *args)
        except REFUSALS as error:
            raise translated(error) from error

    async def execute(self, sql: str, *args: object) -> int:
        try:
            # Without arguments it may be a migration's step, where quotes and `?` have no rule to follow.
            status: str = await self._connection.execute(numbered(sql) if args else sql, *args)
        except REFUSALS as error:
            raise translated(error) from error
        return int(status.rpartition(" ")[2]) if status.startswith(_COUNTED) else 0

    async def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        try:
            await self._connection.executemany(numbered(sql), rows)
        except REFUSALS as error:
            raise translated(error) from error

    async def records(self, sql: str, args: Sequence[object]) -> list[dict[str, Any]]:
        try:
            return [dict(record) for record in await self._connection.fetch(sql, *args)]
        except REFUSALS as error:
            raise translated(error) from error

    def savepoint(self) -> Savepoint:
        self._savepoints += 1
        return Savepoint(self, self._savepoints)
