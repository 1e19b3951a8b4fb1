"""Mail: what people are to be told (`notice`), the mails that tell it (`mail`), what each wants to be told; reminders
given, so that each is given once.

Nothing of a mail's text is kept: it is made from its notices when it is sent. An invitation's link, which exists nowhere
else, waits sealed under a key of its own until it is sent.
"""

from collections.abc import Sequence

from registry.storage.migrations.step import Step
from registry.storage.migrations.tables import table

ID = "ecluse_2026_11_24_0015_mail"
DESCRIPTION = "Mail"

_ACCOUNT = "account TEXT NOT NULL REFERENCES account (id)"
_TABLES = {
    "mail": """(id TEXT PRIMARY KEY, account TEXT, invitation TEXT, kind TEXT NOT NULL, state TEXT NOT NULL,
        created_at TEXT NOT NULL, next_at TEXT NOT NULL, attempts NUMBER NOT NULL, ended_at TEXT, reason TEXT,
        wrapped BYTES, sealed BYTES)""",
    "notice": f"""(id SERIAL, {_ACCOUNT}, party TEXT NOT NULL, kind TEXT NOT NULL, exchange TEXT NOT NULL,
        reference TEXT NOT NULL, about TEXT NOT NULL, due_on TEXT, created_at TEXT NOT NULL, mail TEXT)""",
    "mail_preference": f"""({_ACCOUNT}, awaited TEXT NOT NULL, answered TEXT NOT NULL, reminder TEXT NOT NULL,
        digest TEXT NOT NULL, PRIMARY KEY (account))""",
    "reminder": """(exchange TEXT NOT NULL, due_on TEXT NOT NULL, stage TEXT NOT NULL,
        PRIMARY KEY (due_on, exchange, stage))""",
}
_INDEXES = (
    "mail_due ON mail (next_at) WHERE state = 'waiting'",
    "mail_sending ON mail (id) WHERE state = 'sending'",
    "mail_account ON mail (account, created_at)",
    "mail_invitation ON mail (invitation) WHERE invitation IS NOT NULL",
    "mail_created ON mail (created_at)",
    "notice_untold ON notice (account) WHERE mail IS NULL",
    "notice_account ON notice (account)",
    "notice_mail ON notice (mail) WHERE mail IS NOT NULL",
    "listing_due_day ON exchange_listing (due_on, party, exchange) WHERE due_on IS NOT NULL",
)

FORWARDS: Sequence[Step] = (
    *(table(name, columns, clustered=name in {"mail_preference", "reminder"}) for name, columns in _TABLES.items()),
    *(f"CREATE INDEX {index}" for index in _INDEXES),
)

BACKWARDS: Sequence[Step] = ("DROP INDEX listing_due_day", *(f"DROP TABLE {name}" for name in _TABLES))
