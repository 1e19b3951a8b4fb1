"""The push side: C2SP tlog-witness over HTTP, for hosts that can reach this witness."""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from registry.ledger.witness_protocol import MAX_BYTES
from registry.witness.answering import Reply, add_checkpoint, kept_head
from registry.witness.errors import Fork
from registry.witness.witness import Witness

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Listener:
    """The ASGI application; `on_fork` is told, once answered, of a fork that a request proved."""

    def __init__(self, witness: Witness, on_fork: Callable[[Fork], None]) -> None:
        self._witness = witness
        self._on_fork = on_fork

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        reply = await self._reply(scope, receive)
        headers = [(b"content-type", reply.content_type.encode()), (b"content-length", b"%d" % len(reply.body))]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else reply.body})
        if reply.fork is not None:
            self._on_fork(reply.fork)

    async def _reply(self, scope: Message, receive: Receive) -> Reply:
        path, method = str(scope["path"]), scope["method"]
        if path == "/add-checkpoint":
            if method != "POST":
                return Reply(405, b"POST is expected\n")
            body = await _body(receive)
            if body is None:
                return Reply(413, b"the request is too large\n")
            return await asyncio.to_thread(add_checkpoint, self._witness, body, int(time.time()))
        name, _, rest = path.removeprefix("/").partition("/")
        if rest == "checkpoint" and method in {"GET", "HEAD"}:
            return await asyncio.to_thread(kept_head, self._witness, name)
        return Reply(404, b"not found\n")


async def _body(receive: Receive) -> bytes | None:
    """The whole body, None when it is larger than a request may be."""
    raw = bytearray()
    while True:
        message = await receive()
        raw += message.get("body", b"")
        if len(raw) > MAX_BYTES:
            return None
        if not message.get("more_body"):
            return bytes(raw)
