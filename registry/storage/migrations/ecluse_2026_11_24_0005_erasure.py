"""Erasure: entries that were erased, files that wait for their physical cleaning, and columns no statistic may quote.

PostgreSQL keeps samples of a column's values in its statistics, where an erased text would outlive its row: columns
that hold texts are not sampled (no query chooses its plan by them).
"""

from collections.abc import Sequence

from registry.storage.migrations.step import Step
from registry.storage.migrations.tables import table

ID = "ecluse_2026_11_24_0005_erasure"
DESCRIPTION = "Erased register entries, pending physical cleaning, no statistics on texts"

_TEXTS = {
    "account": ("email",),
    "convention": ("document",),
    "exchange": ("file", "summary"),
    "register_version": ("record",),
    "object_key": ("wrapped",),
    "opening": ("sealed",),
    "attachment": ("sealed",),
    "idempotency": ("key", "body_hash"),
}


def _sampled(target: int) -> Step:
    alterations = (
        f"ALTER TABLE {name} ALTER COLUMN {column} SET STATISTICS {target}"
        for name, columns in _TEXTS.items()
        for column in columns
    )
    return {"postgres": tuple(alterations)}


FORWARDS: Sequence[Step] = (
    "ALTER TABLE register_entry ADD COLUMN erased_on TEXT",
    table("cleaning", "(seq SERIAL, at TEXT NOT NULL, xid NUMBER)"),
    _sampled(0),
)

BACKWARDS: Sequence[Step] = (
    _sampled(-1),
    "DROP TABLE cleaning",
    "ALTER TABLE register_entry DROP COLUMN erased_on",
)
