"""Commitments in two levels: a record commits to its facts, the facts to the opening (ledger.md §1.4).

HMAC-SHA-256 under fresh 32-byte salts: hiding as long as the salt is unknown, binding by collision resistance.
"""

import base64
import hmac

_FACTS, _OPENING = b"ecluse/facts/v1\n", b"ecluse/opening/v1\n"


def commit_facts(salt: bytes, facts: bytes) -> str:
    """The commitment to the canonical bytes of an event's facts, base64 (44 characters)."""
    return _commit(salt, _FACTS + facts)


def commit_opening(salt: bytes, opening: bytes) -> str:
    """The commitment to the canonical bytes of an event's opening, base64."""
    return _commit(salt, _OPENING + opening)


def _commit(salt: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.digest(salt, message, "sha256")).decode()
