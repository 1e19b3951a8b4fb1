"""Signing what was re-read with one's passkey: what the page offers, and what the device is asked to sign."""

import base64
from dataclasses import dataclass
from typing import Any

import msgspec

from registry.exchange.acts import ACTS
from registry.exchange.decide import Command
from registry.gate.acting import ActView
from registry.gate.devices import Answered, read_answer
from registry.gate.session import Session
from registry.refusals import Invalid
from registry.storage.signing_keys import keys_of


@dataclass(frozen=True)
class DeviceOffer:
    """Whether the party takes device signatures of this act, asks for them, and whether the reader has a key for it."""

    taken: bool = False
    required: bool = False
    ready: bool = False


async def device_offer(session: Session, act: str, found: ActView) -> DeviceOffer:
    """What the page of a grave act offers its reader."""
    policy = found.convention.device_policy(session.actor.party)
    if not ACTS[act].signable or policy == "none":
        return DeviceOffer()
    keys = await keys_of(session.tx, session.actor.id, party=session.actor.party)
    return DeviceOffer(taken=True, required=policy == "required", ready=bool(keys))


def answered_in(text: str, command: Command) -> Answered | None:
    """What the device answered, from the field that carries it; None when the act was not signed so. Raises Invalid."""
    if not text or not ACTS[command.act].signable:
        return None
    try:
        value: Any = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Invalid("La réponse de la clé d'accès est illisible.") from error
    return read_answer(value)
