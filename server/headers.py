"""Headers of every answer: what a browser may load, where it may send forms, that nobody frames us or guesses types."""

from collections.abc import Awaitable, Callable

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_OTHER_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_SAME = {
    "X-Content-Type-Options": "nosniff",
    # `no-referrer` would make browsers say `Origin: null` when a form is sent, which we check.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), publickey-credentials-get=(self)",
}
_HSTS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def hardened(*, https: bool) -> Callable[[Message, Scope], Awaitable[None]]:
    """A hook that adds them before an answer is sent."""
    same = {**_SAME, **(_HSTS if https else {})}

    async def before_send(message: Message, _scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        for name, value in same.items():
            headers[name] = value
        page = headers.get("content-type", "").startswith("text/html")
        headers["Content-Security-Policy"] = PAGE_POLICY if page else _OTHER_POLICY

    return before_send
