"""Encryption of openings and attachments: one key per object, wrapped under the installation's own key.

Erasing an object's row in `object_key` makes everything sealed under it unreadable. The
installation's key lives in a file of the home, never in the database, so that a stolen database shows no opening.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12
_BLINDING = b"ecluse: keys of limits"


class Unreadable(Exception):
    """What was sealed does not open: another key, another object, or altered bytes."""


class Vault:
    """AES-256-GCM; every sealed value is bound to the object and revision it belongs to."""

    def __init__(self, master: bytes) -> None:
        """`master`: the installation's 32-byte key. Raises ValueError on another length."""
        if len(master) != KEY_BYTES:
            raise ValueError("the installation's key has 32 bytes")
        self._master = AESGCM(master)
        self._blinding = hmac.digest(master, _BLINDING, "sha256")

    def new_key(self, object_id: str) -> tuple[bytes, bytes]:
        """A fresh object key and its wrapped form, the only one that is stored."""
        key = os.urandom(KEY_BYTES)
        return key, _seal(self._master, key, object_id.encode())

    def unwrap(self, object_id: str, wrapped: bytes) -> bytes:
        """The object's key; raises `Unreadable` when it was wrapped by another installation."""
        return _open(self._master, wrapped, object_id.encode())

    def blind(self, text: str) -> bytes:
        """An HMAC-SHA256 of `text` under a key of this installation: equal texts are told, none is found by trying all
        of them (there are only 2^32 IPv4 addresses)."""
        return hmac.digest(self._blinding, text.encode("utf-8", "surrogatepass"), hashlib.sha256)


def seal(key: bytes, data: bytes, place: str) -> bytes:
    """`data` encrypted under an object's key, readable only at `place` (object and revision, or digest)."""
    return _seal(AESGCM(key), data, place.encode())


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    """The data sealed at `place`; raises `Unreadable` when key, place or bytes differ."""
    return _open(AESGCM(key), sealed, place.encode())


def _seal(cipher: AESGCM, data: bytes, place: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, data, place)


def _open(cipher: AESGCM, sealed: bytes, place: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place)
    except (InvalidTag, ValueError) as error:
        raise Unreadable("sealed data cannot be opened") from error
