"""The keys a log names in its own records, in their order: whom to believe, from where."""

from typing import Any

import msgspec

from registry.ledger.cosignatures import CosignatureVerifier
from registry.ledger.errors import LedgerError
from registry.ledger.keys import Verifier, parse_vkey
from registry.ledger.policy import parse_policy


class Named:
    """The keys known so far along a log. What does not parse is left out: its signatures then do not verify."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self.recorders: list[Verifier] = []
        self.logs: list[Verifier] = []
        self.parties: list[Verifier] = []
        self.witnesses: list[CosignatureVerifier] = []
        self.claims: set[tuple[str, str]] = set()
        self.orphans: set[str] = set()
        """Leaf hashes (base64) of records of the log before that this one binds, since no head covers them there."""

    def learn(self, facts: bytes) -> None:
        """Take in the facts of a record of type `key`."""
        try:
            told = msgspec.json.decode(facts)
            self._learn(str(told["act"]), told["derived"])
        except (msgspec.DecodeError, LedgerError, KeyError, TypeError, AttributeError):
            return

    def believe(self, recorders: list[str]) -> None:
        """Take recorder keys as announced, for a log that is not opened yet."""
        for vkey in recorders:
            self._key("recorder", vkey)

    def _learn(self, act: str, derived: dict[str, Any]) -> None:
        if act == "log.opened":
            self._key("recorder", derived["recorder"])
            self._key("log", derived["log"])
            self.orphans.update(map(str, derived["orphans"]))
        elif act in {"key.rotated", "key.added"}:
            self._key(derived["kind"], derived["vkey"])
        if derived.get("policy") is not None:
            policy = parse_policy(derived["policy"].encode())
            self.witnesses += [witness.key for witness in policy.witnesses if witness.key]

    def _key(self, kind: str, vkey: str) -> None:
        self.claims.add((kind, vkey))
        known = {"recorder": self.recorders, "log": self.logs, "party": self.parties}[kind]
        known.append(parse_vkey(vkey))
