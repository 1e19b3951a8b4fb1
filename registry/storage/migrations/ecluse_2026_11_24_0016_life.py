"""The life of an exchange: its log of flows, and which reviews are due.

Both are projections: `flow` holds a row for each flow of its events, `review_due` one for each party that may see an
exchange in operation, so that the next reviews are read in the order of their dates. The index on digests tells whether
one was logged before.
"""

from collections.abc import Sequence

from registry.storage.migrations.step import Step
from registry.storage.migrations.tables import table

ID = "ecluse_2026_11_24_0016_life"
DESCRIPTION = "Log of flows, reviews that are due"

FORWARDS: Sequence[Step] = (
    table(
        "flow",
        """(exchange TEXT NOT NULL, number NUMBER NOT NULL, sent_on TEXT NOT NULL, volume NUMBER NOT NULL,
        channel TEXT NOT NULL, digest TEXT, marks TEXT NOT NULL, party TEXT NOT NULL, recorded_on TEXT NOT NULL,
        PRIMARY KEY (exchange, number))""",
        clustered=True,
    ),
    "CREATE INDEX flow_digest ON flow (exchange, digest)",
    table(
        "review_due",
        """(party TEXT NOT NULL, exchange TEXT NOT NULL, position NUMBER NOT NULL, due_on TEXT NOT NULL,
        PRIMARY KEY (exchange, party))""",
        clustered=True,
    ),
    "CREATE INDEX review_due_party ON review_due (party, due_on, position)",
)

BACKWARDS: Sequence[Step] = ("DROP TABLE review_due", "DROP TABLE flow")
