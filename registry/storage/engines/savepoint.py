"""Part of a transaction that can be undone alone; the same three statements on both engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from registry.storage.engines.interface import Transaction


class Savepoint:
    """`async with`: released when the body ends, undone when it raises, and the exception goes on.

    When the database cannot undo it (connection lost, transaction already rolled back) that failure is raised in
    place of the body's, so that nobody goes on with half of the work.
    """

    __slots__ = ("_name", "_tx")

    def __init__(self, tx: Transaction, number: int) -> None:
        self._tx = tx
        self._name = f"part_{number}"

    async def __aenter__(self) -> None:
        await self._tx.execute(f"SAVEPOINT {self._name}")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            await self._tx.execute(f"ROLLBACK TO SAVEPOINT {self._name}")
        await self._tx.execute(f"RELEASE SAVEPOINT {self._name}")
