"""Work that goes on after its request was answered: exports and packs, their progress and their files' lifetime."""

from collections.abc import Sequence

from registry.storage.migrations.step import Step
from registry.storage.migrations.tables import table

ID = "ecluse_2026_11_24_0004_jobs"
DESCRIPTION = "Background jobs"

FORWARDS: Sequence[Step] = (
    table(
        "job",
        """(id TEXT PRIMARY KEY, party TEXT NOT NULL, account TEXT NOT NULL, asked TEXT NOT NULL, state TEXT NOT NULL,
        done NUMBER NOT NULL, total NUMBER NOT NULL, created_at TEXT NOT NULL, beat_at TEXT NOT NULL,
        expires_at TEXT NOT NULL, name TEXT, media_type TEXT, reason TEXT)""",
    ),
    "CREATE INDEX job_expiry ON job (expires_at)",
)

BACKWARDS: Sequence[Step] = ("DROP TABLE job",)
