"""Group commit on SQLite: transactions that wait for the one writer together are committed together.

A commit costs far more than the statements of one act (a flush, and a write of every page touched). Each member runs in
a savepoint of its own, so that its failure undoes it alone; nobody is answered before the COMMIT that holds its work.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from registry.storage.engines.errors import Busy
from registry.storage.engines.local_transaction import LocalTransaction, begin, commit, perform
from registry.storage.engines.worker import Outcome, drive

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from contextvars import ContextVar

    from registry.storage.engines.worker import Task


class Transactional:
    """A job that is one whole transaction, alone or as a member of a group."""

    __slots__ = ("_current", "_work")

    def __init__(self, work: Callable[[LocalTransaction], Awaitable[Any]], current: ContextVar[Any]) -> None:
        """`current` tells Piccolo's queries inside `work` which transaction is theirs."""
        self._work = work
        self._current = current

    def __call__(self, connection: sqlite3.Connection) -> Any:
        """The transaction alone."""
        return perform(self._work, "BEGIN IMMEDIATE", self._current, connection)

    def join(self, connection: sqlite3.Connection) -> Any:
        """The transaction as a savepoint of the group's. Raises what the work raises, undone alone."""
        tx = LocalTransaction(connection)
        self._current.set(tx)
        connection.execute("SAVEPOINT member")
        try:
            result = drive(self._work(tx))
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK TO member")
                connection.execute("RELEASE member")
            raise
        finally:
            tx.end()
        connection.execute("RELEASE member")
        return result


def perform_group(tasks: Sequence[Task], connection: sqlite3.Connection) -> list[Outcome]:
    """The outcome of each task, all committed; or, when the group cannot be, of each task run alone.

    1. BEGIN IMMEDIATE, or `Busy` for all: one wait for another process is enough; 2. each member in its savepoint;
    3. COMMIT. When SQLite undoes the transaction by itself (disk full) or refuses the COMMIT (a deferred foreign key),
    nothing is kept and every member runs again by itself.
    """
    try:
        begin(connection, "BEGIN IMMEDIATE")
    except Busy as busy:
        return [(None, Busy(*busy.args)) for _ in tasks]
    try:
        outcomes = [_outcome(task, connection) for task in tasks]
        commit(connection)
    except Exception:  # noqa: BLE001  whatever stopped the group, each member's own run says what concerns it
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return [_alone(task, connection) for task in tasks]
    return outcomes


class _GroupUndoneError(Exception):
    """SQLite undid the whole transaction while a member ran."""


def _outcome(task: Task, connection: sqlite3.Connection) -> Outcome:
    try:
        return task.context.run(task.job.join, connection), None  # type: ignore[attr-defined]
    except BaseException as error:
        if not connection.in_transaction:
            raise _GroupUndoneError from error
        return None, error


def _alone(task: Task, connection: sqlite3.Connection) -> Outcome:
    try:
        return task.context.copy().run(task.job, connection), None
    except BaseException as error:  # noqa: BLE001  whoever waits for the member gets it
        return None, error
