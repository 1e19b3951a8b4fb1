"""Passwords: argon2id off the loop, two at a time, and a sentence in French when one is too weak."""

import asyncio
from asyncio import Semaphore
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from registry.refusals import Detail, Invalid

MINIMUM, MAXIMUM = 12, 200
_LEAST_SCORE = 3
"""zxcvbn's scale from 0 to 4: 3 is beyond 10^8 guesses, here at a few guesses an hour."""
_READ = 72
"""zxcvbn reads no more characters."""
_COMMON = "passwords"
"""zxcvbn's list of passwords met in leaks."""
_OWN = "user_inputs"
"""What it was told of the person."""


class Passwords:
    """Hashes and verifies. A hash takes 64 MB and a tenth of a second: two at a time, the others wait."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = Semaphore(2)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The argon2id hash, with its salt and costs."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Whether the password is right; takes as long when there is nobody (`hashed` is None)."""
        if hashed is None:
            self._nobody = self._nobody or await self.hash("personne ne se connecte ainsi")
        async with self._turns:
            right = await asyncio.to_thread(self._verify, hashed or self._nobody or "", password)
        return right and hashed is not None

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password[:MAXIMUM])
        except (VerificationError, InvalidHashError):
            return False


async def require_strength(password: str, email: str, pointer: str = "/password") -> None:
    """Refuse a weak password. Raises Invalid with the sentence that says why."""
    sentence = await asyncio.to_thread(weakness, password, email)
    if sentence is not None:
        raise Invalid(sentence, [Detail(pointer=pointer, message=sentence)])


def weakness(password: str, email: str) -> str | None:
    """Why a password is too weak, None when it is not."""
    from zxcvbn import zxcvbn  # takes a fifth of a second to import

    if len(password) < MINIMUM:
        return f"Choisissez au moins {MINIMUM} caractères : quelques mots sans lien entre eux se retiennent bien."
    if len(password) > MAXIMUM:
        return f"Choisissez au plus {MAXIMUM} caractères."
    known = [part for part in (email, *email.replace("@", ".").split("."), "ecluse") if len(part) > 2]
    found = zxcvbn(password[:_READ], user_inputs=known)
    if _covers(found["sequence"], _OWN, password):
        return "Ce mot de passe reprend votre adresse ou le nom du service : choisissez-en un autre."
    if found["score"] >= _LEAST_SCORE:
        return None
    if _covers(found["sequence"], _COMMON, password):
        return "Ce mot de passe ressemble trop à ceux des listes divulguées sur Internet : choisissez-en un autre."
    return "Ce mot de passe se devine trop vite (suite, répétition, mot courant ou date) : ajoutez des mots sans lien."


def _covers(sequence: list[dict[str, Any]], dictionary: str, password: str) -> bool:
    """Whether words of one dictionary make half of the password or more."""
    words = sum(len(match["token"]) for match in sequence if match.get("dictionary_name") == dictionary)
    return 2 * words >= len(password)
