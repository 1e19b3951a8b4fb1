"""Ed25519 keys under a name, their key ids and vkeys (C2SP signed-note)."""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

ED25519 = 0x01
_KEY_ID_BYTES = 4


def require_name(name: str) -> str:
    """The key name when it may stand in a note: not empty, no Unicode space, no `+`. Raises ValueError."""
    if not name or "+" in name or any(c.isspace() for c in name):
        raise ValueError("a key name is not empty and has neither space nor +")
    return name


def key_id(name: str, algorithm: int, public: bytes) -> bytes:
    """`SHA-256(name || 0x0A || algorithm || public key)[:4]` (C2SP signed-note, « Signatures »)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:_KEY_ID_BYTES]


@dataclass(frozen=True)
class Verifier:
    """A public Ed25519 key under a name; `public` is its 32 bytes."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The key id, 4 bytes."""
        return key_id(self.name, ED25519, self.public)

    @property
    def vkey(self) -> str:
        """The key as text: `name+hex(id)+base64(algorithm || public key)`."""
        encoded = base64.b64encode(bytes([ED25519]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


def parse_vkey(text: str) -> Verifier:
    """The verifier of a vkey's text. Raises ValueError when it is malformed or its id is not its key's."""
    name, _, rest = text.partition("+")
    hexadecimal, _, encoded = rest.partition("+")
    raw = base64.b64decode(encoded, validate=True)
    if base64.b64encode(raw).decode() != encoded or len(raw) != 33 or raw[0] != ED25519:
        raise ValueError("a vkey of the ledger holds one Ed25519 key")
    verifier = Verifier(require_name(name), raw[1:])
    if verifier.id.hex() != hexadecimal:
        raise ValueError("the vkey's id is not that of its key")
    return verifier


class Signer:
    """A private Ed25519 key under a name."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        """Raises ValueError on a name that may not stand in a note."""
        self.name = require_name(name)
        self._private = private
        self.verifier = Verifier(name, private.public_key().public_bytes_raw())
        self._prefix = self.verifier.id

    @classmethod
    def generate(cls, name: str) -> "Signer":
        """A new key."""
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, name: str, pem: bytes, passphrase: bytes | None = None) -> "Signer":
        """The key of a PKCS#8 PEM file. Raises ValueError when it is not an Ed25519 key or does not open."""
        try:
            private = load_pem_private_key(pem, passphrase)
        except TypeError as error:
            raise ValueError("the key is encrypted, or is not and a passphrase was given") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise ValueError("an Ed25519 key is expected")  # noqa: TRY004 - the file is wrong, not the call
        return cls(name, private)

    def to_pem(self, passphrase: bytes | None = None) -> bytes:
        """The key as PKCS#8 PEM, encrypted when a passphrase is given."""
        encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)

    def named(self, name: str) -> "Signer":
        """The same key under another name."""
        return Signer(name, self._private)

    @property
    def vkey(self) -> str:
        """The public half as vkey text."""
        return self.verifier.vkey

    def line(self, message: bytes) -> str:
        """The signature line of a note over its text: `— name base64(id || signature)`, newline included."""
        encoded = base64.b64encode(self._prefix + self._private.sign(message)).decode()
        return f"\u2014 {self.name} {encoded}\n"
