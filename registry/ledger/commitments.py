"""Commitments in two levels: a record commits to its facts, the facts to the opening.

HMAC-SHA-256 under fresh 32-byte salts: hiding as long as the salt is unknown (a pseudo-random function under a 256-bit
key), binding by collision resistance, because the salt's length is fixed.
"""

import base64
import hmac

from registry.ledger.errors import MalformedError

SALT_BYTES = 32
"""Length of every salt; the caller draws it from the system's random source, fresh for each commitment."""
_FACTS, _OPENING = b"ecluse/facts/v1\n", b"ecluse/opening/v1\n"


def commit_facts(salt: bytes, facts: bytes) -> str:
    """The commitment to the canonical bytes of an event's facts, base64 (44 characters). Raises ValueError on the salt.

    To check one: commit again with the same salt and compare with the record's `commit`.
    """
    return _commit(salt, _FACTS + facts)


def commit_opening(salt: bytes, opening: bytes) -> str:
    """The commitment to the canonical bytes of an event's opening, base64, kept in the facts. Raises ValueError."""
    return _commit(salt, _OPENING + opening)


def _commit(salt: bytes, message: bytes) -> str:
    if len(salt) != SALT_BYTES:
        # HMAC pads keys with zeros: salts of several lengths would share commitments.
        raise MalformedError("a commitment's salt has 32 bytes")
    return base64.b64encode(hmac.digest(salt, message, "sha256")).decode()
