"""Along one log, leaf by leaf: every record, the tree they make, and the heads, nodes and lines kept of it."""

from datetime import datetime, timedelta

from registry.clock import timestamp
from registry.ledger.checkpoints import Checkpoint, open_checkpoint
from registry.ledger.errors import LedgerError
from registry.ledger.merkle import Frontier, tree_root
from registry.ledger.tiles import TileBuilder, split_tile
from registry.storage.engines import Transaction
from registry.storage.logs import FIRST_REVISION, Log, keys_of
from registry.storage.reconcile.findings import Report
from registry.storage.reconcile.heads import Heads
from registry.storage.reconcile.naming import Named
from registry.storage.reconcile.paging import Told, paged
from registry.storage.reconcile.records import COLUMNS, EventRow, check_row
from registry.storage.reconcile.spill import Confirmations

PATIENCE = timedelta(minutes=5)
"""How long a record may wait for its place and its head."""
_FIRST = -(2**62)
_LEAVES = f"""SELECT leaf_index, {COLUMNS} FROM event WHERE log = ? AND leaf_index > ?
ORDER BY leaf_index LIMIT ?"""
_WAITING = f"SELECT seq, {COLUMNS} FROM event WHERE log = ? AND leaf_index IS NULL AND seq > ? ORDER BY seq LIMIT ?"
_NODE = "SELECT hash FROM node WHERE log = ? AND level = ? AND idx = ?"


class Chain:
    """The pass along one log. `kept`: the head that the guard holds of it."""

    def __init__(self, tx: Transaction, log: Log, now: datetime, report: Report, kept: Checkpoint | None) -> None:
        self._tx = tx
        self._log = log
        self._late = timestamp(now - PATIENCE)
        self._report = report
        self._builder = TileBuilder()
        self._nodes: dict[int, int] = {}
        self._kept = kept
        self.log_id = log.id
        self.left: str | None = None
        self.unbound: list[tuple[str, bytes]] = []
        """Of a log that was left behind, the records that no signed head covers: their row, their leaf hash."""
        self.named = Named(log.origin)
        self.frontier = Frontier()
        self.heads = Heads(tx, log, now, report, self.named)

    async def check(self, confirmations: Confirmations, told: Told) -> None:
        """Go along the log, then compare what is kept of its end."""
        self.left = await self._left()
        if self.left is not None:
            self._kept = None  # it was left behind because others hold what is lost here
        await self.heads.begin()
        last = ""
        async for index, *values in paged(self._tx, _LEAVES, (self._log.id,), (_FIRST,), told):
            row = EventRow.of(values)
            last = row.at
            await self._leaf(index, row, confirmations)
        waiting = await self._waiting(confirmations, told)
        await self.heads.end(self.frontier, last, left=self.left is not None)
        await self._no_more_nodes()
        self._guarded_at_the_end()
        await self._check_log(opened=self.frontier.size > 0, waiting=waiting)
        self._report.logs[self._log.origin] = self.frontier.size

    async def _leaf(self, index: int, row: EventRow, confirmations: Confirmations) -> None:
        if index != self.frontier.size:
            self._report.add("leaf-index", "event", row.key, expected=self.frontier.size)
        if self.frontier.size == 0:
            self._opening(row)
        hashed = check_row(row, self._log.origin, self.named, self._report)
        if row.type == "key":
            self.named.learn(row.facts)
        confirmations.note(row.facts)
        self._report.events += 1
        if self.left is not None and self.frontier.size >= self.heads.last_size:
            self.unbound.append((row.key, hashed))
        self.frontier.append(hashed)
        await self._tiles(hashed)
        await self.heads.reached(self.frontier, row.at)
        kept = self._kept
        if kept is not None and kept.size == self.frontier.size and kept.root != self.frontier.root():
            self._report.add("guard", "log", self._log.origin, kept=kept.size)

    def _opening(self, row: EventRow) -> None:
        """The first record is signed by the key that it names itself."""
        if (row.type, row.object, row.revision) != ("key", self._log.id, FIRST_REVISION):
            self._report.add("opened", "event", row.key)
        self.named.learn(row.facts)

    async def _tiles(self, hashed: bytes) -> None:
        """The nodes that a leaf completes are stored once a head over it is signed."""
        for tile, content in self._builder.append(hashed):
            level, root = tile.level + 1, tree_root(split_tile(tile, content))
            if self.frontier.size > self.heads.last_size:
                continue
            self._nodes[level] = tile.index + 1
            stored = await self._tx.value(_NODE, self._log.id, level, tile.index)
            if stored is None:
                self._report.add("node-missing", "node", (self._log.origin, level, tile.index))
            elif bytes(stored) != root:
                self._report.add("node", "node", (self._log.origin, level, tile.index))

    async def _no_more_nodes(self) -> None:
        """Nodes beyond those that the records make."""
        sql = "SELECT level, idx FROM node WHERE log = ? AND (level, idx) > (?, ?) ORDER BY level, idx LIMIT ?"
        async for level, index in paged(self._tx, sql, (self._log.id,), (_FIRST, _FIRST)):
            if not 0 <= index < self._nodes.get(level, 0):
                self._report.add("unexplained", "node", (self._log.origin, level, index))

    async def _waiting(self, confirmations: Confirmations, told: Told) -> int:
        """Records without a place yet; in a log that was left behind they stay without one, and the next binds them."""
        if self.frontier.size == 0:
            self.named.believe(await keys_of(self._tx, self._log, "recorder"))
        waiting = 0
        async for _, *values in paged(self._tx, _WAITING, (self._log.id,), (_FIRST,), told):
            row = EventRow.of(values)
            waiting += 1
            self._report.events += 1
            hashed = check_row(row, self._log.origin, self.named, self._report)
            if row.type == "key":
                self.named.learn(row.facts)
            confirmations.note(row.facts)
            if self.left is not None:
                self.unbound.append((row.key, hashed))
            elif row.at < self._late:
                self._report.add("waiting", "event", row.key, since=row.at)
        return waiting

    async def _left(self) -> str | None:
        """When the log was left behind, None when it was not."""
        sql = "SELECT abandoned_at FROM log WHERE id = ?"
        found = await self._tx.value(sql, self._log.id)
        return str(found) if found is not None else None

    def _cites(self, note: bytes) -> bool:
        """Whether a head with which the log was left behind is one that the log signed."""
        try:
            return open_checkpoint(note, self.named.logs).origin == self._log.origin
        except LedgerError:
            return False

    def _guarded_at_the_end(self) -> None:
        if self._kept is not None and self._kept.size > self.frontier.size:
            self._report.add("guard", "log", self._log.origin, kept=self._kept.size)

    async def _check_log(self, *, opened: bool, waiting: int) -> None:
        """The log's row, and the list of the keys used in it."""
        if not self._log.origin.endswith(f"/ledger/{self._log.owner}/{self._log.segment}"):
            self._report.add("log", "log", self._log.origin, column="origin")
        rows = await self._tx.rows("SELECT kind, vkey FROM log_key WHERE log = ?", self._log.id)
        claimed = {(row[0], row[1]) for row in rows}
        cited = await self._tx.value("SELECT cited_note FROM log WHERE id = ?", self._log.id)
        if (self.left is None) != (cited is None) or (cited is not None and not self._cites(bytes(cited))):
            self._report.add("log", "log", self._log.origin, column="cited_note")
        if opened or waiting:
            for kind, vkey in sorted(claimed ^ self.named.claims):
                self._report.add("log-key", "log_key", (self._log.origin, kind, vkey))
