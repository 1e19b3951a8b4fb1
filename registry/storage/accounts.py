"""Accounts, their dated roles for parties, and bearer tokens hashed at rest."""

import hashlib
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from registry.authorisation import ALL
from registry.clock import paris_day, timestamp
from registry.exchange.context import Actor
from registry.storage.engines import Transaction

TOKEN_PREFIX = "ecl_"  # noqa: S105 - a recognisable beginning, not a secret
_TOKEN_BYTES = 32


def token_hash(token: str) -> bytes:
    """What is stored of a token: SHA-256 (tokens are 256 random bits, so no slow hash is needed)."""
    return hashlib.sha256(token.encode()).digest()


async def account_for(tx: Transaction, email: str, now: datetime) -> str:
    """The id of the account with that e-mail address, created when there is none yet."""
    address = email.strip().lower()
    known = await tx.value("SELECT id FROM account WHERE email = ?", address)
    if known is not None:
        return str(known)
    account = str(uuid.uuid4())
    await tx.execute("INSERT INTO account (id, email, created_at) VALUES (?, ?, ?)", account, address, timestamp(now))
    return account


async def find_account(tx: Transaction, email: str) -> str | None:
    """The id of the open account with that e-mail address, or None."""
    found = await tx.value("SELECT id FROM account WHERE email = ? AND closed_at IS NULL", email.strip().lower())
    return str(found) if found is not None else None


async def account_known(tx: Transaction, email: str) -> str | None:
    """The id of the account with that e-mail address, open or closed; locked until the transaction ends."""
    lock = " FOR UPDATE" if tx.dialect == "postgres" else ""
    found = await tx.value(f"SELECT id FROM account WHERE email = ?{lock}", email.strip().lower())
    return str(found) if found is not None else None


async def parties_of(tx: Transaction, account: str) -> list[str]:
    """The parties an account may act for, or could once, in order."""
    rows = await tx.rows(
        "SELECT party FROM account_role WHERE account = ? UNION SELECT party FROM token WHERE account = ? ORDER BY 1",
        account, account,
    )  # fmt: skip
    return [row[0] for row in rows]


_KEPT_UNDER = (
    "idempotency", "token", "password", "totp", "signing_key", "device_offer", "passkey", "recovery_code", "session",
    "challenge", "invitation", "undertaking", "absence", "identity", "account_journal", "visit", "account_role",
    "actor", "own_text", "act_draft", "notice", "mail", "mail_preference",
)  # fmt: skip


async def forget(tx: Transaction, account: str) -> None:
    """Delete an account and all that is kept under it; its id in facts and its pseudonyms then name nobody.

    Absences it declares, or makes up for, go with it; so do the roles that came from them.
    """
    away = "SELECT id FROM absence WHERE account = ? OR substitute = ?"
    await tx.execute(f"DELETE FROM account_role WHERE source IN ({away})", account, account)
    await tx.execute("DELETE FROM absence WHERE substitute = ?", account)
    invited = "SELECT i.id FROM invitation i JOIN account a ON a.email = i.email WHERE a.id = ?"
    await tx.execute(f"DELETE FROM mail WHERE invitation IN ({invited})", account)
    await tx.execute("DELETE FROM invitation WHERE email = (SELECT email FROM account WHERE id = ?)", account)
    for table in _KEPT_UNDER:
        await tx.execute(f"DELETE FROM {table} WHERE account = ?", account)
    await tx.execute("DELETE FROM account WHERE id = ?", account)


async def emails(tx: Transaction, accounts: Iterable[str]) -> Mapping[str, str]:
    """The e-mail addresses of accounts by id; unknown ids are left out."""
    ids = sorted(set(accounts))
    if not ids:
        return {}
    marks = ", ".join("?" for _ in ids)
    return {row[0]: row[1] for row in await tx.rows(f"SELECT id, email FROM account WHERE id IN ({marks})", *ids)}


async def grant(
    tx: Transaction, account: str, party: str, roles: Sequence[str], since: date, until: date | None, source: str = ""
) -> None:
    """Give an account roles for a party from a day on; a role held already takes the new dates.

    `source` is the absence that the roles make up for; empty for roles held in one's own right.
    """
    for role in roles:
        await tx.execute(
            """INSERT INTO account_role (account, party, role, valid_from, valid_until, source)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account, party, role, source)
            DO UPDATE SET valid_from = excluded.valid_from, valid_until = excluded.valid_until""",
            account, party, role, since.isoformat(), until.isoformat() if until else None, source,
        )  # fmt: skip


async def carry_roles(
    tx: Transaction, predecessors: Sequence[str], successor: str, roles: Sequence[str], since: date
) -> None:
    """Give who holds one of the roles for a predecessor, on the eve of a succession, the same for the successor."""
    last_day = (since - timedelta(days=1)).isoformat()
    parties, named = ", ".join("?" * len(predecessors)), ", ".join("?" * len(roles))
    await tx.execute(
        f"""INSERT INTO account_role (account, party, role, valid_from, valid_until, source)
        SELECT account, CAST(? AS TEXT), role, CAST(? AS TEXT),
        CASE WHEN count(*) = count(valid_until) THEN max(valid_until) END, '' FROM account_role
        WHERE party IN ({parties}) AND role IN ({named}) AND source = '' AND valid_from <= ?
        AND (valid_until IS NULL OR valid_until > ?)
        GROUP BY account, role
        ON CONFLICT (account, party, role, source) DO NOTHING""",
        successor, since.isoformat(), *predecessors, *roles, last_day, last_day,
    )  # fmt: skip


async def end_parties(tx: Transaction, parties: Sequence[str], last_day: date) -> None:
    """End every role for parties that are no more after `last_day`; nobody joins them any longer."""
    marks, day = ", ".join("?" * len(parties)), last_day.isoformat()
    await tx.execute(f"DELETE FROM account_role WHERE party IN ({marks}) AND valid_from > ?", *parties, day)
    await tx.execute(
        f"""UPDATE account_role SET valid_until = ? WHERE party IN ({marks})
        AND (valid_until IS NULL OR valid_until > ?)""",
        day, *parties, day,
    )  # fmt: skip
    await tx.execute(f"DELETE FROM invitation WHERE party IN ({marks}) AND used_at IS NULL", *parties)


@dataclass(frozen=True)
class HeldRole:
    """A role of an account for a party, with its dates (ISO days, the last one included) and where it comes from."""

    account: str
    party: str
    role: str
    valid_from: str
    valid_until: str | None
    source: str


async def held_roles(tx: Transaction, *, account: str | None = None, party: str | None = None) -> list[HeldRole]:
    """The roles of an account, or of everybody for a party, past and future ones included."""
    chosen = [("account = ?", account), ("party = ?", party)]
    where = " AND ".join(clause for clause, value in chosen if value is not None)
    rows = await tx.rows(
        f"""SELECT account, party, role, valid_from, valid_until, source FROM account_role WHERE {where}
        ORDER BY account, party, role, source""",
        *(value for _, value in chosen if value is not None),
    )
    return [HeldRole(*row) for row in rows]


async def accounts_by_role(tx: Transaction, day: date) -> dict[tuple[str, str], str]:
    """One open account for each (party, role) held in its own right on a day."""
    rows = await tx.rows(
        """SELECT r.party, r.role, min(r.account) FROM account_role r
        JOIN account a ON a.id = r.account AND a.closed_at IS NULL
        WHERE r.source = '' AND r.valid_from <= ? AND (r.valid_until IS NULL OR r.valid_until >= ?)
        GROUP BY r.party, r.role ORDER BY r.party, r.role""",
        day.isoformat(), day.isoformat(),
    )  # fmt: skip
    return {(row[0], row[1]): row[2] for row in rows}


async def end_roles(
    tx: Transaction, account: str, party: str, last_day: date, *, role: str | None = None, source: str | None = None
) -> int:
    """End an account's roles for a party after `last_day`; those not begun by then are removed. How many there were."""
    chosen = [("role = ?", role), ("source = ?", source)]
    where = "account = ? AND party = ?" + "".join(f" AND {clause}" for clause, value in chosen if value is not None)
    values = [account, party, *(value for _, value in chosen if value is not None)]
    day = last_day.isoformat()
    gone = await tx.execute(f"DELETE FROM account_role WHERE {where} AND valid_from > ?", *values, day)
    ended = await tx.execute(
        f"UPDATE account_role SET valid_until = ? WHERE {where} AND (valid_until IS NULL OR valid_until > ?)",
        day, *values, day,
    )  # fmt: skip
    return gone + ended


async def close_account(tx: Transaction, account: str, now: datetime) -> None:
    """Nobody signs in to the account any more; its tokens stop at once."""
    await tx.execute("UPDATE account SET closed_at = ? WHERE id = ? AND closed_at IS NULL", timestamp(now), account)


async def reopen_account(tx: Transaction, account: str) -> None:
    """A closed account is used again."""
    await tx.execute("UPDATE account SET closed_at = NULL WHERE id = ?", account)


async def end_tokens(tx: Transaction, account: str, party: str, now: datetime) -> None:
    """The account's tokens for a party expire now."""
    await tx.execute(
        "UPDATE token SET expires_at = ? WHERE account = ? AND party = ? AND expires_at > ?",
        timestamp(now), account, party, timestamp(now),
    )  # fmt: skip


async def issue_token(tx: Transaction, account: str, party: str, now: datetime, days: int) -> str:
    """A new token of every scope, for `days`."""
    return await keep_token(tx, account, party, now, now + timedelta(days=days), (ALL,), "")


async def keep_token(
    tx: Transaction, account: str, party: str, now: datetime, expires: datetime, scopes: Sequence[str], name: str
) -> str:
    """A new token binding the account to one party, within scopes; only its hash is kept, so it can be shown just once.
    `name` is how its owner tells it from others."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    await tx.execute(
        """INSERT INTO token (hash, account, party, created_at, expires_at, id, scopes, name)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        token_hash(token), account, party, timestamp(now), timestamp(expires), uuid.uuid4().hex, " ".join(scopes), name,
    )  # fmt: skip
    return token


@dataclass(frozen=True)
class Bearer:
    """Whom a live token stands for, within which scopes, and when its use was last noted."""

    actor: Actor
    scopes: frozenset[str]
    used_at: str | None


_AUTHENTICATE = """SELECT t.account, t.party, t.scopes, t.used_at, r.role FROM token t
JOIN account a ON a.id = t.account AND a.closed_at IS NULL
LEFT JOIN account_role r ON r.account = t.account AND r.party = t.party
AND r.valid_from <= ? AND (r.valid_until IS NULL OR r.valid_until >= ?)
WHERE t.hash = ? AND t.expires_at > ?"""


async def authenticate(tx: Transaction, hashed: bytes, now: datetime) -> Bearer | None:
    """Who a token stands for, with the roles in force today; None when it is unknown, expired or closed."""
    today = paris_day(now).isoformat()
    rows = await tx.rows(_AUTHENTICATE, today, today, hashed, timestamp(now))
    if not rows:
        return None
    account, party, scopes, used_at, _ = rows[0]
    roles = frozenset(row[4] for row in rows if row[4] is not None)
    return Bearer(Actor(account, party, roles), frozenset(scopes.split()), used_at)


async def roles_of(tx: Transaction, parties: Sequence[str], day: date) -> dict[str, dict[str, frozenset[str]]]:
    """Which account holds which roles for these parties on a day: account -> party -> roles."""
    marks = ", ".join("?" for _ in parties)
    rows = await tx.rows(
        f"""SELECT account, party, role FROM account_role WHERE party IN ({marks})
        AND valid_from <= ? AND (valid_until IS NULL OR valid_until >= ?)""",
        *parties, day.isoformat(), day.isoformat(),
    )  # fmt: skip
    held: dict[str, dict[str, frozenset[str]]] = {}
    for account, party, role in rows:
        mine = held.setdefault(account, {})
        mine[party] = mine.get(party, frozenset()) | {role}
    return held
