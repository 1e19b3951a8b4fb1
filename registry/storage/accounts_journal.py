"""Where the history of an account for a party stands: its object in the log and the number of its records."""

from registry.storage.engines import Transaction


async def next_revision(tx: Transaction, account: str, party: str, fresh: str) -> tuple[str, int]:
    """The object of an account's history for a party (`fresh` when it has none yet) and its next revision, locked."""
    row = await tx.row(
        """INSERT INTO account_journal (account, party, object, revision) VALUES (?, ?, ?, 1)
        ON CONFLICT (account, party) DO UPDATE SET revision = account_journal.revision + 1
        RETURNING object, revision""",
        account, party, fresh,
    )  # fmt: skip
    if row is None:
        raise LookupError("an upsert returns its row")
    return str(row[0]), int(row[1])


async def journals_of(tx: Transaction, account: str) -> list[tuple[str, str]]:
    """The (party, object) of every history of an account."""
    sql = "SELECT party, object FROM account_journal WHERE account = ? ORDER BY party"
    return [(row[0], row[1]) for row in await tx.rows(sql, account)]
