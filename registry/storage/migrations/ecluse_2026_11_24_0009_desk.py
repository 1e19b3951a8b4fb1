"""What people prepare before an act: texts of their own to take again, and acts begun and not yet done.

A draft holds what somebody typed about an exchange, so it is sealed under that exchange's key as openings are, and dies
with it. It is no event: nothing was done. No statistic quotes either of them (see the migration of erasure).
"""

from collections.abc import Sequence

from registry.storage.migrations.step import Step
from registry.storage.migrations.tables import table

ID = "ecluse_2026_11_24_0009_desk"
DESCRIPTION = "Texts of one's own, drafts of acts"

FORWARDS: Sequence[Step] = (
    table(
        "own_text",
        """(id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account (id), text TEXT NOT NULL,
        saved_at TEXT NOT NULL)""",
    ),
    "CREATE INDEX own_text_account ON own_text (account, saved_at)",
    table(
        "act_draft",
        """(exchange TEXT NOT NULL, account TEXT NOT NULL REFERENCES account (id), act TEXT NOT NULL,
        version NUMBER NOT NULL, saved_at TEXT NOT NULL, sealed BYTES NOT NULL, PRIMARY KEY (exchange, account, act))""",
    ),
    "CREATE INDEX act_draft_account ON act_draft (account)",
    {"postgres": "ALTER TABLE own_text ALTER COLUMN text SET STATISTICS 0"},
)

BACKWARDS: Sequence[Step] = ("DROP TABLE act_draft", "DROP TABLE own_text")
