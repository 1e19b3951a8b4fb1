"""Findings of the life of exchanges, as the last nightly pass saw them.

A finding here is derived from the exchange and the day, so nothing of it is an event: only the day it was first seen
is worth keeping, for alerts and reminders. `exchange` is '' for a finding of the convention as a whole.
"""

from collections.abc import Sequence

from registry.storage.migrations.step import Step
from registry.storage.migrations.tables import table

ID = "ecluse_2026_11_24_0003_findings"
DESCRIPTION = "Findings of the life phase"

FORWARDS: Sequence[Step] = (
    table(
        "life_finding",
        """(convention TEXT NOT NULL, exchange TEXT NOT NULL, check_id TEXT NOT NULL, subject TEXT NOT NULL,
        severity TEXT NOT NULL, since TEXT NOT NULL, PRIMARY KEY (convention, exchange, check_id, subject))""",
        clustered=True,
    ),
)

BACKWARDS: Sequence[Step] = ("DROP TABLE life_finding",)
