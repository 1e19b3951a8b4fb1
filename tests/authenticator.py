"""An authenticator in software: a key that registers and signs as a security key does, or wrongly when a test asks."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from registry.ledger.devices import ES256, Assertion, Site

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    site: Site = field(default_factory=lambda: Site("ecluse.example", "http://ecluse.example"))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: os.urandom(16))
    counter: int = 0

    @property
    def spki(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def _data(self, flags: int, rp_id: str) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _client(self, kind: str, challenge: bytes, origin: str) -> bytes:
        told = {"type": kind, "challenge": url(challenge), "origin": origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def registers(self, challenge: bytes) -> dict[str, Any]:
        """What `navigator.credentials.create` answers, as our script sends it."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: ES256, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        data = self._data(PRESENT | VERIFIED | ATTESTED, self.site.rp_id) + bytes(16)
        data += len(self.credential).to_bytes(2, "big") + self.credential + cbor2.dumps(cose)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", challenge, self.site.origin)
        response = {"clientDataJSON": url(client), "attestationObject": url(attestation)}
        return {"id": url(self.credential), "rawId": url(self.credential), "type": "public-key", "response": response}

    def asserts(
        self, challenge: bytes, *, flags: int = PRESENT | VERIFIED, site: Site | None = None, step: int = 1
    ) -> Assertion:
        """The assertion of a challenge."""
        place = site or self.site
        self.counter += step
        data, client = self._data(flags, place.rp_id), self._client("webauthn.get", challenge, place.origin)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return Assertion(client, data, signature)

    def answers(self, challenge: bytes, **wrong: Any) -> str:
        """What `navigator.credentials.get` answers, as the API's header carries it."""
        done = self.asserts(challenge, **wrong)
        response = {
            "clientDataJSON": url(done.client_data), "authenticatorData": url(done.authenticator_data),
            "signature": url(done.signature),
        }  # fmt: skip
        answer = {"id": url(self.credential), "rawId": url(self.credential), "type": "public-key", "response": response}
        return url(json.dumps(answer).encode())
