"""Pages are compressed, unless another site asked the browser for them.

A page holds a token and other parties' texts beside what an address may put into it (`?q=`): somebody who makes a
browser ask for many addresses, and sees how long the encrypted answers are, could guess a secret letter by letter
(BREACH). That somebody is another site; browsers say so in `Sec-Fetch-Site`, which no page can forge. Whatever is not
said to come from our own pages or from the person (an address typed, a bookmark) is sent as it is: a link followed from
a mail costs a few kilobytes, once.
"""

import zlib

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

GZIP = 31
"""`wbits` of zlib for a gzip stream."""
COMPRESSED = {"Content-Encoding": "gzip"}
_LEVEL = 4
"""A list of thirty exchanges takes a third of a millisecond; the best level gains a twentieth in twice the time."""
_SMALLEST = 1000
_ASKED_BY_US = frozenset({"same-origin", "none"})
_VARY = "Accept-Encoding, Sec-Fetch-Site"


def takes_gzip(accepted: str) -> bool:
    """Whether an `Accept-Encoding` names gzip without refusing it (RFC 9110, section 12.5.3)."""
    for coding in accepted.lower().split(","):
        name, _, parameter = coding.partition(";")
        if name.strip() == "gzip":
            quality = parameter.replace(" ", "")
            return not (quality.startswith("q=0") and not quality.strip("q=0."))
    return False


class Compression(ASGIMiddleware):
    """Around the routes of pages: HTML alone, whole answers alone."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        headers = Headers.from_scope(scope)
        ours = headers.get("sec-fetch-site") in _ASKED_BY_US
        chosen = ours and takes_gzip(headers.get("accept-encoding", ""))
        await next_app(scope, receive, _sender(send, chosen=chosen))


def _sender(send: Send, *, chosen: bool) -> Send:
    """Sends an answer on; its beginning waits for its body, which may change its length."""
    begun: list[Message] = []

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            if headers.get("content-type", "").startswith("text/html"):
                headers["Vary"] = _VARY
                if chosen and "content-encoding" not in headers:
                    begun.append(message)
                    return
            await send(message)
            return
        if begun and message["type"] == "http.response.body":
            start = begun.pop()
            body = message["body"]
            if not message.get("more_body") and len(body) >= _SMALLEST:
                body = zlib.compress(body, _LEVEL, wbits=GZIP)
                headers = MutableScopeHeaders.from_message(start)
                headers["Content-Length"] = str(len(body))
                headers["Content-Encoding"] = "gzip"
                message = {**message, "body": body}
            await send(start)
        await send(message)

    return sent
