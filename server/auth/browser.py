"""The browser's side of a session: its cookie, who is visiting, and proof that a form was sent from our own pages."""

import hashlib
import hmac
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import Cookie
from litestar.handlers.base import BaseRouteHandler

from registry.gate import Caller, Gate, Unauthenticated
from registry.gate.people.visiting import Visitor, visitor
from registry.refusals import Refusal
from registry.storage.accounts_sessions import TOUCH, session_hash, touch
from server.auth.context import Auth, Connection, auth_of
from server.routes import is_open

CSRF_FIELD, CSRF_HEADER = "_csrf", "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_ID = 100
_VISITOR = "visitor"

Call = Request[Any, Any, Any]


class CrossSite(Refusal):
    """A change asked by a page that is not ours, or without the token that only our pages know."""

    slug, status, title = "cross-site", 403, "Demande refusée"


def cookie_name(auth: Auth) -> str:
    """The session cookie's name; over TLS its prefix binds it to this very host."""
    return "__Host-ecluse" if auth.https else "ecluse"


def session_cookie(auth: Auth, session_id: str | None) -> Cookie:
    """The cookie that gives a session's id, or takes it back."""
    return cookie(auth, cookie_name(auth), session_id)


def cookie(auth: Auth, name: str, value: str | None, max_age: int | None = None) -> Cookie:
    """A cookie: not for scripts, not for other sites' requests; taken back when `value` is None."""
    age = 0 if value is None else max_age
    return Cookie(key=name, value=value or "", max_age=age, path="/", secure=auth.https, httponly=True, samesite="lax")


def session_id(connection: Connection) -> str | None:
    """The id that the browser's cookie carries, whether it is worth anything or not."""
    found = connection.cookies.get(cookie_name(auth_of(connection)))
    return found if found and len(found) <= _LONGEST_ID else None


async def visit(connection: Connection) -> Visitor | None:
    """Who is visiting, None without a live session; read once a request, and use noted once a minute."""
    state: dict[str, Any] = connection.scope["state"]
    if _VISITOR not in state:
        state[_VISITOR] = await _visit(auth_of(connection).gate, session_id(connection))
    found: Visitor | None = state[_VISITOR]
    return found


async def _visit(gate: Gate, identifier: str | None) -> Visitor | None:
    if identifier is None:
        return None
    hashed = session_hash(identifier)
    found = await gate.glance(lambda session: visitor(session, hashed), snapshot=False)  # acts read it all again
    if found is not None and gate.now() - found.browser.seen_at > TOUCH:
        await _touch(gate, hashed, gate.now())
    return found


async def _touch(gate: Gate, hashed: bytes, now: datetime) -> None:
    await gate.engine.transact(lambda tx: touch(tx, hashed, now))


def visiting(connection: Connection) -> Visitor | None:
    """Who is visiting, once the guard of the route has read it."""
    found: Visitor | None = connection.scope["state"].get(_VISITOR)
    return found


def former_session(connection: Connection) -> bytes | None:
    """The key of the session that the browser's cookie names, which ends when another begins."""
    identifier = session_id(connection)
    return session_hash(identifier) if identifier is not None else None


def signed_in(connection: Connection) -> Visitor:
    """The visitor, past every factor. Raises Unauthenticated."""
    found = visiting(connection)
    if found is None or found.browser.stage != "open":
        raise Unauthenticated("Connectez-vous pour continuer.")
    return found


def caller_of(connection: Connection) -> Caller:
    """The visitor as the gate's caller. Raises Unauthenticated."""
    return Caller(signed_in(connection).browser.hash, kind="session")


async def page_guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Before every page: who is visiting; nothing is changed by a form of another site, and a page that the table of
    rights does not open to everybody is a signed-in person's. Raises CrossSite or Unauthenticated."""
    await visit(connection)
    if connection.scope["method"] not in _SAFE:  # type: ignore[typeddict-item]  # routes are HTTP
        require_same_site(connection)
    if not is_open(handler.name or ""):
        signed_in(connection)


async def api_guard(connection: Connection, _handler: BaseRouteHandler) -> None:
    """Before every private route of the API: a bearer token, or a session whose changes come from our own pages.

    Nothing is read of a call that brings neither. Raises Unauthenticated or CrossSite.
    """
    if connection.headers.get("authorization", "").lower().startswith("bearer "):
        return
    if await visit(connection) is None:
        raise Unauthenticated("Présentez un jeton d'accès valable (en-tête Authorization: Bearer …) ou connectez-vous.")
    if connection.scope["method"] not in _SAFE:  # type: ignore[typeddict-item]
        require_same_site(connection)
        require_token(connection, connection.headers.get(CSRF_HEADER, ""))


def csrf_token(connection: Connection) -> str:
    """The token of the visitor's forms: bound to the session's id, renewed with it, kept nowhere. Empty without one."""
    identifier = session_id(connection)
    return hmac.new(identifier.encode(), b"csrf", hashlib.sha256).hexdigest() if identifier else ""


def require_token(connection: Connection, given: str) -> None:
    """Refuse a change whose token is not that of the visitor's session. Raises CrossSite."""
    if not hmac.compare_digest(csrf_token(connection).encode(), given.encode()):
        raise CrossSite("Ce formulaire n'est plus valable : rechargez la page, puis recommencez.")


def require_same_site(connection: Connection) -> None:
    """Refuse a change that a page of another site asks for, by what the browser itself says. Raises CrossSite."""
    fetched, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    told = fetched is not None or origin is not None
    ours = {connection.headers.get("host", ""), urlsplit(auth_of(connection).site.origin).netloc}
    foreign = fetched not in {None, "same-origin", "none"} or (origin is not None and _netloc(origin) not in ours)
    if foreign or not told:
        raise CrossSite("Cette demande ne vient pas d'une page de ce service.")


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def local_path(given: str | None) -> str:
    """Where to go next, when it is a path of this site; else the home page (no open redirection)."""
    path = given or "/"
    plain = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    if not plain or len(path) > 2000:
        return "/"
    try:
        parts = urlsplit(path)
    except ValueError:
        return "/"
    return path if not parts.scheme and not parts.netloc else "/"
