"""The first schema: events and openings, projections, accounts.

Tables are written by hand because both engines must give the same guarantees: the event table is append-only by
trigger (only `leaf_index` may go from NULL to a number), text keys and byte documents are the same on both.
"""

from collections.abc import Sequence

from registry.storage.migrations.step import Step
from registry.storage.migrations.tables import table

ID = "ecluse_2026_11_24_0001_first"
DESCRIPTION = "Events and openings, projections, accounts"

_TABLES = {
    "account": "(id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, created_at TEXT NOT NULL, closed_at TEXT)",
    "account_role": """(account TEXT NOT NULL REFERENCES account (id), party TEXT NOT NULL, role TEXT NOT NULL,
        valid_from TEXT NOT NULL, valid_until TEXT, PRIMARY KEY (account, party, role))""",
    "token": """(hash BYTES PRIMARY KEY, account TEXT NOT NULL REFERENCES account (id), party TEXT NOT NULL,
        created_at TEXT NOT NULL, expires_at TEXT NOT NULL)""",
    "log": "(id TEXT PRIMARY KEY, owner TEXT NOT NULL, year NUMBER NOT NULL, origin TEXT NOT NULL UNIQUE, UNIQUE (owner, year))",
    "actor": """(log TEXT NOT NULL REFERENCES log (id), account TEXT NOT NULL, pseudonym TEXT NOT NULL,
        PRIMARY KEY (log, account), UNIQUE (log, pseudonym))""",
    "event": """(seq SERIAL, log TEXT NOT NULL REFERENCES log (id), object TEXT NOT NULL, revision NUMBER NOT NULL,
        type TEXT NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL, facts BYTES NOT NULL, salt BYTES NOT NULL,
        record BYTES NOT NULL, leaf_hash BYTES NOT NULL, leaf_index NUMBER,
        UNIQUE (object, revision))""",
    "object_key": "(object TEXT PRIMARY KEY, wrapped BYTES NOT NULL)",
    "opening": "(object TEXT NOT NULL, revision NUMBER NOT NULL, sealed BYTES NOT NULL, PRIMARY KEY (object, revision))",
    "attachment": "(object TEXT NOT NULL, sha256 TEXT NOT NULL, sealed BYTES NOT NULL, PRIMARY KEY (object, sha256))",
    "idempotency": """(account TEXT NOT NULL, key TEXT NOT NULL, body_hash BYTES NOT NULL, status NUMBER NOT NULL,
        location TEXT, at TEXT NOT NULL, PRIMARY KEY (account, key))""",
    "counter": "(name TEXT PRIMARY KEY, value NUMBER NOT NULL)",
    "convention": "(id TEXT PRIMARY KEY, object TEXT NOT NULL UNIQUE, revision NUMBER NOT NULL, document BYTES NOT NULL)",
    "exchange": """(position POSITION, id TEXT NOT NULL UNIQUE, convention TEXT NOT NULL, reference TEXT NOT NULL,
        revision NUMBER NOT NULL, file BYTES NOT NULL, summary BYTES NOT NULL, UNIQUE (convention, reference))""",
    "exchange_listing": """(party TEXT NOT NULL, exchange TEXT NOT NULL, position NUMBER NOT NULL, state TEXT NOT NULL,
        field TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (exchange, party))""",
    "register_entry": """(id TEXT PRIMARY KEY, party TEXT NOT NULL, reference TEXT NOT NULL, position NUMBER NOT NULL,
        log_owner TEXT NOT NULL, exchange TEXT, revision NUMBER NOT NULL, version NUMBER NOT NULL,
        confirmed_on TEXT, UNIQUE (party, reference))""",
    "register_version": """(entry TEXT NOT NULL, version NUMBER NOT NULL, party TEXT NOT NULL, position NUMBER NOT NULL,
        since TEXT NOT NULL, until TEXT, record BYTES NOT NULL, PRIMARY KEY (entry, version))""",
}

_SMALL = frozenset({
    "account_role", "token", "log", "actor", "object_key", "idempotency", "counter", "exchange_listing",
})  # fmt: skip

_INDEXES = {
    "UNIQUE INDEX event_leaf": "event (log, leaf_index) WHERE leaf_index IS NOT NULL",
    "INDEX event_unsequenced": "event (log, seq) WHERE leaf_index IS NULL",
    "INDEX event_first": "event (type, seq) WHERE revision = 1",
    "INDEX token_account": "token (account)",
    "INDEX idempotency_age": "idempotency (account, at)",
    "INDEX listing_all": "exchange_listing (party, position)",
    "INDEX listing_state": "exchange_listing (party, state, position, field, other)",
    "INDEX listing_field": "exchange_listing (party, field, position, other)",
    "INDEX listing_other": "exchange_listing (party, other, position)",
    "INDEX register_entry_exchange": "register_entry (exchange)",
    "INDEX register_version_party": "register_version (party, position, version)",
}
"""Lists walk an index that is already in their order; further filters are read in the index itself, so that no query
scans or sorts the table."""

_KEPT = ("seq", "log", "object", "revision", "type", "at", "actor", "facts", "salt", "record", "leaf_hash")
_SAME = {
    "sqlite": " AND ".join(f"NEW.{column} IS OLD.{column}" for column in _KEPT),
    "postgres": " AND ".join(f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in _KEPT),
}
_NUMBERING = "OLD.leaf_index IS NULL AND NEW.leaf_index IS NOT NULL"

_GUARD: Sequence[Step] = (
    {
        "sqlite": f"""CREATE TRIGGER event_kept BEFORE UPDATE ON event WHEN NOT ({_NUMBERING} AND {_SAME["sqlite"]})
            BEGIN SELECT RAISE(ABORT, 'event is append-only'); END""",
        "postgres": f"""CREATE FUNCTION event_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP = 'UPDATE' AND {_NUMBERING} AND {_SAME["postgres"]} THEN RETURN NEW; END IF;
            RAISE EXCEPTION 'event is append-only'; END $$""",
    },
    {
        "sqlite": """CREATE TRIGGER event_never_deleted BEFORE DELETE ON event
            BEGIN SELECT RAISE(ABORT, 'event is append-only'); END""",
        "postgres": """CREATE TRIGGER event_kept BEFORE UPDATE OR DELETE ON event
            FOR EACH ROW EXECUTE FUNCTION event_kept()""",
    },
    {
        "postgres": """CREATE TRIGGER event_never_emptied BEFORE TRUNCATE ON event
            FOR EACH STATEMENT EXECUTE FUNCTION event_kept()""",
    },
)

FORWARDS: Sequence[Step] = (
    *(table(name, columns, clustered=name in _SMALL) for name, columns in _TABLES.items()),
    *(f"CREATE {name} ON {target}" for name, target in _INDEXES.items()),
    *_GUARD,
)

BACKWARDS: Sequence[Step] = (
    *(f"DROP TABLE {name}" for name in reversed(_TABLES)),
    {"postgres": "DROP FUNCTION event_kept()"},
)
