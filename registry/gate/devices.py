"""Acts signed on their author's own device: what is asked of the device, and what becomes of its answer."""

import base64
import os
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import msgspec

from registry.clock import timestamp
from registry.exchange.acts import ACTS
from registry.exchange.context import Context
from registry.exchange.decide import Command, decide
from registry.exchange.file import File
from registry.gate.session import Session
from registry.ledger.devices import Assertion, Device, Enrolment, Site, challenge, fault, statement
from registry.ledger.encoding import decode_base64, encode_base64
from registry.ledger.verify.findings import SENTENCES
from registry.refusals import Invalid, Refusal, WrongState
from registry.storage.accounts_factors import find_passkey, use_passkey
from registry.storage.events import SALT_BYTES, facts_of
from registry.storage.signing_keys import Offer, enrolment, find_key, keep_offer, keys_of, take_offer
from schemas import versioned

OFFERED_FOR = timedelta(minutes=5)
_NONCE_BYTES = 16
_PLACEHOLDER: dict[str, Any] = {}


class DeviceSignatureRefused(Refusal):
    """The device's signature does not verify, or is not of this act."""

    slug, status, title = "device-signature-refused", 403, "Signature sur l'appareil refusée"


@dataclass(frozen=True)
class Answered:
    """What an authenticator answered: the id of its credential, and the assertion."""

    credential: bytes
    assertion: Assertion


@dataclass(frozen=True)
class Asked:
    """What a device is asked to sign: `challenge` is the SHA-256 of `statement`; `opening` (salt, then the texts as
    canonical JSON) lets the author see that the statement commits to what they typed. `credentials` may sign it."""

    challenge: bytes
    statement: bytes
    opening: bytes | None
    credentials: list[bytes]


@dataclass(frozen=True)
class Signed:
    """An answer that verifies: the facts to keep, and the salt of the texts whose commitment was signed."""

    facts: dict[str, Any]
    hiding: bytes


async def ask(session: Session, file: File, command: Command, context: Context) -> Asked:
    """A challenge for an act that the rules would admit now. Raises their refusals; WrongState without a key."""
    decide(file, replace(command, device=_PLACEHOLDER), context)
    keys = await keys_of(session.tx, session.actor.id, party=session.actor.party)
    if not keys:
        raise WrongState(
            "Aucune de vos clés d'accès n'est enregistrée pour signer : faites-le sur la page de votre compte."
        )
    offer = Offer(
        session.actor.id, session.actor.party, timestamp(session.now), encode_base64(os.urandom(_NONCE_BYTES)),
        os.urandom(SALT_BYTES),
    )  # fmt: skip
    stated, opening = _stated(session, file, command, offer)
    asked = challenge(stated)
    await keep_offer(session.tx, asked, offer, session.now + OFFERED_FOR)
    return Asked(asked, stated, opening, [key.credential for key in keys])


def _stated(session: Session, file: File, command: Command, offer: Offer) -> tuple[bytes, bytes | None]:
    """The statement of an act as its record will hold it, and the opening of its texts."""
    event = command.event_by(session.actor, session.today, version=file.version, document_hash=file.document_hash)
    facts, opening = facts_of(versioned(ACTS[command.act].schema), event, offer.salt)
    return statement(file.id, facts, offer.at, offer.nonce), opening


async def accept(session: Session, file: File, command: Command, answered: Answered) -> Signed:
    """Check a device's answer on the act as it was sent. Raises DeviceSignatureRefused."""
    asked = _challenge(answered.assertion.client_data)
    offer = await take_offer(session.tx, asked, session.now)
    if offer is None or (offer.account, offer.party) != (session.actor.id, session.actor.party):
        raise DeviceSignatureRefused("Cette demande de signature a expiré, ou n'est pas la vôtre : recommencez.")
    device, site = await _device(session, answered, offer)
    expected = challenge(_stated(session, file, command, offer)[0])
    wrong = fault(device.assertion, device.algorithm, device.spki, expected, site)
    if wrong is not None:
        raise DeviceSignatureRefused(SENTENCES[wrong])
    await _count(session, answered)
    return Signed(device.facts(), offer.salt)


def _challenge(client_data: bytes) -> bytes:
    try:
        text = msgspec.json.decode(client_data)["challenge"]
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, TypeError, ValueError) as error:
        raise DeviceSignatureRefused("La réponse de la clé d'accès est illisible.") from error


async def _device(session: Session, answered: Answered, offer: Offer) -> tuple[Device, Site]:
    """The signature with its key, as the record of the key's enrolment tells it."""
    key = await find_key(session.tx, answered.credential, session.actor.id, session.actor.party)
    found = await enrolment(session.tx, key.object, key.revision) if key is not None else None
    if key is None or found is None:
        raise DeviceSignatureRefused("Cette clé d'accès n'est pas enregistrée pour signer dans votre partie.")
    facts, leaf = found
    told = msgspec.json.decode(facts)["derived"]
    named = Enrolment(leaf.hex(), key.object, key.revision)
    spki = decode_base64(told["key"])
    device = Device(offer.at, offer.nonce, told["algorithm"], spki, answered.assertion, named)
    return device, Site(told["rp_id"], told["origin"])


async def _count(session: Session, answered: Answered) -> None:
    """The authenticator's counter must grow, when it has one (a copied key would fall behind)."""
    passkey = await find_passkey(session.tx, answered.credential)
    counter = answered.assertion.counter
    if passkey is None or (counter <= passkey.sign_count and (counter or passkey.sign_count)):
        raise DeviceSignatureRefused(SENTENCES["device-counter"])
    await use_passkey(session.tx, answered.credential, counter, session.now)


def read_answer(answer: Any) -> Answered:
    """An authenticator's answer in its JSON form (Web Authentication level 3, section 5.1). Raises Invalid."""
    try:
        given = answer["response"]
        parts = [_bytes(one) for one in (
            answer["rawId"], given["clientDataJSON"], given["authenticatorData"], given["signature"],
        )]  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("La réponse de la clé d'accès est illisible.") from error
    return Answered(parts[0], Assertion(parts[1], parts[2], parts[3]))


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
