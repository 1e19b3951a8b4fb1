"""Changing a database behind the program's back: no trigger, no foreign key, no transaction of the house."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Self

import asyncpg  # type: ignore[import-untyped]

KEYS = {
    "event": ("seq",), "opening": ("object", "revision"), "object_key": ("object",),
    "attachment": ("object", "sha256"), "checkpoint": ("log", "size"), "node": ("log", "level", "idx"),
    "log_head": ("log",), "cosignature": ("log", "size", "witness"), "exchange": ("id",),
    "exchange_listing": ("party", "exchange"), "register_entry": ("id",), "register_version": ("entry", "version"),
    "exchange_text": ("position",), "exchange_figure": ("exchange",), "exchange_followed": ("exchange", "number"), "exchange_awaited": ("position", "party", "role"), "convention": ("id",), "log": ("id",), "log_key": ("log", "kind", "vkey"), "actor": ("log", "account"),
}  # fmt: skip
Row = dict[str, Any]


class Intruder:
    """Somebody with the database's files or its administrator's password."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._local: sqlite3.Connection | None = None
        self._server: Any = None

    async def __aenter__(self) -> Self:
        if self._url.startswith("sqlite:"):
            self._local = sqlite3.connect(self._url.removeprefix("sqlite:///"), isolation_level=None, timeout=10)
            triggers = self._local.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
            for (name,) in triggers:
                self._local.execute(f"DROP TRIGGER {name}")
        else:
            self._server = await asyncpg.connect(self._url)
            await self._server.execute("SET session_replication_role = replica")  # neither triggers nor foreign keys
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._local is not None:
            self._local.close()
        else:
            await self._server.close()

    async def rows(self, table: str) -> list[Row]:
        """Every row, in the order of its key."""
        sql = f"SELECT * FROM {table} ORDER BY {', '.join(KEYS[table])}"
        if self._local is None:
            return [dict(row) for row in await self._server.fetch(sql)]
        cursor = self._local.execute(sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    async def change(self, table: str, row: Row, changes: Row) -> bool:
        """Change a row; False when an index does not allow it."""
        told = ", ".join(f"{name} = ?" for name in changes)
        return await self._run(f"UPDATE {table} SET {told}", changes, table, row)

    async def delete(self, table: str, row: Row) -> None:
        await self._run(f"DELETE FROM {table}", {}, table, row)

    async def insert(self, table: str, row: Row) -> None:
        names = ", ".join(row)
        overriding = " OVERRIDING SYSTEM VALUE" if self._local is None and table == "event" else ""
        marks = ", ".join("?" for _ in row)
        await self._execute(f"INSERT INTO {table} ({names}){overriding} VALUES ({marks})", list(row.values()))

    async def _run(self, statement: str, changes: Row, table: str, row: Row) -> bool:
        where = " AND ".join(f"{name} = ?" for name in KEYS[table])
        try:
            await self._execute(f"{statement} WHERE {where}", [*changes.values(), *(row[name] for name in KEYS[table])])
        except (sqlite3.IntegrityError, asyncpg.UniqueViolationError):
            return False
        return True

    async def _execute(self, sql: str, values: Sequence[Any]) -> None:
        if self._local is not None:
            self._local.execute(sql, values)
            return
        for number in range(1, len(values) + 1):
            sql = sql.replace("?", f"${number}", 1)
        await self._server.execute(sql, *values)


def altered(value: Any, step: int) -> Iterator[Any]:
    """Other values, each one byte or one unit away; every `step`th byte of a long one, its first and its last."""
    if isinstance(value, bytes | bytearray | memoryview):
        raw = bytes(value)
        for at in {*range(0, len(raw), step), len(raw) - 1} if raw else ():
            yield raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        yield raw + b"\x00"
    elif isinstance(value, str):
        for at in sorted({*range(0, len(value), step), len(value) - 1}) if value else ():
            yield value[:at] + ("1" if value[at] == "0" else "0") + value[at + 1 :]
    elif isinstance(value, int):
        yield value + 1
        yield value - 1
    else:
        yield from ("2023-02-01", b"\x00", 1)
