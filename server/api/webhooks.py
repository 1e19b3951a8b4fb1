"""Webhooks of a party: list, add, remove."""

from typing import Any

from litestar import delete, get, post
from litestar.params import FromPath
from litestar.response import Response

from registry.gate import Answer
from registry.gate import webhooks as gate
from registry.gate.session import Session
from registry.storage.webhooks import Webhook
from server.api.http import Call, answer, caller, document, gate_of, raw_body, slug_of, uuid_of


def _shown(webhook: Webhook) -> dict[str, Any]:
    return {"id": webhook.id, "url": webhook.url, "created_at": webhook.created_at}


@get("/parties/{party:str}/webhooks", name="list_webhooks")
async def webhooks(request: Call, party: FromPath[str]) -> Response[bytes]:
    """The party's webhooks, without their secrets."""
    slug = slug_of(party)
    found = await gate_of(request).read(caller(request), lambda session: gate.listed(session, slug))
    return answer({"items": [_shown(one) for one in found], "next": None})


@post("/parties/{party:str}/webhooks", name="add_webhook")
async def add(request: Call, party: FromPath[str]) -> Response[bytes]:
    """A new webhook; its secret is answered this once (null to a replayed key)."""
    body = await raw_body(request)
    asked, slug = document(request, body, "webhook"), slug_of(party)
    who = caller(request, body)
    done = await gate_of(request).write(who, lambda session: gate.add(session, slug, asked["url"]))
    if done.value is not None:
        shown = {**_shown(done.value.webhook), "secret": done.value.secret}
        return answer(shown, done.status, location=done.location)
    identifier = (done.location or "").rsplit("/", 1)[-1]
    found = await gate_of(request).read(who, lambda session: gate.listed(session, slug))
    again = next((one for one in found if one.id == identifier), None)
    shown = _shown(again) if again is not None else {"id": identifier, "url": asked["url"], "created_at": ""}
    return answer({**shown, "secret": None}, done.status, location=done.location)


@delete("/parties/{party:str}/webhooks/{webhook:str}", name="remove_webhook", status_code=200)
async def remove(request: Call, party: FromPath[str], webhook: FromPath[str]) -> Response[bytes]:
    """Announce nothing more to an address."""
    slug, identifier = slug_of(party), uuid_of(webhook)

    async def work(session: Session) -> Answer[None]:
        await gate.remove(session, slug, identifier)
        return Answer(None)

    await gate_of(request).write(caller(request), work)
    return answer({"id": identifier})


HANDLERS = [webhooks, add, remove]
