"""Invitations (single-use links that expire), dated undertakings of confidentiality, absences and their substitutes."""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from registry.clock import timestamp
from registry.storage.engines import Transaction

LIFETIME = timedelta(days=7)
"""How long an invitation can be accepted."""
_LINK_BYTES = 32


@dataclass(frozen=True)
class Invitation:
    """An invitation. `kind`: `join` gives roles for a party, `reset` lets its owner take an account anew."""

    id: str
    kind: str
    email: str
    party: str
    roles: tuple[str, ...]
    valid_until: str | None
    invited_by: str
    created_at: str
    expires_at: str
    used_at: str | None


def link_hash(link: str) -> bytes:
    """What is kept of a link's secret part: SHA-256."""
    return hashlib.sha256(link.encode()).digest()


async def invite(
    tx: Transaction, kind: str, email: str, party: str, roles: Sequence[str], until: date | None, by: str, now: datetime
) -> tuple[Invitation, str]:
    """A new invitation and the secret part of its link, shown once; former ones of that person and party are void."""
    await tx.execute(
        "DELETE FROM invitation WHERE email = ? AND party = ? AND kind = ? AND used_at IS NULL", email, party, kind
    )
    secret = secrets.token_urlsafe(_LINK_BYTES)
    made = Invitation(
        str(uuid.uuid4()), kind, email, party, tuple(roles), until.isoformat() if until else None, by,
        timestamp(now), timestamp(now + LIFETIME), None,
    )  # fmt: skip
    await tx.execute(
        """INSERT INTO invitation (id, hash, kind, email, party, roles, valid_until, invited_by, created_at, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        made.id, link_hash(secret), kind, email, party, " ".join(roles), made.valid_until, by, made.created_at,
        made.expires_at,
    )  # fmt: skip
    return made, secret


_COLUMNS = "id, kind, email, party, roles, valid_until, invited_by, created_at, expires_at, used_at"


def _invitation(row: Sequence[object]) -> Invitation:
    values = list(row)
    values[4] = tuple(str(values[4]).split())
    return Invitation(*values)  # type: ignore[arg-type]  # the columns, in order


async def open_invitation(tx: Transaction, secret: str, now: datetime) -> Invitation | None:
    """The invitation of a link, None when it is unknown, used or expired."""
    row = await tx.row(
        f"SELECT {_COLUMNS} FROM invitation WHERE hash = ? AND used_at IS NULL AND expires_at > ?",
        link_hash(secret), timestamp(now),
    )  # fmt: skip
    return _invitation(row) if row is not None else None


async def use_invitation(tx: Transaction, invitation: str, account: str, now: datetime) -> bool:
    """Use up an invitation; False when somebody just did."""
    changed = await tx.execute(
        "UPDATE invitation SET used_at = ?, account = ? WHERE id = ? AND used_at IS NULL",
        timestamp(now), account, invitation,
    )  # fmt: skip
    return bool(changed)


async def waiting_invitations(tx: Transaction, party: str, now: datetime) -> list[Invitation]:
    """The party's invitations that can still be accepted, newest first."""
    rows = await tx.rows(
        f"""SELECT {_COLUMNS} FROM invitation WHERE party = ? AND used_at IS NULL AND expires_at > ?
        ORDER BY created_at DESC, id""",
        party, timestamp(now),
    )  # fmt: skip
    return [_invitation(row) for row in rows]


async def withdraw_invitation(tx: Transaction, invitation: str, party: str) -> bool:
    """Void an unused invitation of the party; False when there is none."""
    sql = "DELETE FROM invitation WHERE id = ? AND party = ? AND used_at IS NULL"
    return bool(await tx.execute(sql, invitation, party))


async def accept_undertaking(tx: Transaction, account: str, party: str, version: str, now: datetime) -> bool:
    """Date an account's acceptance of the undertaking for a party; False when it was accepted before."""
    changed = await tx.execute(
        """INSERT INTO undertaking (account, party, version, accepted_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (account, party, version) DO NOTHING""",
        account, party, version, timestamp(now),
    )  # fmt: skip
    return bool(changed)


async def undertakings(
    tx: Transaction, *, account: str | None = None, party: str | None = None
) -> list[tuple[str, ...]]:
    """The dated undertakings of an account, or for a party: (account, party, version, accepted at)."""
    column, value = ("account", account) if account is not None else ("party", party)
    sql = f"SELECT account, party, version, accepted_at FROM undertaking WHERE {column} = ? ORDER BY accepted_at"
    return [tuple(row) for row in await tx.rows(sql, value)]


async def accepted(tx: Transaction, account: str, party: str, version: str) -> bool:
    """Whether the account accepted that version of the undertaking for the party."""
    sql = "SELECT 1 FROM undertaking WHERE account = ? AND party = ? AND version = ?"
    return await tx.value(sql, account, party, version) is not None


@dataclass(frozen=True)
class Absence:
    """Days (first and last included) on which a substitute holds somebody's roles for a party."""

    id: str
    account: str
    party: str
    substitute: str
    starts_on: str
    ends_on: str
    declared_by: str
    declared_at: str


async def declare(tx: Transaction, absence: Absence) -> None:
    """Keep an absence."""
    await tx.execute(
        """INSERT INTO absence (id, account, party, substitute, starts_on, ends_on, declared_by, declared_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        absence.id, absence.account, absence.party, absence.substitute, absence.starts_on, absence.ends_on,
        absence.declared_by, absence.declared_at,
    )  # fmt: skip


_ABSENCE = "SELECT id, account, party, substitute, starts_on, ends_on, declared_by, declared_at FROM absence"


async def absences(tx: Transaction, party: str, since: date) -> list[Absence]:
    """The party's absences that are not over on a day, soonest first."""
    rows = await tx.rows(
        f"{_ABSENCE} WHERE party = ? AND ends_on >= ? ORDER BY starts_on, id", party, since.isoformat()
    )
    return [Absence(*row) for row in rows]


async def find_absence(tx: Transaction, absence: str, party: str) -> Absence | None:
    """One absence of the party."""
    row = await tx.row(f"{_ABSENCE} WHERE id = ? AND party = ?", absence, party)
    return Absence(*row) if row is not None else None


async def cut_absence(tx: Transaction, absence: str, last_day: date) -> None:
    """The absence ends after `last_day`; it is forgotten when it had not begun by then."""
    day = last_day.isoformat()
    await tx.execute("DELETE FROM absence WHERE id = ? AND starts_on > ?", absence, day)
    await tx.execute("UPDATE absence SET ends_on = ? WHERE id = ? AND ends_on > ?", day, absence, day)


async def invitation_expiry(tx: Transaction, invitation: str) -> datetime:
    """When an invitation can no longer be accepted."""
    return datetime.fromisoformat(str(await tx.value("SELECT expires_at FROM invitation WHERE id = ?", invitation)))
