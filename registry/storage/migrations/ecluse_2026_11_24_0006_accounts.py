"""People: passwords and second factors, sessions, invitations, undertakings, absences, outside identities, rates.

A role now says where it comes from (`source`: empty, or the absence it makes up for), so that a substitute's roles come
and go without touching those held in one's own right. What must be readable again (TOTP seeds) is sealed under a key of
the home; what must only be recognised (session ids, links, codes) is kept as its SHA-256.
"""

from collections.abc import Sequence

from registry.storage.migrations.step import Step
from registry.storage.migrations.tables import table

ID = "ecluse_2026_11_24_0006_accounts"
DESCRIPTION = "Passwords, second factors, sessions, invitations, undertakings, absences, identities, rates"

_ACCOUNT = "account TEXT NOT NULL REFERENCES account (id)"
_ROLE = f"""({_ACCOUNT}, party TEXT NOT NULL, role TEXT NOT NULL, valid_from TEXT NOT NULL, valid_until TEXT,
    source TEXT NOT NULL DEFAULT '', PRIMARY KEY (account, party, role, source))"""
_FIRST_ROLE = f"""({_ACCOUNT}, party TEXT NOT NULL, role TEXT NOT NULL, valid_from TEXT NOT NULL, valid_until TEXT,
    PRIMARY KEY (account, party, role))"""

_TABLES = {
    "password": "(account TEXT PRIMARY KEY REFERENCES account (id), hash TEXT NOT NULL, changed_at TEXT NOT NULL)",
    "totp": """(account TEXT PRIMARY KEY REFERENCES account (id), sealed BYTES NOT NULL, confirmed_at TEXT,
        last_step NUMBER NOT NULL)""",
    "passkey": f"""(id BYTES PRIMARY KEY, {_ACCOUNT}, public_key BYTES NOT NULL, sign_count NUMBER NOT NULL,
        name TEXT NOT NULL, created_at TEXT NOT NULL, used_at TEXT)""",
    "recovery_code": f"({_ACCOUNT}, hash BYTES NOT NULL, created_at TEXT NOT NULL, PRIMARY KEY (account, hash))",
    "session": f"""(hash BYTES PRIMARY KEY, id TEXT NOT NULL UNIQUE, {_ACCOUNT}, party TEXT, stage TEXT NOT NULL,
        signed_in_at TEXT NOT NULL, seen_at TEXT NOT NULL, password_at TEXT, factor_at TEXT, device TEXT NOT NULL)""",
    "challenge": "(hash BYTES PRIMARY KEY, purpose TEXT NOT NULL, account TEXT, expires_at TEXT NOT NULL)",
    "invitation": """(id TEXT PRIMARY KEY, hash BYTES NOT NULL UNIQUE, kind TEXT NOT NULL, email TEXT NOT NULL,
        party TEXT NOT NULL, roles TEXT NOT NULL, valid_until TEXT, invited_by TEXT NOT NULL, created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL, used_at TEXT, account TEXT)""",
    "undertaking": f"""({_ACCOUNT}, party TEXT NOT NULL, version TEXT NOT NULL, accepted_at TEXT NOT NULL,
        PRIMARY KEY (account, party, version))""",
    "absence": f"""(id TEXT PRIMARY KEY, {_ACCOUNT}, party TEXT NOT NULL,
        substitute TEXT NOT NULL REFERENCES account (id), starts_on TEXT NOT NULL, ends_on TEXT NOT NULL,
        declared_by TEXT NOT NULL, declared_at TEXT NOT NULL)""",
    "identity": f"""(issuer TEXT NOT NULL, subject TEXT NOT NULL, {_ACCOUNT}, linked_at TEXT NOT NULL,
        PRIMARY KEY (issuer, subject))""",
    "account_journal": """(account TEXT NOT NULL, party TEXT NOT NULL, object TEXT NOT NULL UNIQUE,
        revision NUMBER NOT NULL, PRIMARY KEY (account, party))""",
    "rate": "(bucket TEXT NOT NULL, key BYTES NOT NULL, free_at NUMBER NOT NULL, PRIMARY KEY (bucket, key))",
}
_KEYED = frozenset({"recovery_code", "challenge", "undertaking", "identity", "account_journal", "rate"})

_INDEXES = {
    "passkey_account": "passkey (account)",
    "session_account": "session (account)",
    "session_seen": "session (seen_at)",
    "invitation_party": "invitation (party, created_at)",
    "absence_party": "absence (party, ends_on)",
    "identity_account": "identity (account)",
    "account_role_party": "account_role (party)",
}


def _roles(columns: str, kept: str, chosen: str) -> Sequence[Step]:
    """`account_role` with another key: SQLite cannot alter a constraint in place."""
    return (
        table("new_account_role", columns, clustered=True),
        f"INSERT INTO new_account_role ({kept}) SELECT {kept} FROM account_role {chosen}",
        "DROP TABLE account_role",
        "ALTER TABLE new_account_role RENAME TO account_role",
    )


_KEPT = "account, party, role, valid_from, valid_until"

FORWARDS: Sequence[Step] = (
    *_roles(_ROLE, _KEPT, ""),
    *(table(name, columns, clustered=name in _KEYED) for name, columns in _TABLES.items()),
    *(f"CREATE INDEX {name} ON {target}" for name, target in _INDEXES.items()),
)

BACKWARDS: Sequence[Step] = (
    *(f"DROP TABLE {name}" for name in reversed(_TABLES)),
    "DROP INDEX account_role_party",
    *_roles(_FIRST_ROLE, _KEPT, "WHERE source = ''"),
)
