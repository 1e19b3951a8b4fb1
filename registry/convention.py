"""Who may exchange what with whom, until when: the convention as an object whose term bounds every exchange."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from registry.conformity.rules import misadjusted
from registry.conformity.terms import dpo_in_office, in_force_until

Document = dict[str, Any]


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


class Convention:
    """A convention's document (keys of the vocabulary's `convention`) with the questions the rules ask of it.

    Beside the shared keys the document holds what is recorded during its life: `delegations` of each party and
    `successions`. Persons are account ids here; e-mail addresses are put back when the document is shown.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._parties: dict[str, Mapping[str, Any]] = {party["id"]: party for party in document["parties"]}

    @property
    def id(self) -> str:
        """The convention's identifier, as in URLs and log origins."""
        return str(self.document["id"])

    def party(self, party_id: str) -> Mapping[str, Any] | None:
        """The party's record, or None when the convention does not know it."""
        return self._parties.get(party_id)

    def parties(self) -> Iterator[Mapping[str, Any]]:
        """Every party, those that no longer exist included."""
        return iter(self._parties.values())

    def in_force(self, day: date) -> bool:
        """Whether the convention is in force on that day: from its effect to its term, last day included (art. 10)."""
        effective = _day(self.document.get("effective_from"))
        return (effective is None or effective <= day) and day <= in_force_until(self.document)

    def covers(self, parties: Iterable[str], day: date) -> bool:
        """Whether commitments bind these parties on that day: the convention is in force, was not terminated that very
        day (art. 12, immediate stop), and none of them has left it (art. 10)."""
        return self.status(day) == "in_force" and not any(self.has_left(party, day) for party in parties)

    def has_left(self, party_id: str, day: date) -> bool:
        """Whether the party left the convention before that day, at a term it did not renew (art. 10)."""
        exit_on = _day((self._parties.get(party_id) or {}).get("exit_on"))
        return exit_on is not None and exit_on < day

    def status(self, day: date) -> str | None:
        """The convention's status on a day (`convention_status` of the vocabulary), None before its effect."""
        effective = _day(self.document.get("effective_from"))
        if effective is not None and day < effective:
            return None
        terminated = _day(self.document.get("terminated_on"))
        if terminated is not None and terminated <= day:
            return "terminated"
        if self.in_force(day):
            return "in_force"
        return "expired_unless_expressly_renewed"

    def exists(self, party_id: str, day: date) -> bool:
        """Whether the party is a living legal person on that day."""
        party = self._parties.get(party_id)
        if party is None:
            return False
        begins, ends = _day(party.get("valid_from")), _day(party.get("valid_until"))
        return (begins is None or begins <= day) and (ends is None or day <= ends)

    def stands_for(self, party_id: str, day: date) -> str:
        """The party that holds `party_id`'s rights on that day: itself, or its successor once the succession is
        recorded and effective (rights and obligations pass by operation of law; CGCT art. L. 2113-5)."""
        seen = {party_id}
        while not self.exists(party_id, day):
            successor = self._recorded_successor(party_id, day)
            if successor is None or successor in seen:
                break
            seen.add(successor)
            party_id = successor
        return party_id

    def _recorded_successor(self, party_id: str, day: date) -> str | None:
        for succession in self.document.get("successions", []):
            if party_id in succession["predecessors"] and succession["effective_on"] <= day.isoformat():
                return str(succession["successor"])
        return None

    def heirs(self, party_id: str) -> list[str]:
        """The party and those that succeed it by recorded successions, in order: who sees its files."""
        chain = [party_id]
        for succession in self.document.get("successions", []):
            if chain[-1] in succession["predecessors"]:
                chain.append(str(succession["successor"]))
        return chain

    def predecessors(self, party_id: str) -> list[str]:
        """The parties whose rights `party_id` holds by a recorded succession, in order of the document."""
        return [
            predecessor
            for succession in self.document.get("successions", [])
            if succession["successor"] == party_id
            for predecessor in succession["predecessors"]
        ]

    def dpos(self, party_id: str, day: date) -> set[str]:
        """The account ids of the party's DPO in office on that day, interim ones included (GDPR art. 37)."""
        return dpo_in_office(self.document, party_id, day)

    def designated(self, party_id: str, person: str, day: date, *, interim: bool) -> bool:
        """Whether `person` holds a designation as the party's DPO (interim or not) covering that day."""
        party = self._parties.get(self.stands_for(party_id, day)) or {}
        return any(
            d["person"] == person and bool(d.get("interim")) == interim and _covers(d.get("from"), d.get("until"), day)
            for d in party.get("dpo_designations", [])
        )

    def delegation(self, party_id: str, person: str, day: date) -> Mapping[str, Any] | None:
        """The party's delegation of signature to that person in force on that day, if any (catalogue, ROL-09)."""
        party = self._parties.get(party_id) or {}
        for delegation in party.get("delegations", []):
            if delegation["user"] == person and _covers(delegation["valid_from"], delegation.get("valid_until"), day):
                found: Mapping[str, Any] = delegation
                return found
        return None

    def delegation_named(self, party_id: str, delegation_id: str, day: date) -> Mapping[str, Any] | None:
        """The party's delegation of that id, when it was in force on that day."""
        for delegation in (self._parties.get(party_id) or {}).get("delegations", []):
            if delegation["id"] == delegation_id and _covers(
                delegation["valid_from"], delegation.get("valid_until"), day
            ):
                found: Mapping[str, Any] = delegation
                return found
        return None

    def device_policy(self, party_id: str) -> str:
        """Whether the party's opinions and decisions are signed on their authors' devices: `none`, `accepted` (as long
        as it said nothing), or `required`."""
        return str((self._parties.get(party_id) or {}).get("device_policy") or "accepted")


def inconsistencies(document: Document) -> Iterator[tuple[str, str]]:
    """What a schema cannot say of a convention: (pointer, French sentence) for each party named twice or unknown."""
    ids = [party["id"] for party in document["parties"]]
    for i, party in enumerate(document["parties"]):
        if party["id"] in ids[:i]:
            yield f"/parties/{i}/id", f"La partie « {party['id']} » est décrite deux fois."
        named = [("successor", party["successor"]), *((f"succeeds/{j}", p) for j, p in enumerate(party["succeeds"]))]
        for key, other in named:
            if other is not None and other not in ids:
                yield f"/parties/{i}/{key}", f"Partie inconnue de la convention : « {other} »."
        begins, ends = party["valid_from"], party["valid_until"]
        if begins and ends and ends < begins:
            yield f"/parties/{i}/valid_until", "La fin d'existence précède le début."
    if document["term"] < document["effective_from"]:
        yield "/term", "Le terme précède la date d'effet."
    for pointer, sentence in misadjusted(document.get("checks") or {}):
        yield f"/checks{pointer}", sentence


def _covers(begins: str | None, ends: str | None, day: date) -> bool:
    today = day.isoformat()
    return (not begins or begins <= today) and (not ends or today <= ends)
