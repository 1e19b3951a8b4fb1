"""Ed25519 keys under a name, their key ids and vkeys (C2SP signed-note)."""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from registry.ledger.encoding import decode_base64, encode_base64
from registry.ledger.errors import MalformedError

ED25519 = 0x01
KEY_ID_BYTES = 4
_NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")
_PUBLIC_BYTES = 32
_FIELD = 2**255 - 19
_SIGN_BIT = 2**255
_EIGHTH = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER = frozenset({0, 1, _FIELD - 1, _EIGHTH, _FIELD - _EIGHTH})
"""The y of the points whose order divides 8: under such a key one signature fits many texts."""


def require_name(name: str) -> str:
    """The key name when it may stand in a note: not empty, UTF-8, no Unicode space, no control character, no `+`.

    Raises MalformedError.
    """
    if not _NAME.fullmatch(name):
        raise MalformedError("a key name is not empty and has neither space nor control character nor +")
    return name


def require_public_key(public: bytes) -> bytes:
    """The 32 bytes of an Ed25519 public key, when only its owner can sign under it. Raises MalformedError.

    Refused: a point of small order, and a coordinate not reduced (a second spelling of the same key). RFC 8032 §5.1.3.
    """
    if len(public) != _PUBLIC_BYTES:
        raise MalformedError("an Ed25519 public key has 32 bytes")
    y = int.from_bytes(public, "little") % _SIGN_BIT
    if y >= _FIELD or y in _SMALL_ORDER:
        raise MalformedError("the Ed25519 public key is weak or not canonical")
    return public


def key_id(name: str, algorithm: int, public: bytes) -> bytes:
    """`SHA-256(name || 0x0A || algorithm || public key)[:4]` (C2SP signed-note, « Signatures »)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True)
class Verifier:
    """A public Ed25519 key (`public`, 32 bytes) under a name; it checks plain note signatures.

    Raises MalformedError on a name or a key that a note may not have.
    """

    name: str
    public: bytes
    algorithm: ClassVar[int] = ED25519

    def __post_init__(self) -> None:
        require_name(self.name)
        require_public_key(self.public)

    @cached_property
    def id(self) -> bytes:
        """The key id, 4 bytes."""
        return key_id(self.name, self.algorithm, self.public)

    @property
    def vkey(self) -> str:
        """The key as text: `name+hex(id)+base64(algorithm || public key)`."""
        return f"{self.name}+{self.id.hex()}+{encode_base64(bytes([self.algorithm]) + self.public)}"

    @cached_property
    def _key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.public)

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over a note's text."""
        try:
            self._key.verify(signature, text)
        except InvalidSignature:
            return False
        return True


def split_vkey(text: str) -> tuple[str, int, bytes]:
    """Name, algorithm byte and public key of a vkey of any algorithm whose id follows the common rule.

    Raises MalformedError when the text is malformed or its id is not its key's.
    """
    name, _, rest = text.partition("+")
    hexadecimal, _, encoded = rest.partition("+")  # the base64 that follows may itself hold a +
    raw = decode_base64(encoded)
    if len(raw) <= 1 or key_id(require_name(name), raw[0], raw[1:]).hex() != hexadecimal:
        raise MalformedError("the vkey is malformed, or its id is not that of its key")
    return name, raw[0], raw[1:]


def parse_vkey(text: str) -> Verifier:
    """The verifier of an Ed25519 vkey (algorithm 0x01): a log's, a recorder's, an organisation's.

    Raises MalformedError when it is malformed, of another algorithm, or its id is not its key's.
    """
    name, algorithm, public = split_vkey(text)
    if algorithm != ED25519:
        raise MalformedError("a vkey of an Ed25519 signing key is expected")
    return Verifier(name, public)


class Signer:
    """A private Ed25519 key under a name. One key signs one kind of text: 0x01 has no domain separation."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        """Raises MalformedError on a name that may not stand in a note."""
        self.name = require_name(name)
        self._private = private
        self.verifier = Verifier(name, private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> Self:
        """A new key, from the system's random source."""
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, name: str, pem: bytes, passphrase: bytes | None = None) -> Self:
        """The key of a PKCS#8 PEM file. Raises ValueError when it is not an Ed25519 key or does not open."""
        try:
            private = load_pem_private_key(pem, passphrase)
        except (TypeError, UnsupportedAlgorithm) as error:
            raise MalformedError(
                "the key is encrypted or not, contrary to what was said, or of an unknown kind"
            ) from error
        if not isinstance(private, Ed25519PrivateKey):
            raise MalformedError("an Ed25519 key is expected")
        return cls(name, private)

    def to_pem(self, passphrase: bytes | None = None) -> bytes:
        """The key as PKCS#8 PEM, encrypted when a passphrase is given."""
        encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)

    def named(self, name: str) -> Self:
        """The same key under another name."""
        return type(self)(name, self._private)

    @property
    def vkey(self) -> str:
        """The public half as vkey text."""
        return self.verifier.vkey

    def sign(self, text: bytes) -> bytes:
        """The signature over a note's text, 64 bytes."""
        return self._private.sign(text)
