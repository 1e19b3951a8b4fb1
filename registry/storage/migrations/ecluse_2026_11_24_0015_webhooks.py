"""Webhooks: addresses to which a party has each act of its exchanges announced, and the deliveries that wait.

A webhook's secret signs what it is sent; it is sealed under a key of its own, wrapped like those of other objects.
"""

from collections.abc import Sequence

from registry.storage.migrations.step import Step
from registry.storage.migrations.tables import table

ID = "ecluse_2026_11_24_0015_webhooks"
DESCRIPTION = "Webhooks"

_TABLES = {
    "webhook": """(id TEXT PRIMARY KEY, party TEXT NOT NULL, url TEXT NOT NULL, created_at TEXT NOT NULL,
        wrapped BYTES NOT NULL, sealed BYTES NOT NULL)""",
    "delivery": """(id TEXT PRIMARY KEY, webhook TEXT NOT NULL, payload BYTES NOT NULL, state TEXT NOT NULL,
        created_at TEXT NOT NULL, next_at TEXT NOT NULL, attempts NUMBER NOT NULL, ended_at TEXT, reason TEXT)""",
}

FORWARDS: Sequence[Step] = (
    *(table(name, columns) for name, columns in _TABLES.items()),
    "CREATE INDEX webhook_party ON webhook (party, created_at)",
    "CREATE INDEX delivery_due ON delivery (next_at) WHERE state = 'waiting'",
    "CREATE INDEX delivery_webhook ON delivery (webhook, created_at)",
    "CREATE INDEX delivery_created ON delivery (created_at)",
)

BACKWARDS: Sequence[Step] = tuple(f"DROP TABLE {name}" for name in _TABLES)
