"""Two registers (article 30(1) and 30(2)), and which exchanges an entry serves: an entry is archived with the last."""

from collections.abc import Sequence

from registry.storage.migrations.step import Step

ID = "ecluse_2026_11_24_0005_register"
DESCRIPTION = "Kinds of register entries, and the exchanges that each serves"

_COLUMNS = (
    """(entry TEXT NOT NULL, exchange TEXT NOT NULL, since TEXT NOT NULL, until TEXT, PRIMARY KEY (entry, exchange))"""
)

FORWARDS: Sequence[Step] = (
    "ALTER TABLE register_entry ADD COLUMN kind TEXT NOT NULL DEFAULT 'controller'",
    {
        "sqlite": f"CREATE TABLE register_link {_COLUMNS} STRICT, WITHOUT ROWID",
        "postgres": f"CREATE TABLE register_link {_COLUMNS}",
    },
    "CREATE INDEX register_link_exchange ON register_link (exchange)",
    # Entries that serve an exchange they were not born from are linked by `ecluse rebuild`.
    """INSERT INTO register_link (entry, exchange, since)
        SELECT e.id, e.exchange, substr(v.since, 1, 10) FROM register_entry e
        JOIN register_version v ON v.entry = e.id AND v.version = 1 WHERE e.exchange IS NOT NULL""",
)

BACKWARDS: Sequence[Step] = (
    "DROP TABLE register_link",
    "ALTER TABLE register_entry DROP COLUMN kind",
)
