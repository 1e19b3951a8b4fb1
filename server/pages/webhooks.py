"""The administrator's page of webhooks: addresses, a new one's secret shown once, the last deliveries."""

from typing import Any

from litestar import get, post
from litestar.response import Response

from registry.gate import Answer
from registry.gate import webhooks as gate
from registry.gate.session import Session
from registry.gate.webhooks import Added
from registry.refusals import Invalid, Refusal
from server.auth.browser import caller_of
from server.auth.context import auth_of
from server.pages.forms import errors_of, posted
from server.pages.rendering import Call, page, redirect

WEBHOOKS = "/comptes/annonces"


async def _page(
    request: Call, status: int = 200, *, made: Added | None = None, refusal: Refusal | None = None, url: str = ""
) -> Response[str]:
    async def work(session: Session) -> dict[str, Any]:
        return {"webhooks": await gate.listed(session, session.actor.party), "tried": await gate.tried(session)}

    found = await auth_of(request).gate.read(caller_of(request), work)
    shown = errors_of(refusal) if refusal is not None else {"sentence": ""}
    return page(request, "webhooks.html", status, made=made, url=url, **found, **shown)


@get(WEBHOOKS, name="webhooks")
async def webhooks(request: Call) -> Response[str]:
    """The party's webhooks."""
    return await _page(request)


@post(WEBHOOKS, name="keep_webhook", status_code=200)
async def add(request: Call) -> Response[str]:
    """A new one."""
    form = await posted(request)
    url = form.text("url")
    try:
        done = await auth_of(request).gate.write(
            caller_of(request), lambda session: gate.add(session, session.actor.party, url)
        )
    except Invalid as refusal:
        return await _page(request, refusal.status, refusal=refusal, url=url)
    return await _page(request, made=done.value)


@post(f"{WEBHOOKS}/retrait", name="drop_webhook", status_code=303)
async def remove(request: Call) -> Response[str]:
    """One no more."""
    form = await posted(request)

    async def work(session: Session) -> Answer[None]:
        await gate.remove(session, session.actor.party, form.text("webhook"))
        return Answer(None)

    await auth_of(request).gate.write(caller_of(request), work)
    return redirect(request, WEBHOOKS)


HANDLERS = [webhooks, add, remove]
