"""Lists by deadline: the next due date of each exchange, and whether the party of the row is waited for.

`due_on` follows from the acts alone (null while the clock is stopped), so it is written with them and never moves with
the day. Exchanges recorded before have theirs after `ecluse rebuild`.
"""

from collections.abc import Sequence

from registry.storage.migrations.step import Step

ID = "ecluse_2026_11_24_0014_due"
DESCRIPTION = "Due dates of exchanges in lists"

FORWARDS: Sequence[Step] = (
    "ALTER TABLE exchange_listing ADD COLUMN due_on TEXT",
    {
        "sqlite": "ALTER TABLE exchange_listing ADD COLUMN awaits INTEGER NOT NULL DEFAULT 0",
        "postgres": "ALTER TABLE exchange_listing ADD COLUMN awaits BIGINT NOT NULL DEFAULT 0",
    },
    """CREATE INDEX listing_due ON exchange_listing (party, due_on, position, awaits, state, field, other)
        WHERE due_on IS NOT NULL""",
)

BACKWARDS: Sequence[Step] = (
    "DROP INDEX listing_due",
    "ALTER TABLE exchange_listing DROP COLUMN awaits",
    "ALTER TABLE exchange_listing DROP COLUMN due_on",
)
