"""What waits for whom: a line for each function of each party, whose turn it is in lists, and when a person last came.

Exchanges recorded before have their lines after `ecluse rebuild`.
"""

from collections.abc import Sequence

from registry.storage.migrations.step import Step
from registry.storage.migrations.tables import table

ID = "ecluse_2026_11_24_0010_awaited"
DESCRIPTION = "What waits for whom, and visits"

FORWARDS: Sequence[Step] = (
    table(
        "exchange_awaited",
        """(position NUMBER NOT NULL, party TEXT NOT NULL, role TEXT NOT NULL, exchange TEXT NOT NULL,
        act TEXT NOT NULL, since TEXT NOT NULL, due_on TEXT NOT NULL, PRIMARY KEY (position, party, role))""",
        clustered=True,
    ),
    "CREATE INDEX awaited_due ON exchange_awaited (party, role, due_on, position, since)",
    "CREATE INDEX awaited_recent ON exchange_awaited (party, role, position, since)",
    "ALTER TABLE exchange_listing ADD COLUMN turn TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX listing_turn ON exchange_listing (party, turn, position, state, field, other)",
    table(
        "visit",
        """(account TEXT NOT NULL REFERENCES account (id), party TEXT NOT NULL, session TEXT NOT NULL, since_at TEXT,
        seen_at TEXT NOT NULL, PRIMARY KEY (account, party))""",
        clustered=True,
    ),
)

BACKWARDS: Sequence[Step] = (
    "DROP TABLE visit",
    "DROP INDEX listing_turn",
    "ALTER TABLE exchange_listing DROP COLUMN turn",
    "DROP TABLE exchange_awaited",
)
