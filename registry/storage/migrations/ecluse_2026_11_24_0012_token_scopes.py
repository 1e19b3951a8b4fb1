"""Tokens say what they may do, are named, listed and revoked one by one, and remember when they last served.

A token issued before keeps all that its account may do (scope `all`): what it did yesterday it does tomorrow, until it
expires. Its owner and the party's administrator see it in their lists, and may revoke it.
"""

from collections.abc import Sequence

from registry.storage.migrations.step import Step
from registry.storage.migrations.tables import table

ID = "ecluse_2026_11_24_0012_token_scopes"
DESCRIPTION = "Scopes, names and last use of tokens"

_FIRST = """(hash BYTES PRIMARY KEY, account TEXT NOT NULL REFERENCES account (id), party TEXT NOT NULL,
    created_at TEXT NOT NULL, expires_at TEXT NOT NULL)"""
_COLUMNS = """(hash BYTES PRIMARY KEY, account TEXT NOT NULL REFERENCES account (id), party TEXT NOT NULL,
    created_at TEXT NOT NULL, expires_at TEXT NOT NULL, id TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL,
    name TEXT NOT NULL, used_at TEXT)"""
_KEPT = "hash, account, party, created_at, expires_at"
_RANDOM: dict[str, str] = {
    "sqlite": "lower(hex(randomblob(16)))",
    "postgres": "replace(CAST(gen_random_uuid() AS TEXT), '-', '')",
}


def _copied(dialect: str) -> str:
    return f"""INSERT INTO new_token ({_KEPT}, id, scopes, name, used_at)
        SELECT {_KEPT}, {_RANDOM[dialect]}, 'all', '', NULL FROM token"""


def _unsampled(*columns: str) -> Step:
    """Statistics quote nothing of a token (see 0007)."""
    return {"postgres": tuple(f"ALTER TABLE token ALTER COLUMN {column} SET STATISTICS 0" for column in columns)}


_SWAP: Sequence[Step] = (
    "DROP TABLE token",
    "ALTER TABLE new_token RENAME TO token",
    "CREATE INDEX token_account ON token (account)",
)

FORWARDS: Sequence[Step] = (
    table("new_token", _COLUMNS, clustered=True),
    {"sqlite": _copied("sqlite"), "postgres": _copied("postgres")},
    *_SWAP,
    "CREATE INDEX token_party ON token (party, created_at)",
    _unsampled("hash", "id", "name"),
)

BACKWARDS: Sequence[Step] = (
    table("new_token", _FIRST, clustered=True),
    f"INSERT INTO new_token ({_KEPT}) SELECT {_KEPT} FROM token",
    *_SWAP,
    _unsampled("hash"),
)
