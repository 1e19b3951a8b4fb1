"""Signatures made on a person's own device, by a passkey (Web Authentication level 2, sections 6.1, 6.3.3 and 7.2).

What is signed is a challenge: the SHA-256 of a statement made of facts alone (`statement`), the commitment to the texts
among them. So it is checked again from the facts, with or without the texts, also once those were erased.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from registry.ledger.canonical import canonical
from registry.ledger.encoding import decode_base64, encode_base64
from registry.ledger.errors import MalformedError

ENROLLED, ENDED = "account.signing_key_added", "account.signing_key_ended"
"""The acts by which a key begins and ends to sign for an account and a party, in the party's log."""
ES256, EDDSA, RS256 = -7, -8, -257
"""The algorithms admitted, by their COSE numbers (RFC 9053, RFC 8812)."""
_PREFIX = b"ecluse/device-signature/v1\n"
_SIGNED = ("act", "by", "party", "schema", "input", "opening_commit")
_PRESENT, _VERIFIED = 0x01, 0x04
_DATA_LENGTH = 37
_LONGEST = 4096


@dataclass(frozen=True)
class Site:
    """Where a key was made: the relying party's id and the origin that browsers showed."""

    rp_id: str
    origin: str


@dataclass(frozen=True)
class Assertion:
    """An authenticator's answer: what the browser says of the page, the authenticator's own data, the signature."""

    client_data: bytes
    authenticator_data: bytes
    signature: bytes

    @property
    def counter(self) -> int:
        """How many signatures the authenticator says it made; 0 for one that does not count."""
        return int.from_bytes(self.authenticator_data[33:_DATA_LENGTH], "big")


@dataclass(frozen=True)
class Enrolment:
    """The record by which a key was enrolled: its leaf hash (hexadecimal), its object and its revision."""

    leaf: str
    object: str
    revision: int


@dataclass(frozen=True)
class Device:
    """What an act's facts keep of a device signature.

    `at`, `nonce`: when the challenge was made, and what makes it unlike any other; `algorithm`, `spki`: the public key
    (DER, SubjectPublicKeyInfo).
    """

    at: str
    nonce: str
    algorithm: int
    spki: bytes
    assertion: Assertion
    enrolment: Enrolment

    def facts(self) -> dict[str, Any]:
        """As JSON, bytes in base64."""
        return {
            "at": self.at,
            "nonce": self.nonce,
            "algorithm": self.algorithm,
            "key": encode_base64(self.spki),
            "client_data": encode_base64(self.assertion.client_data),
            "authenticator_data": encode_base64(self.assertion.authenticator_data),
            "signature": encode_base64(self.assertion.signature),
            "enrolment": dict(vars(self.enrolment)),
        }


def read_device(facts: Any) -> Device:
    """The device signature that an act's facts hold. Raises MalformedError."""
    try:
        kept = {name: decode_base64(facts[name]) for name in ("key", "client_data", "authenticator_data", "signature")}
        named = facts["enrolment"]
        texts = [facts["at"], facts["nonce"], named["leaf"], named["object"]]
        numbers = [facts["algorithm"], named["revision"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise MalformedError("a device signature has eight fields") from error
    if any(type(one) is not str for one in texts) or any(type(one) is not int for one in numbers):
        raise MalformedError("a field of a device signature has another type")
    if max(map(len, kept.values())) > _LONGEST:
        raise MalformedError("a field of a device signature is too long")
    assertion = Assertion(kept["client_data"], kept["authenticator_data"], kept["signature"])
    enrolment = Enrolment(texts[2], texts[3], numbers[1])
    return Device(texts[0], texts[1], numbers[0], kept["key"], assertion, enrolment)


def statement(exchange: str, facts: Mapping[str, Any], at: str, nonce: str) -> bytes:
    """The bytes whose SHA-256 is the challenge of an act on an exchange (its object id).

    They name the act, who signs for which party, the version judged and its hash, what was entered (its facts, and the
    commitment to its texts) and when. Raises MalformedError when the facts are not those of a judging act.
    """
    try:
        derived = facts["derived"]
        told = {key: facts[key] for key in _SIGNED}
        judged = {"version": derived["version"], "document_hash": derived["document_hash"]}
    except (KeyError, TypeError) as error:
        raise MalformedError("the facts of a judging act name the version it judges") from error
    return _PREFIX + canonical({**told, **judged, "exchange": exchange, "at": at, "nonce": nonce})


def challenge(stated: bytes) -> bytes:
    """The challenge that stands for a statement."""
    return hashlib.sha256(stated).digest()


def fault(assertion: Assertion, algorithm: int, spki: bytes, expected: bytes, site: Site | None) -> str | None:
    """What is wrong with an assertion, as a kind of finding; None when nothing is.

    `expected`: the challenge; `site`: where the key was enrolled, None when that is not known here.
    """
    told = _client(assertion.client_data)
    if told is None or len(assertion.authenticator_data) < _DATA_LENGTH:
        return "device-malformed"
    if told.get("challenge") != _url(expected):
        return "device-challenge"
    if told.get("type") != "webauthn.get" or told.get("crossOrigin") is True:
        return "device-origin"
    if site is not None and not _made_at(site, told, assertion.authenticator_data):
        return "device-origin"
    flags = assertion.authenticator_data[32]
    if not (flags & _PRESENT and flags & _VERIFIED):
        return "device-unverified"
    signed = assertion.authenticator_data + hashlib.sha256(assertion.client_data).digest()
    return None if _holds(algorithm, spki, assertion.signature, signed) else "device-signature"


def _client(raw: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(raw.decode())
    except (ValueError, RecursionError):
        return None
    return value if type(value) is dict else None


def _made_at(site: Site, told: Mapping[str, Any], data: bytes) -> bool:
    return told.get("origin") == site.origin and data[:32] == hashlib.sha256(site.rp_id.encode()).digest()


def _url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _holds(algorithm: int, spki: bytes, signature: bytes, signed: bytes) -> bool:
    verify = _ALGORITHMS.get(algorithm)
    if verify is None:
        return False
    try:
        verify(load_der_public_key(spki), signature, signed)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _es256(key: Any, signature: bytes, signed: bytes) -> None:
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise TypeError("ES256 takes a key of the curve P-256")
    key.verify(signature, signed, ec.ECDSA(SHA256()))


def _eddsa(key: Any, signature: bytes, signed: bytes) -> None:
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise TypeError("EdDSA takes an Ed25519 key")
    key.verify(signature, signed)


def _rs256(key: Any, signature: bytes, signed: bytes) -> None:
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < 2048:
        raise TypeError("RS256 takes an RSA key of 2,048 bits or more")
    key.verify(signature, signed, padding.PKCS1v15(), SHA256())


_ALGORITHMS: dict[int, Callable[[Any, bytes, bytes], None]] = {ES256: _es256, EDDSA: _eddsa, RS256: _rs256}
