"""Threads that own SQLite connections, so that one whole transaction costs one hop."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from registry.storage.engines.errors import SuspendedWork

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable, Sequence

T = TypeVar("T")
_ONLY_THE_TRANSACTION = "inside a transaction only the transaction may be awaited: it runs in SQLite's own thread"


def drive(work: Awaitable[T]) -> T:
    """Run to its end, in this thread, an awaitable that never suspends. Raises `SuspendedWork` if it does."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as end:
        return cast("T", end.value)
    except RuntimeError as error:
        if type(error) is RuntimeError:  # most likely asyncio's "no running event loop": say why there is none
            error.add_note(_ONLY_THE_TRANSACTION)
        raise
    steps.close()
    raise SuspendedWork(_ONLY_THE_TRANSACTION)


Outcome: TypeAlias = "tuple[object, BaseException | None]"
"""What a job gave: its result, or what it raised."""

GROUP = 64
"""Jobs taken together at most."""


@dataclass(slots=True)
class Task:
    """A job that waits for its turn, and who waits for it."""

    job: Callable[[sqlite3.Connection], object]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    context: contextvars.Context
    last: bool = False
    grouped: bool = False


class Workers:
    """`count` threads with a connection each, taking jobs from one queue in order.

    The threads are daemons: an abandoned query can never keep the process from exiting (omnilib/aiosqlite#299).
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[], sqlite3.Connection],
        count: int = 1,
        *,
        spans_jobs: bool = False,
        together: Callable[[Sequence[Task], sqlite3.Connection], list[Outcome]] | None = None,
    ) -> None:
        """`spans_jobs`: a transaction may go on from one job to the next (a stream, Piccolo's `async with`).

        `together`: how jobs that were put with `grouped` and wait together are performed, all at once.
        """
        self._together = together
        self._name = name
        self._connect = connect
        self._count = count
        self._spans_jobs = spans_jobs
        self._queue: SimpleQueue[Task] = SimpleQueue()
        self._connections: set[sqlite3.Connection] = set()
        self._running = False

    async def start(self) -> None:
        """Start the threads; raises what the first connection raises."""
        self._running = True
        for number in range(self._count):
            threading.Thread(target=self._serve, name=f"{self._name}-{number}", daemon=True).start()
        try:
            await self.run(lambda _: None)
        except BaseException:
            await self.stop()
            raise

    async def run(self, job: Callable[[sqlite3.Connection], T], *, grouped: bool = False) -> T:
        """Run `job(connection)` in a thread, in a copy of the caller's context; `grouped`, with others of its kind.

        Cancelled before its turn, it does not run; once begun, it runs to its end whoever waits for it.
        """
        if not self._running:
            message = f"the database is closed ({self._name})"
            raise RuntimeError(message)
        return await self._put(job, grouped=grouped)

    async def stop(self, farewell: Callable[[sqlite3.Connection], object] | None = None, grace: float = 5.0) -> None:
        """End the threads after the jobs already queued; after `grace` seconds interrupt what still runs."""
        if not self._running:
            return
        self._running = False

        def close(connection: sqlite3.Connection) -> None:
            try:
                if farewell is not None:
                    farewell(connection)
            finally:
                connection.close()

        ends = [self._put(close, last=True) for _ in range(self._count)]
        _, pending = await asyncio.wait(ends, timeout=grace)
        if pending:
            for connection in tuple(self._connections):
                connection.interrupt()
            await asyncio.wait(pending, timeout=1.0)
        for end in ends:  # a failed farewell is no reason to fail: read, so that asyncio does not complain
            if end.done() and not end.cancelled():
                end.exception()

    def _put(
        self, job: Callable[[sqlite3.Connection], T], *, last: bool = False, grouped: bool = False
    ) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        task = Task(job, loop.create_future(), loop, contextvars.copy_context(), last, grouped)
        self._queue.put(task)
        return task.future

    def _serve(self) -> None:
        connection: sqlite3.Connection | None = None
        last = False
        held: Task | None = None
        while not last:
            task = held or self._queue.get()
            group, held = self._waiting_with(task)
            last = task.last
            if last and connection is None:
                _answer([task], [(None, None)])
            elif len(group) > 1:
                connection = self._perform_group(group, connection)
            elif last or not task.future.cancelled():
                connection = self._perform(task, connection)
            del task, group  # while waiting for the next one, keep alive neither the job nor what it caught

    def _waiting_with(self, task: Task) -> tuple[list[Task], Task | None]:
        """The task and those of its group that wait already; the first other one met must be taken next."""
        group = [task]
        while task.grouped and len(group) < GROUP:
            try:
                following = self._queue.get_nowait()
            except Empty:
                break
            if not following.grouped:
                return group, following
            group.append(following)
        return group, None

    def _perform_group(self, group: list[Task], connection: sqlite3.Connection | None) -> sqlite3.Connection | None:
        wanted = [task for task in group if not task.future.cancelled()]
        if self._together is None or connection is None or len(wanted) < 2:
            for task in wanted:
                connection = self._perform(task, connection)
            return connection
        outcomes: list[Outcome]
        try:
            outcomes = self._together(wanted, connection)
        except BaseException as error:  # noqa: BLE001  the thread must outlive it, and nobody may wait for ever
            outcomes = [(None, error)] * len(wanted)
        connection = self._clean(connection)
        _answer(wanted, outcomes)
        return connection

    def _clean(self, connection: sqlite3.Connection) -> sqlite3.Connection | None:
        """The connection, unless a job left its transaction open: then only a new one is known to be clean."""
        if not connection.in_transaction:
            return connection
        self._connections.discard(connection)
        with contextlib.suppress(Exception):
            connection.close()
        return None

    def _perform(self, task: Task, connection: sqlite3.Connection | None) -> sqlite3.Connection | None:
        result, failure = None, None
        try:
            if connection is None:
                connection = self._connect()
                self._connections.add(connection)
            result = task.context.run(task.job, connection)
        except BaseException as error:  # noqa: BLE001  whoever waits for the job gets it
            failure = error
        if connection is not None and not (task.last or self._spans_jobs):
            connection = self._clean(connection)
        _answer([task], [(result, failure)])
        return connection


def _answer(tasks: Sequence[Task], outcomes: Sequence[Outcome]) -> None:
    """Wake each loop once, however many of its jobs are done."""
    done: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Outcome]]] = {}
    for task, outcome in zip(tasks, outcomes, strict=True):
        done.setdefault(task.loop, []).append((task.future, outcome))
    for loop, answers in done.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_deliver, answers)


def _deliver(answers: Sequence[tuple[asyncio.Future[Any], Outcome]]) -> None:
    for future, (result, failure) in answers:
        if future.cancelled():
            continue
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)
