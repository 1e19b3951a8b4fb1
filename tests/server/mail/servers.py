"""A real SMTP server for tests, that can refuse, stall and be away; it keeps what it took."""

from __future__ import annotations

import asyncio
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import TYPE_CHECKING, Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from server.settings import SmtpSettings

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Box:
    """What arrived, and how the server behaves: `rcpt` and `data` are answers that replace acceptance; `stall` makes it
    say nothing more once it has taken a mail's text."""

    port: int = 0
    rcpt: str | None = None
    data: str | None = None
    stall: bool = False
    taken: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.rcpt is not None:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.data is not None:
            return self.data
        self.taken.append(cast("EmailMessage", message_from_bytes(envelope.content, policy=default)))
        if self.stall:
            await asyncio.sleep(30)
        return "250 OK"

    def settings(self, security: str = "none", ca: Path | None = None) -> SmtpSettings:
        return SmtpSettings("localhost", self.port, security, "ecluse@ecluse.example", None, None, ca)

    def told(self, address: str) -> list[EmailMessage]:
        return [message for message in self.taken if message["To"] == address]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(box: Box, context: ssl.SSLContext | None = None) -> Iterator[Box]:
    """The server, on the box's port."""
    box.port = box.port or free_port()
    controller = _Controller(
        box, hostname="127.0.0.1", port=box.port, tls_context=context, require_starttls=context is not None
    )
    controller.start()
    try:
        yield box
    finally:
        controller.stop(no_assert=True)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return SMTP(self.handler, **self.SMTP_kwargs)


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
