"""What the nightly pass reads: each live exchange on the day on which time alone may change what is found of it.

`checks_on` is empty once an act touched the exchange (to be read at the next pass). `nightly_state` keeps, for each
convention, the rules and the day of its last pass: every live exchange is read again when the rules changed, so that the
first pass after this migration reads them all. `nightly_pass` is the day of the last whole pass.
"""

from collections.abc import Sequence

from registry.storage.migrations.step import Step
from registry.storage.migrations.tables import table

ID = "ecluse_2026_11_24_0015_nightly"
DESCRIPTION = "What the nightly pass reads"

_TABLES = {
    "life_check": "(exchange TEXT PRIMARY KEY, convention TEXT NOT NULL, checks_on TEXT NOT NULL)",
    "nightly_state": "(convention TEXT PRIMARY KEY, rules TEXT NOT NULL, day TEXT NOT NULL)",
    "nightly_pass": "(name TEXT PRIMARY KEY, day TEXT NOT NULL)",
}

FORWARDS: Sequence[Step] = (
    *(table(name, columns, clustered=True) for name, columns in _TABLES.items()),
    "CREATE INDEX life_check_due ON life_check (convention, checks_on, exchange)",
)

BACKWARDS: Sequence[Step] = tuple(f"DROP TABLE {name}" for name in _TABLES)
