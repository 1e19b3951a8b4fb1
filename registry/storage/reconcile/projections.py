"""The projections of one object: refolded in memory, compared with the rows that are there."""

from collections.abc import Mapping, Sequence

from registry.convention import Convention
from registry.storage.engines import Transaction
from registry.storage.events import Stored
from registry.storage.reconcile.findings import Report
from registry.storage.reconcile.spill import Confirmations
from registry.storage.refold import COLUMNS, Row, Rows, convention_rows, entry_rows, exchange_rows

_KEYS = {
    "convention": ("object", ("id",)),
    "register_entry": ("id", ("id",)),
    "register_version": ("entry", ("entry", "version")),
    "exchange": ("id", ("id",)),
    "register_link": ("exchange", ("entry", "exchange")),
    "exchange_listing": ("exchange", ("party", "exchange")),
    "flow": ("exchange", ("exchange", "number")),
    "review_due": ("exchange", ("party", "exchange")),
    "exchange_awaited": ("exchange", ("position", "party", "role")),
    "exchange_text": ("exchange", ("position",)),
    "exchange_figure": ("exchange", ("exchange",)),
    "exchange_followed": ("exchange", ("exchange", "number")),
}
"""The column that holds the object's id, and those that name a row."""


class Projections:
    """Compares; never writes."""

    def __init__(
        self, tx: Transaction, report: Report, confirmations: Confirmations, conventions: Mapping[str, Convention]
    ) -> None:
        self._tx = tx
        self._report = report
        self._confirmations = confirmations
        self._conventions = conventions

    async def check(self, kind: str, object_id: str, history: Sequence[Stored]) -> None:
        """The rows of an object whose first record is of that kind; some kinds have none."""
        try:
            expected = self._expected(kind, object_id, history)
        except Exception:  # noqa: BLE001 - altered facts may break anything, and were found with their record
            self._report.add("unreadable", "event", object_id)
            return
        for table, rows in expected.items():
            await self._compare(table, object_id, rows)

    def _expected(self, kind: str, object_id: str, history: Sequence[Stored]) -> Rows:
        if kind == "convention":
            return convention_rows(object_id, history)[1]
        if kind == "register":
            return entry_rows(history, self._confirmations.first(object_id))
        if kind == "exchange":
            return exchange_rows(self._conventions[history[0].event.derived["convention"]], history)[1]
        return {}

    async def _compare(self, table: str, object_id: str, expected: Sequence[Row]) -> None:
        owner, key = _KEYS[table]
        columns = COLUMNS[table]
        found = await self._tx.rows(f"SELECT {', '.join(columns)} FROM {table} WHERE {owner} = ?", object_id)
        at = [columns.index(name) for name in key]
        stored = {tuple(row[i] for i in at): tuple(row) for row in found}
        for row in expected:
            name = tuple(row[i] for i in at)
            there = stored.pop(name, None)
            if there is None:
                self._report.add("projection-missing", table, name)
                continue
            for column, mine, theirs in zip(columns, row, there, strict=True):
                if mine != (bytes(theirs) if isinstance(mine, bytes) and theirs is not None else theirs):
                    self._report.add("projection", table, name, column=column)
        for name in stored:
            self._report.add("unexplained", table, name)
