"""The published logs: heads, checkpoints, cosignatures, tile nodes, announced keys, and the lease of who publishes.

A year's log may have to be left behind (its host lost a part of it): a log has a generation, and the owner's log of a
year is the last one. Checkpoints are never changed, by trigger.
"""

from collections.abc import Sequence

from registry.storage.migrations.step import Step
from registry.storage.migrations.tables import table

ID = "ecluse_2026_11_24_0002_ledger"
DESCRIPTION = "Published logs: heads, checkpoints, cosignatures, nodes, keys, lease"

_LOG = """(id TEXT PRIMARY KEY, owner TEXT NOT NULL, year NUMBER NOT NULL, origin TEXT NOT NULL UNIQUE,
    generation NUMBER NOT NULL DEFAULT 1, abandoned_at TEXT, cited_note BYTES, UNIQUE (owner, year, generation))"""
_FIRST_LOG = "(id TEXT PRIMARY KEY, owner TEXT NOT NULL, year NUMBER NOT NULL, origin TEXT NOT NULL UNIQUE, UNIQUE (owner, year))"

_TABLES = {
    "log_key": """(log TEXT NOT NULL REFERENCES log (id), kind TEXT NOT NULL, vkey TEXT NOT NULL,
        PRIMARY KEY (log, kind, vkey))""",
    "log_head": """(log TEXT PRIMARY KEY REFERENCES log (id), size NUMBER NOT NULL, frontier BYTES NOT NULL,
        published NUMBER NOT NULL)""",
    "checkpoint": """(log TEXT NOT NULL REFERENCES log (id), size NUMBER NOT NULL, root BYTES NOT NULL,
        frontier BYTES NOT NULL, note BYTES NOT NULL, signed_at TEXT NOT NULL, PRIMARY KEY (log, size))""",
    "cosignature": """(log TEXT NOT NULL, size NUMBER NOT NULL, witness TEXT NOT NULL, time NUMBER NOT NULL,
        line BYTES NOT NULL, PRIMARY KEY (log, size, witness))""",
    "node": """(log TEXT NOT NULL, level NUMBER NOT NULL, idx NUMBER NOT NULL, hash BYTES NOT NULL,
        PRIMARY KEY (log, level, idx))""",
    "log_timestamp": """(log TEXT NOT NULL, day TEXT NOT NULL, size NUMBER NOT NULL, token BYTES NOT NULL,
        PRIMARY KEY (log, day))""",
    "lease": "(name TEXT PRIMARY KEY, holder TEXT NOT NULL, until NUMBER NOT NULL)",
}


def _rebuilt(columns: str, kept: str) -> Sequence[Step]:
    """`log` with other columns and constraints, its rows kept: SQLite cannot alter a constraint in place."""
    return (
        table("new_log", columns, clustered=True),
        f"INSERT INTO new_log ({kept}) SELECT {kept} FROM log",
        {"postgres": ("ALTER TABLE event DROP CONSTRAINT event_log_fkey", "ALTER TABLE actor DROP CONSTRAINT actor_log_fkey")},
        "DROP TABLE log",
        "ALTER TABLE new_log RENAME TO log",
        {"postgres": tuple(
            f"ALTER TABLE {name} ADD CONSTRAINT {name}_log_fkey FOREIGN KEY (log) REFERENCES log (id)"
            for name in ("event", "actor")
        )},
    )  # fmt: skip


_KEPT = "id, owner, year, origin"

_EVENT = ("seq", "log", "object", "revision", "type", "at", "actor", "facts", "salt", "record", "leaf_hash")
_NUMBERING = " AND ".join(
    [
        "OLD.leaf_index IS NULL AND NEW.leaf_index IS NOT NULL",
        *(f"NEW.{c} IS NOT DISTINCT FROM OLD.{c}" for c in _EVENT),
    ]
)
_QUICK_GUARD: Step = {
    "postgres": (
        "DROP TRIGGER event_kept ON event",
        """CREATE OR REPLACE FUNCTION event_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'event is append-only'; END $$""",
        f"""CREATE TRIGGER event_kept BEFORE UPDATE ON event FOR EACH ROW WHEN (NOT ({_NUMBERING}))
        EXECUTE FUNCTION event_kept()""",
        "CREATE TRIGGER event_never_deleted BEFORE DELETE ON event FOR EACH ROW EXECUTE FUNCTION event_kept()",
    )
}
"""Numbering is the one change of an event, and the sequencer makes it for every row: the condition itself is the
trigger's, so that no function is called where it holds."""
_FIRST_GUARD: Step = {
    "postgres": (
        "DROP TRIGGER event_kept ON event",
        "DROP TRIGGER event_never_deleted ON event",
        f"""CREATE OR REPLACE FUNCTION event_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'UPDATE' AND {_NUMBERING} THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'event is append-only'; END $$""",
        """CREATE TRIGGER event_kept BEFORE UPDATE OR DELETE ON event
        FOR EACH ROW EXECUTE FUNCTION event_kept()""",
    )
}

FORWARDS: Sequence[Step] = (
    *_rebuilt(_LOG, _KEPT),
    _QUICK_GUARD,
    *(table(name, columns, clustered=name != "checkpoint") for name, columns in _TABLES.items()),
    {
        "sqlite": (
            """CREATE TRIGGER checkpoint_kept BEFORE UPDATE ON checkpoint
            BEGIN SELECT RAISE(ABORT, 'a checkpoint is never changed'); END""",
            """CREATE TRIGGER checkpoint_never_deleted BEFORE DELETE ON checkpoint
            BEGIN SELECT RAISE(ABORT, 'a checkpoint is never changed'); END""",
        ),
        "postgres": (
            """CREATE FUNCTION checkpoint_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION 'a checkpoint is never changed'; END $$""",
            """CREATE TRIGGER checkpoint_kept BEFORE UPDATE OR DELETE ON checkpoint
            FOR EACH ROW EXECUTE FUNCTION checkpoint_kept()""",
            """CREATE TRIGGER checkpoint_never_emptied BEFORE TRUNCATE ON checkpoint
            FOR EACH STATEMENT EXECUTE FUNCTION checkpoint_kept()""",
        ),
    },
)

BACKWARDS: Sequence[Step] = (
    *(f"DROP TABLE {name}" for name in reversed(_TABLES)),
    {"postgres": "DROP FUNCTION checkpoint_kept()"},
    _FIRST_GUARD,
    *_rebuilt(_FIRST_LOG, _KEPT),
)
