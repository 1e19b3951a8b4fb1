"""The worker that empties the outbox: one at a time across processes, each mail once.

What is promised: a mail is in the outbox if and only if its act was recorded. It is tried again, more and more rarely,
for five days; refused for good, it is said to have failed. From the moment its text is given to the SMTP server it is
never given again by itself: when no answer came, or the process died before noting it, only the server knows whether it
took the mail; it is then said to be uncertain, and a person may have it sent again under the same Message-ID.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from email.message import EmailMessage

import structlog
from cryptography.fernet import MultiFernet

from registry.clock import paris_day
from registry.gate import Gate
from registry.storage import outbox
from registry.storage.accounts_invitations import invitation_expiry
from registry.storage.engines import Busy, Transaction
from registry.storage.leases import hold, release
from registry.storage.notices import notices_of
from registry.storage.outbox import Mail
from registry.storage.vault import unseal
from server.mail.composing import Writer
from server.mail.smtp import Connection, Later, Refused, Unknown, Unreachable
from server.settings import Settings, SmtpSettings

TASK = "mail"
LEASE_SECONDS = 300
"""Longer than a mail can take: a holder that stopped answering keeps others waiting so long."""
BATCH = 50
GIVEN_UP = timedelta(days=5)
"""How long a mail is tried (RFC 5321, section 4.5.4.1)."""
_FIRST, _LONGEST = timedelta(minutes=1), timedelta(hours=4)
IDLE = 5.0
"""Seconds between two looks at the outbox."""
_STOPPED = "Le service s'est arrêté pendant l'envoi : le serveur de courriel seul sait s'il l'a pris."

_log = structlog.get_logger("ecluse")


class Postman:
    """Sends what waits in the outbox."""

    def __init__(self, gate: Gate, settings: SmtpSettings, writer: Writer) -> None:
        self._gate, self._settings, self._writer = gate, settings, writer
        self._holder = str(uuid.uuid4())

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self.round()
            except (Busy, OSError) as error:
                _log.warning("mail postponed", reason=str(error))
            await asyncio.sleep(IDLE)

    async def round(self) -> int:
        """Send what is due, unless another process does; how many mails were taken."""
        engine, now = self._gate.engine, self._gate.now()
        if not await engine.read(lambda tx: outbox.anything_due(tx, now)):
            return 0
        due = await engine.transact(self._begin)
        if due is None:
            return 0
        try:
            return await self._send(due) if due else 0
        finally:
            with suppress(Busy, OSError):
                await engine.transact(lambda tx: release(tx, TASK, self._holder))

    async def _begin(self, tx: Transaction) -> list[Mail] | None:
        """The mails to send; None while another process sends."""
        now = self._gate.now()
        if not await self._hold(tx):
            return None
        settled = await outbox.settle(tx, now, _STOPPED)
        if settled:
            _log.warning("mails of unknown fate", count=settled)
        return await outbox.due_mails(tx, now, BATCH)

    async def _hold(self, tx: Transaction) -> bool:
        """Take or prolong the lease, by the machine's own time: a demonstration's clock stands still."""
        return await hold(tx, TASK, self._holder, int(time.time()), LEASE_SECONDS)

    async def _send(self, due: list[Mail]) -> int:
        try:
            connection = await Connection.open(self._settings)
        except Unreachable as error:
            await self._postpone(due, str(error))
            return 0
        taken = 0
        try:
            for position, mail in enumerate(due):
                try:
                    taken += await self._one(connection, mail)
                except Unreachable as error:
                    await self._postpone(due[position:], str(error))
                    break
                except Unknown as error:
                    await self._end(mail, "uncertain", str(error))
                    break  # the connection is lost, or out of step
        finally:
            await connection.close()
        return taken

    async def _one(self, connection: Connection, mail: Mail) -> bool:
        """Whether the mail was taken. Raises Unreachable or Unknown."""
        message = await self._gate.engine.read(lambda tx: self._composed(tx, mail))
        if message is None:
            await self._end(mail, "dropped", None)
            return False

        async def handed(tx: Transaction) -> bool:
            return await self._hold(tx) and await outbox.hand(tx, mail.id)

        try:
            taken = await connection.give(message, lambda: self._gate.engine.transact(handed))
        except Refused as error:
            await self._end(mail, "failed", str(error))
            return False
        except Later as error:
            await self._postpone([mail], str(error))
            return False
        if taken:
            await self._end(mail, "sent", None)
        return taken

    async def _composed(self, tx: Transaction, mail: Mail) -> EmailMessage | None:
        """The mail's text now; None when nobody is to be told any more."""
        if mail.address is None:
            return None
        if mail.invitation is not None:
            if mail.wrapped is None or mail.sealed is None:
                return None
            link = unseal(self._gate.vault.unwrap(mail.id, mail.wrapped), mail.sealed, mail.id).decode()
            return self._writer.invitation(mail, link, await invitation_expiry(tx, mail.invitation))
        notices = await notices_of(tx, mail.id, paris_day(self._gate.now()))
        return self._writer.told(mail, notices) if notices else None

    async def _end(self, mail: Mail, state: str, reason: str | None) -> None:
        await self._gate.engine.transact(lambda tx: outbox.end_mail(tx, mail.id, state, self._gate.now(), reason))
        if state in {"failed", "uncertain"}:
            _log.warning("mail not delivered", mail=mail.id, state=state, reason=reason)

    async def _postpone(self, mails: list[Mail], reason: str) -> None:
        now = self._gate.now()
        old = [mail for mail in mails if now - datetime.fromisoformat(mail.created_at) > GIVEN_UP]
        later = [(mail.id, now + delay(mail.attempts)) for mail in mails if mail not in old]

        async def work(tx: Transaction) -> None:
            await outbox.postpone(tx, later, reason)
            for mail in old:
                await outbox.end_mail(tx, mail.id, "failed", now, reason)

        await self._gate.engine.transact(work)
        _log.warning("mail postponed", count=len(mails), reason=reason)


def delay(attempts: int) -> timedelta:
    """How long to wait after that many earlier tries: twice as long each time, from a minute to four hours."""
    return min(_FIRST * float(2 ** min(attempts, 20)), _LONGEST)


@asynccontextmanager
async def delivering(postman: Postman | None) -> AsyncIterator[None]:
    """Run the postman, if the installation has one, as long as the body runs."""
    task = asyncio.create_task(postman.run()) if postman is not None else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def postman_of(settings: Settings, gate: Gate, secrets: MultiFernet) -> Postman | None:
    """The postman of an installation that sends mail."""
    if settings.smtp is None:
        return None
    writer = Writer(settings.public_url, settings.host_name, settings.smtp.sender, secrets)
    return Postman(gate, settings.smtp, writer)
