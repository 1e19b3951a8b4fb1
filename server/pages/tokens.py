"""Tokens of machines: one's own, made and shown once; those of the party, for its administrator."""

from typing import Any

from litestar import get, post
from litestar.response import Response

from registry.authorisation import SCOPES
from registry.gate import Answer
from registry.gate.people import tokens as gate
from registry.gate.session import Session
from registry.refusals import Invalid, Refusal
from server.auth.browser import caller_of
from server.auth.context import auth_of
from server.pages.forms import errors_of, posted
from server.pages.rendering import Call, page, redirect

TOKENS, PARTY_TOKENS = "/compte/jetons", "/comptes/jetons"
_EMPTY: dict[str, Any] = {"name": "", "scopes": [], "until": ""}


async def _tokens(
    request: Call, status: int = 200, *, made: str | None = None, refusal: Refusal | None = None, **context: Any
) -> Response[str]:
    found = await auth_of(request).gate.read(caller_of(request), gate.own_tokens)
    shown = errors_of(refusal) if refusal is not None else {"sentence": ""}
    return page(
        request, "tokens.html", status, tokens=found, made=made, scopes=SCOPES, **{"form": _EMPTY, **shown, **context}
    )


@get(TOKENS, name="tokens")
async def tokens(request: Call) -> Response[str]:
    """One's own tokens for the party one acts for."""
    return await _tokens(request)


@post(TOKENS, name="issue_token", status_code=200)
async def issue(request: Call) -> Response[str]:
    """A new token, shown this once."""
    form = await posted(request)
    typed = {"name": form.text("name"), "scopes": form.every("scopes"), "until": form.text("until")}
    chosen = [scope for scope in SCOPES if scope in typed["scopes"]]

    async def work(session: Session) -> Answer[str]:
        return Answer(await gate.issue(session, form.text("name"), chosen, form.required_day("until")))

    try:
        done = await auth_of(request).gate.write(caller_of(request), work)
    except Invalid as refusal:
        return await _tokens(request, refusal.status, refusal=refusal, form=typed)
    return await _tokens(request, made=done.value)


async def _revoke(request: Call, revoke: Any, back: str) -> Response[str]:
    form = await posted(request)

    async def work(session: Session) -> Answer[None]:
        await revoke(session, form.text("token"))
        return Answer(None)

    await auth_of(request).gate.write(caller_of(request), work)
    return redirect(request, back)


@post(f"{TOKENS}/revocation", name="revoke_token", status_code=303)
async def revoke(request: Call) -> Response[str]:
    """One of one's own tokens serves no more."""
    return await _revoke(request, gate.revoke_own, TOKENS)


@get(PARTY_TOKENS, name="party_tokens")
async def party_tokens(request: Call) -> Response[str]:
    """Every token that acts for the party."""
    found = await auth_of(request).gate.read(caller_of(request), gate.party_tokens)
    return page(request, "party_tokens.html", found=found, scopes=SCOPES)


@post(f"{PARTY_TOKENS}/revocation", name="revoke_party_token", status_code=303)
async def revoke_party_token(request: Call) -> Response[str]:
    """A token of the party serves no more."""
    return await _revoke(request, gate.revoke_any, PARTY_TOKENS)


HANDLERS = [tokens, issue, revoke, party_tokens, revoke_party_token]
