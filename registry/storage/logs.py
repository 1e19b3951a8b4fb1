"""Logs and the pseudonyms used in them: one log for each owner (convention or party) and UTC year (ledger.md §2)."""

import base64
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from registry.ledger.keys import Signer
from registry.storage.engines import Transaction

_PSEUDONYM_BYTES = 9


@dataclass(frozen=True)
class Log:
    """One tlog: its origin is its key name and URL without scheme; `id` is the object of its own events."""

    id: str
    owner: str
    year: int
    origin: str


class Names:
    """Logs and pseudonyms met so far. Their rows never change, so what a committed transaction read may be kept."""

    def __init__(self) -> None:
        self.logs: dict[tuple[str, int], Log] = {}
        self.pseudonyms: dict[tuple[str, str], str] = {}

    def learn(self, other: "Names") -> None:
        """Keep what another met; to be called once its transaction is committed."""
        self.logs.update(other.logs)
        self.pseudonyms.update(other.pseudonyms)


class Recorder:
    """The key that signs records, under each log's name `<origin>/recorder`; it never signs anything else."""

    def __init__(self, host: str, key: Signer) -> None:
        """`host`: the name that begins every origin, unique for ever; `key`: any signer of the recorder's key."""
        self.host = host
        self._key = key
        self._signers: dict[str, Signer] = {}

    def origin(self, owner: str, year: int) -> str:
        """The origin of a log, as `host/ledger/owner/year`."""
        return f"{self.host}/ledger/{owner}/{year}"

    def signer(self, origin: str) -> Signer:
        """The recorder's signer for a log."""
        if origin not in self._signers:
            self._signers[origin] = self._key.named(f"{origin}/recorder")
        return self._signers[origin]


async def find_log(tx: Transaction, owner: str, now: datetime) -> Log | None:
    """The owner's log of the UTC year of `now`, or None when nothing was recorded in that year yet."""
    row = await tx.row("SELECT id, owner, year, origin FROM log WHERE owner = ? AND year = ?", owner, now.year)
    return Log(*row) if row else None


async def create_log(tx: Transaction, owner: str, now: datetime, recorder: Recorder) -> Log | None:
    """A new log row; None when another transaction created it first (its first event is then its own)."""
    log = Log(str(uuid.uuid4()), owner, now.year, recorder.origin(owner, now.year))
    created = await tx.execute(
        "INSERT INTO log (id, owner, year, origin) VALUES (?, ?, ?, ?) ON CONFLICT (owner, year) DO NOTHING",
        log.id, log.owner, log.year, log.origin,
    )  # fmt: skip
    return log if created else None


async def pseudonym(tx: Transaction, log: Log, account: str) -> str:
    """The account's random name in that log, made on its first act there; the map dies with the account."""
    known = await tx.value("SELECT pseudonym FROM actor WHERE log = ? AND account = ?", log.id, account)
    if known is not None:
        return str(known)
    fresh = base64.b64encode(secrets.token_bytes(_PSEUDONYM_BYTES)).decode()
    await tx.execute(
        "INSERT INTO actor (log, account, pseudonym) VALUES (?, ?, ?) ON CONFLICT (log, account) DO NOTHING",
        log.id, account, fresh,
    )  # fmt: skip
    return str(await tx.value("SELECT pseudonym FROM actor WHERE log = ? AND account = ?", log.id, account))
