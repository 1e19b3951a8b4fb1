"""Keys that sign acts on people's own devices, each with the record of its enrolment; challenges given out for them.

The salt of an offer hides the texts that are about to be signed: no statistic quotes it.
"""

from collections.abc import Sequence

from registry.storage.migrations.step import Step
from registry.storage.migrations.tables import table

ID = "ecluse_2026_11_24_0013_devices"
DESCRIPTION = "Signing keys of people's own devices"

_TABLES = {
    "signing_key": """(credential BYTES NOT NULL REFERENCES passkey (id),
        account TEXT NOT NULL REFERENCES account (id), party TEXT NOT NULL, object TEXT NOT NULL,
        revision NUMBER NOT NULL, PRIMARY KEY (credential, party))""",
    "device_offer": """(hash BYTES PRIMARY KEY, account TEXT NOT NULL, party TEXT NOT NULL, at TEXT NOT NULL,
        nonce TEXT NOT NULL, salt BYTES NOT NULL, expires_at TEXT NOT NULL)""",
}

FORWARDS: Sequence[Step] = (
    *(table(name, columns, clustered=True) for name, columns in _TABLES.items()),
    "CREATE INDEX signing_key_account ON signing_key (account)",
    "CREATE INDEX device_offer_account ON device_offer (account)",
    {"postgres": ("ALTER TABLE device_offer ALTER COLUMN salt SET STATISTICS 0",)},
)

BACKWARDS: Sequence[Step] = tuple(f"DROP TABLE {name}" for name in reversed(_TABLES))
