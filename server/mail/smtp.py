"""One connection to the SMTP server, and what its answers mean for a mail."""

import ssl
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from typing import TYPE_CHECKING

from server.settings import SmtpSettings

if TYPE_CHECKING:
    from aiosmtplib import SMTP

CONNECTING, ANSWERING = 20.0, 60.0
"""Seconds to wait for a connection and for an answer."""
_PERMANENT = 500


class Unreachable(Exception):
    """The server takes no mail now: connection, encryption, sign-in or sender refused."""


class Later(Exception):
    """The server did not take this mail, and may later."""


class Refused(Exception):
    """The server will not take this mail."""


class Unknown(Exception):
    """The mail's text was given and no answer came: nobody knows whether it was taken."""


class Connection:
    """An open connection; `give` may be called many times."""

    def __init__(self, client: "SMTP", sender: str) -> None:
        self._client, self._sender = client, sender

    @classmethod
    async def open(cls, settings: SmtpSettings) -> "Connection":
        """Connect, encrypt, sign in. Raises Unreachable."""
        from aiosmtplib import SMTP, SMTPException

        client = SMTP(
            hostname=settings.host, port=settings.port, username=settings.user, password=settings.password,
            timeout=CONNECTING, use_tls=settings.security == "tls", start_tls=settings.security == "starttls",
            tls_context=_context(settings),
        )  # fmt: skip
        try:
            await client.connect()
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            raise Unreachable(_said(error)) from error
        client.timeout = ANSWERING
        return cls(client, settings.sender)

    async def give(self, message: EmailMessage, hand: Callable[[], Awaitable[bool]]) -> bool:
        """Give one mail; `hand` is asked just before its text goes, and False gives it up. Whether it was taken.

        Raises Unreachable, Later, Refused; Unknown once the text was given.
        """
        from aiosmtplib import SMTPDataError, SMTPException, SMTPResponseException

        address = str(message["To"])
        if not address.isascii():
            raise Refused("Cette adresse a des caractères que le courriel ordinaire n'admet pas.")
        try:
            await self._client.mail(self._sender)
        except (SMTPException, OSError) as error:
            raise Unreachable(_said(error)) from error
        try:
            await self._client.rcpt(address)
        except SMTPResponseException as error:
            await self._reset()
            raise (Refused if error.code >= _PERMANENT else Later)(_said(error)) from error
        except (SMTPException, OSError) as error:
            raise Unreachable(_said(error)) from error
        if not await hand():
            await self._reset()
            return False
        try:
            await self._client.data(message.as_bytes())
        except SMTPDataError as error:
            raise (Refused if error.code >= _PERMANENT else Later)(_said(error)) from error
        except (SMTPException, OSError) as error:
            raise Unknown(_said(error)) from error
        return True

    async def _reset(self) -> None:
        from aiosmtplib import SMTPException

        try:
            await self._client.rset()
        except (SMTPException, OSError) as error:
            raise Unreachable(_said(error)) from error

    async def close(self) -> None:
        """Say goodbye, if the server still listens."""
        from aiosmtplib import SMTPException

        try:
            await self._client.quit(timeout=2)
        except (SMTPException, OSError):
            self._client.close()


def _context(settings: SmtpSettings) -> ssl.SSLContext | None:
    return ssl.create_default_context(cafile=settings.ca) if settings.security != "none" else None


def _said(error: Exception) -> str:
    """What a server said, on one line, without control characters."""
    code = getattr(error, "code", None)
    said = f"{code} {getattr(error, 'message', '')}" if code is not None else str(error) or type(error).__name__
    return "".join(c if c.isprintable() else " " for c in said)[:300]
