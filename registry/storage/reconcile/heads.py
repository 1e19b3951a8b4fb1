"""The heads kept of one log: its sequenced head, its signed checkpoints and the witnesses' lines over them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from registry.clock import timestamp
from registry.ledger.checkpoints import Checkpoint, checkpoint_of
from registry.ledger.cosignatures import CosignatureVerifier, times_of
from registry.ledger.errors import LedgerError
from registry.ledger.merkle import Frontier
from registry.ledger.notes import open_note, split_note
from registry.storage.engines import Transaction
from registry.storage.logs import Log
from registry.storage.reconcile.findings import Report
from registry.storage.reconcile.naming import Named
from registry.storage.reconcile.paging import paged

_SKEW = timedelta(minutes=5)
"""By how much the clocks of two replicas may differ."""
_BEFORE_ALL = -1
_CHECKPOINTS = """SELECT size, root, frontier, note, signed_at FROM checkpoint WHERE log = ? AND size > ?
ORDER BY size LIMIT ?"""
_COSIGNATURES = """SELECT c.size, c.witness, c.time, c.line, k.root FROM cosignature c
LEFT JOIN checkpoint k ON k.log = c.log AND k.size = c.size
WHERE c.log = ? AND (c.size, c.witness) > (?, ?) ORDER BY c.size, c.witness LIMIT ?"""


class Heads:
    """Compares each checkpoint when the recomputed tree reaches its size."""

    def __init__(self, tx: Transaction, log: Log, now: datetime, report: Report, named: Named) -> None:
        self._tx = tx
        self._log = log
        self._now = now
        self._report = report
        self._named = named
        self._rows = paged(tx, _CHECKPOINTS, (log.id,), (_BEFORE_ALL,))
        self._next: Any = None
        self._signed_at = ""
        self.last_size = 0

    async def begin(self) -> None:
        """Read the first checkpoint, and how far the last one goes."""
        size = await self._tx.value("SELECT max(size) FROM checkpoint WHERE log = ?", self._log.id)
        self.last_size = size or 0
        await self._advance()

    async def reached(self, frontier: Frontier, at: str) -> None:
        """The tree has grown by one leaf, recorded at `at`."""
        while self._next is not None and self._next[0] <= frontier.size:
            size, root, stored, note, signed_at = self._next
            row = (self._log.origin, size)
            if size != frontier.size:
                self._report.add("checkpoint", "checkpoint", row, column="size")
            else:
                for column, value, given in (
                    ("root", bytes(root), frontier.root()), ("frontier", bytes(stored), bytes(frontier)),
                ):  # fmt: skip
                    if value != given:
                        self._report.add("checkpoint", "checkpoint", row, column=column)
                if not self._signed(bytes(note), Checkpoint(self._log.origin, size, frontier.root())):
                    self._report.add("checkpoint-note", "checkpoint", row)
                self._check_date(row, signed_at, at)
            await self._advance()

    async def _advance(self) -> None:
        self._next = await anext(self._rows, None)

    def _signed(self, note: bytes, head: Checkpoint) -> bool:
        """Whether the log's own keys made every line of the note, and it says just that."""
        try:
            opened = open_note(note, self._named.logs)
            lines = split_note(note)[1]
            return checkpoint_of(opened) == head and len(lines) == len(opened.signatures)
        except LedgerError:
            return False

    def _check_date(self, row: tuple[str, int], signed_at: str, at: str) -> None:
        """The date is in no signature: it can only be held between what comes before and now."""
        try:
            given = datetime.fromisoformat(signed_at)
            known = timestamp(given) == signed_at
            earliest = max(self._signed_at, at)
            possible = known and timestamp(given + _SKEW) >= earliest and given <= self._now + _SKEW
        except (ValueError, OverflowError, TypeError):
            possible = False
        if possible:
            self._signed_at = signed_at
        else:
            self._report.add("checkpoint-date", "checkpoint", row)

    async def end(self, frontier: Frontier, last_at: str, *, left: bool) -> None:
        """The log is read to its end: what remains, and its head. In a log `left` behind nothing more is signed."""
        while self._next is not None:
            self._report.add("checkpoint-size", "checkpoint", (self._log.origin, self._next[0]))
            await self._advance()
        head = await self._tx.row("SELECT size, frontier, published FROM log_head WHERE log = ?", self._log.id)
        if head is None:
            if frontier.size:
                self._report.add("head-missing", "log_head", self._log.origin)
            return
        size, stored, published = head
        for column, value, given in (("size", size, frontier.size), ("frontier", bytes(stored), bytes(frontier))):
            if value != given:
                self._report.add("head", "log_head", self._log.origin, column=column)
        late = timestamp(self._now - _SKEW)
        if left:
            return
        if frontier.size > self.last_size and last_at < late:
            self._report.add("unsigned", "log_head", self._log.origin, since=last_at)
        if published > self.last_size or (published < self.last_size and self._signed_at < late):
            self._report.add("unpublished", "log_head", self._log.origin, since=self._signed_at)

    async def check_lines(self, witnesses: Iterable[CosignatureVerifier]) -> None:
        """The witnesses' lines, each over its head, by a key that a policy of the owner names or named."""
        keys = list(witnesses)
        async for size, witness, time, line, root in paged(self._tx, _COSIGNATURES, (self._log.id,), (_BEFORE_ALL, "")):
            row = (self._log.origin, size, witness)
            if root is None:
                self._report.add("cosignature-head", "cosignature", row)
            elif not self._cosigned(bytes(line), size, bytes(root), keys, witness, time):
                self._report.add("cosignature", "cosignature", row)

    def _cosigned(
        self, line: bytes, size: int, root: bytes, keys: list[CosignatureVerifier], witness: str, time: int
    ) -> bool:
        try:
            head = Checkpoint(self._log.origin, size, root)
            opened = open_note(f"{head.text}\n".encode() + line, keys)
            times = times_of(opened)
        except LedgerError:
            return False
        return line.count(b"\n") == 1 and [(key.name, at) for key, at in times.items()] == [(witness, time)]
