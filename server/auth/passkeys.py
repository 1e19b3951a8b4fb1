"""Passkeys (WebAuthn level 2) for one site: options for the browser, and the verification of its answers.

The library is imported where used: it takes a quarter of a second.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from registry.gate.people.signing import PublicKey
from registry.ledger.devices import EDDSA, ES256, RS256
from registry.ledger.devices import Site as EnrolledAt
from registry.refusals import Refusal

Options = dict[str, Any]


class PasskeyRefused(Refusal):
    """The authenticator's answer does not verify."""

    slug, status, title = "passkey-refused", 403, "Clé d'accès refusée"


@dataclass(frozen=True)
class Registered:
    """A credential whose registration was verified."""

    id: bytes
    public_key: bytes
    sign_count: int


class Site:
    """The relying party: the origin that browsers see, and its host as identifier."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.id = urlsplit(origin).hostname or "localhost"

    def creation_options(self, account: str, email: str, known: list[bytes]) -> tuple[bytes, Options]:
        """A challenge and the options of `navigator.credentials.create`."""
        from webauthn import generate_registration_options, options_to_json
        from webauthn.helpers.cose import COSEAlgorithmIdentifier
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            PublicKeyCredentialDescriptor,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        options = generate_registration_options(
            rp_id=self.id, rp_name="Écluse", user_id=UUID(account).bytes, user_name=email, user_display_name=email,
            exclude_credentials=[PublicKeyCredentialDescriptor(id=credential) for credential in known],
            supported_pub_key_algs=[COSEAlgorithmIdentifier(algorithm) for algorithm in (ES256, EDDSA, RS256)],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
        )  # fmt: skip
        return options.challenge, json.loads(options_to_json(options))

    def request_options(self, known: list[bytes]) -> tuple[bytes, Options]:
        """A challenge and the options of `navigator.credentials.get`; any passkey of the site when none is named."""
        from webauthn import generate_authentication_options, options_to_json
        from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

        options = generate_authentication_options(
            rp_id=self.id, user_verification=UserVerificationRequirement.REQUIRED,
            allow_credentials=[PublicKeyCredentialDescriptor(id=credential) for credential in known],
        )  # fmt: skip
        return options.challenge, json.loads(options_to_json(options))

    def signing_options(self, challenge: bytes, known: list[bytes]) -> Options:
        """The options of `navigator.credentials.get` for a challenge that stands for an act."""
        from webauthn import generate_authentication_options, options_to_json
        from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

        options = generate_authentication_options(
            rp_id=self.id, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED,
            allow_credentials=[PublicKeyCredentialDescriptor(id=credential) for credential in known],
        )  # fmt: skip
        read: Options = json.loads(options_to_json(options))
        return read

    def public_key(self, credential: bytes, cose: bytes) -> PublicKey | None:
        """A passkey of this site as verifiers read it; None when its kind is none of theirs."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
        from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            decoded = decode_credential_public_key(cose)
            key = decoded_public_key_to_cryptography(decoded)
        except (WebAuthnException, ValueError, TypeError, KeyError):
            return None
        if decoded.alg not in {ES256, EDDSA, RS256}:
            return None
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return PublicKey(credential, int(decoded.alg), spki, EnrolledAt(self.id, self.origin))

    def verify_registration(self, answer: Options, challenge: bytes) -> Registered:
        """The new credential, made by a verified user on this site. Raises PasskeyRefused."""
        from webauthn import verify_registration_response
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            done = verify_registration_response(
                credential=answer, expected_challenge=challenge, expected_rp_id=self.id, expected_origin=self.origin,
                require_user_verification=True,
            )  # fmt: skip
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise PasskeyRefused("Cette clé d'accès n'a pas pu être vérifiée.") from error
        return Registered(done.credential_id, done.credential_public_key, done.sign_count)

    def verify_assertion(self, answer: Options, challenge: bytes, public_key: bytes, sign_count: int) -> int:
        """The authenticator's new counter, after a verified user signed the challenge. Raises PasskeyRefused."""
        from webauthn import verify_authentication_response
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            done = verify_authentication_response(
                credential=answer, expected_challenge=challenge, expected_rp_id=self.id, expected_origin=self.origin,
                credential_public_key=public_key, credential_current_sign_count=sign_count,
                require_user_verification=True,
            )  # fmt: skip
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise PasskeyRefused("Cette clé d'accès n'a pas pu être vérifiée.") from error
        return done.new_sign_count


def read_answer(answer: Any) -> tuple[bytes, bytes]:
    """The credential id and the challenge that an authenticator's answer names. Raises PasskeyRefused."""
    from webauthn import base64url_to_bytes

    try:
        client = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))
        return base64url_to_bytes(answer["rawId"]), base64url_to_bytes(client["challenge"])
    except (ValueError, KeyError, TypeError, UnicodeDecodeError, RecursionError) as error:
        raise PasskeyRefused("La réponse de la clé d'accès est illisible.") from error
