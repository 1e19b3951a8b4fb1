"""An exchange file as checks read it: null objects without keys, absent lists empty, each part at hand."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from registry.conformity.findings import People
from registry.conformity.rules import rules_of
from registry.conformity.terms import as_date, in_force_until, party_of

Document = Mapping[str, Any]
_NOT_PERSONAL = frozenset({"non_personal", "aggregated", "anonymous"})
_NOTHING: Document = {}


def part(document: Document, key: str) -> Document:
    """A sub-object; a null or absent one is read as an object without keys."""
    value = document.get(key)
    return value if isinstance(value, Mapping) else _NOTHING


def lines(document: Document, key: str) -> list[Any]:
    """A list; a null or absent one is empty. Null items of a list of objects are left out."""
    value = document.get(key)
    return [item for item in value if item is not None] if isinstance(value, list) else []


class Reading:
    """One file, its convention with the rules it applies, and a day."""

    def __init__(
        self,
        file: Document,
        convention: Document,
        today: date,
        *,
        activation: bool = False,
        people: People | None = None,
        registers: Mapping[str, Document | None] | None = None,
    ) -> None:
        self.file = file
        self.convention = convention
        self.today = today
        self.activation = activation
        self.people = people or People({})
        self.registers = registers or {}
        self.rules = rules_of(convention)
        request = part(file, "request")
        self.request = request
        self.basis = part(request, "legal_basis")
        self.secrecy = part(self.basis, "secrecy")
        self.purposes = part(request, "purposes")
        self.volume = part(request, "volume")
        self.origin = part(request, "origin")
        self.channel = part(request, "channel")
        self.information = part(request, "information")
        self.dpia = part(request, "dpia")
        self.uses = part(request, "uses")
        self.items = lines(request, "data_items")
        self.recipients = lines(request, "recipients")
        self.retention = lines(request, "retention")
        self.processors = lines(request, "processors")
        self.transfers = lines(request, "transfers")
        self.opinion = part(file, "opinion")
        self.decision = part(file, "decision")
        self.study = part(file, "study")
        self.holder = party_of(convention, request.get("holder"))
        self.requester = party_of(convention, request.get("requester"))

    @property
    def personal(self) -> bool:
        """Whether checks that do not say « Any data_nature » are evaluated."""
        return self.request.get("data_nature") not in _NOT_PERSONAL

    @property
    def until(self) -> date:
        """The convention's last day in force."""
        return in_force_until(self.convention)

    @property
    def filed_on(self) -> date | None:
        """The filing date; without a file, the request's own date."""
        return as_date(self.file.get("filed_on")) or as_date(self.request.get("requested_on"))

    def setting(self, name: str) -> float:
        """A threshold: the convention's own, or the vocabulary's default."""
        return self.rules.settings[name]

    def attached(self, kind: str) -> int:
        """How many pieces of a kind are attached to the file."""
        return sum(1 for piece in lines(self.file, "attachments") if piece.get("kind") == kind)

    def successors(self, party: Document | None, day: date | None) -> set[str]:
        """The party's id, and its successor's once it has ended on that day."""
        if party is None:
            return set()
        found = {str(party["id"])}
        ended = as_date(party.get("valid_until"))
        if ended is not None and day is not None and ended < day and party.get("successor"):
            found.add(str(party["successor"]))
        return found

    def controllers(self) -> list[str]:
        """The controllers concerned: those of the file, by default holder and requester."""
        named = lines(self.file, "controllers")
        default = [self.request.get("holder"), self.request.get("requester")]
        return list(dict.fromkeys(party for party in named or default if party))
