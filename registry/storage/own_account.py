"""What else is kept about one account, for its owner's export."""

from typing import Any

from registry.storage.engines import Transaction

_LISTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "absences": (
        "SELECT party, substitute, starts_on, ends_on FROM absence WHERE account = ? ORDER BY starts_on, id",
        ("party", "substitute", "from", "until"),
    ),
    "substitutions": (
        "SELECT party, account, starts_on, ends_on FROM absence WHERE substitute = ? ORDER BY starts_on, id",
        ("party", "absent", "from", "until"),
    ),
    "invitations": (
        "SELECT party, kind, created_at, expires_at, used_at FROM invitation WHERE account = ? ORDER BY created_at, id",
        ("party", "kind", "created_at", "expires_at", "used_at"),
    ),
    "texts": ("SELECT text, saved_at FROM own_text WHERE account = ? ORDER BY saved_at, id", ("text", "saved_at")),
    "drafts": (
        "SELECT exchange, act, saved_at FROM act_draft WHERE account = ? ORDER BY saved_at, exchange, act",
        ("exchange", "act", "saved_at"),
    ),
    "notices": (
        "SELECT party, kind, reference, created_at FROM notice WHERE account = ? ORDER BY id",
        ("party", "kind", "reference", "created_at"),
    ),
    "mails": (
        "SELECT kind, state, created_at, ended_at FROM mail WHERE account = ? ORDER BY created_at, id",
        ("kind", "state", "created_at", "ended_at"),
    ),
    "mail_preferences": (
        "SELECT awaited, answered, reminder, digest FROM mail_preference WHERE account = ?",
        ("awaited", "answered", "reminder", "digest"),
    ),
}


async def kept_under(tx: Transaction, account: str) -> dict[str, list[dict[str, Any]]]:
    """Lists by name, secrets aside; what was prepared for an act is its file's, and told by its place alone."""
    return {
        name: [dict(zip(keys, row, strict=True)) for row in await tx.rows(sql, account)]
        for name, (sql, keys) in _LISTS.items()
    }


async def pseudonyms_of(tx: Transaction, account: str) -> list[tuple[str, str]]:
    """The names that stand for the account: (log's origin, pseudonym)."""
    rows = await tx.rows(
        """SELECT l.origin, a.pseudonym FROM actor a JOIN log l ON l.id = a.log WHERE a.account = ?
        ORDER BY l.origin""",
        account,
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]
