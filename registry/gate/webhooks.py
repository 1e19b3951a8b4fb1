"""Webhooks: an administrator has the acts of the party's exchanges announced to a program, signed (Standard Webhooks).

What is announced holds ids, enumerations and dates: nothing that anybody typed, and nobody's name.
"""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from registry.clock import timestamp
from registry.convention import Convention
from registry.exchange.deadlines import next_due
from registry.exchange.events import Event
from registry.exchange.file import File
from registry.gate.gate import Answer
from registry.gate.people.journal import note
from registry.gate.session import Session, new_id
from registry.refusals import Detail, Invalid, NotFound
from registry.storage.exchanges import listed_for
from registry.storage.vault import seal
from registry.storage.webhooks import (
    Tried,
    Webhook,
    add_webhook,
    announce_to,
    last_deliveries,
    remove_webhook,
    webhooks_of,
)

PREFIX = "whsec_"
"""How a secret begins (Standard Webhooks)."""
_SECRET_BYTES, _LONGEST, _AT_MOST, _SHOWN = 32, 500, 10, 20
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_ENCODE = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True)
class Added:
    """A webhook just made, with its secret: the only time it is shown."""

    webhook: Webhook
    secret: str


async def listed(session: Session, party: str) -> list[Webhook]:
    """The party's webhooks. Raises NotFound for another party, Forbidden."""
    _own(session, party)
    session.require("webhooks.read")
    return await webhooks_of(session.tx, party)


async def tried(session: Session) -> list[Tried]:
    """The party's last deliveries."""
    session.require("webhooks.read")
    return await last_deliveries(session.tx, session.actor.party, _SHOWN)


async def add(session: Session, party: str, url: str) -> Answer[Added]:
    """A new webhook. Raises NotFound, Forbidden, ConfirmationRequired, Invalid."""
    _own(session, party)
    session.require("webhooks.keep")
    session.require_confirmation()
    wrong = _refused(url)
    if wrong is None and len(await webhooks_of(session.tx, party)) >= _AT_MOST:
        wrong = "La partie a déjà dix adresses : retirez celles qui ne servent plus."
    if wrong is not None:
        raise Invalid(wrong, [Detail(pointer="/url", message=wrong)])
    identifier, secret = new_id(), secrets.token_bytes(_SECRET_BYTES)
    key, wrapped = session.vault.new_key(identifier)
    webhook = Webhook(identifier, party, url, timestamp(session.now), wrapped, seal(key, secret, identifier))
    await add_webhook(session.tx, webhook)
    await note(session, session.actor.id, party, "webhook_added", webhook=identifier)
    shown = PREFIX + base64.b64encode(secret).decode()
    return Answer(Added(webhook, shown), 201, f"/api/v1/parties/{party}/webhooks/{identifier}")


async def remove(session: Session, party: str, webhook: str) -> None:
    """Announce nothing more to an address. Raises NotFound, Forbidden, ConfirmationRequired."""
    _own(session, party)
    session.require("webhooks.keep")
    session.require_confirmation()
    if not await remove_webhook(session.tx, webhook, party):
        raise NotFound("Cette adresse n'existe pas.")
    await note(session, session.actor.id, party, "webhook_removed", webhook=webhook)


def _own(session: Session, party: str) -> None:
    if party != session.actor.party:
        raise NotFound("Cette partie n'existe pas.")


def _refused(url: str) -> str | None:
    """What is wrong with an address, in a sentence."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "Ce n'est pas une adresse."
    loopback = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if (parts.scheme != "https" and not loopback) or not parts.hostname or not url.isascii() or len(url) > _LONGEST:
        return "Indiquez une adresse https, de cinq cents caractères au plus."
    if parts.username or parts.password or parts.fragment or port == 0 or any(c <= " " for c in url):
        return "L'adresse ne porte ni identifiant, ni fragment, ni espace."
    return None


async def announce(session: Session, convention: Convention, file: File, events: Sequence[Event]) -> None:
    """Announce acts to the webhooks of every party that sees the exchange and is still there: a program of a party that
    was succeeded hears nothing more, its successor chooses its own."""
    parties = [party for party in listed_for(file, convention) if convention.exists(party, session.today)]
    if parties and events:
        payloads = [_payload(session, convention, file, event) for event in events]
        await announce_to(session.tx, parties, payloads, session.now)


def _payload(session: Session, convention: Convention, file: File, event: Event) -> bytes:
    due = next_due(file, convention)
    about = {
        "exchange": file.id,
        "reference": file.reference,
        "convention": file.convention,
        "act": event.act,
        "party": event.party,
        "on": event.on,
        "state": file.state,
        "version": file.version,
        "due": {"on": due.on, "clock": due.clock, "parties": due.parties} if due is not None else None,
    }
    return _ENCODE.encode({"type": "exchange.act", "timestamp": timestamp(session.now), "data": about})
