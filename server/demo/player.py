"""Plays people of the demonstration: each act is the real one, by the account whose function it is, on a given day."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from registry.clock import Clock
from registry.convention import Convention
from registry.convention_command import ConventionCommand
from registry.exchange.acts import ACTS
from registry.exchange.decide import Command
from registry.exchange.file import File
from registry.gate import Answer, Caller, Gate
from registry.gate.conventions import act as convention_act
from registry.gate.exchanges import act as exchange_act
from registry.gate.exchanges import create_request, load_request
from registry.gate.reading import entry_view
from registry.gate.registers import update_record
from registry.gate.session import Session
from registry.storage.accounts import token_hash
from registry.storage.register import StoredEntry
from schemas import violations

T = TypeVar("T")
_PARIS = ZoneInfo("Europe/Paris")

Document = dict[str, Any]


@dataclass
class Calendar:
    """A clock that the story moves; every act of a past day happens at nine in the morning, one second after another.

    What happens on the last day, `today`, happens at the instant that `present` gives: the server goes on by the same
    clock, and nothing it holds may be of later. (Nine o'clock is later, when the demonstration starts at night.)
    """

    day: date
    today: date
    present: Clock
    _ticks: int = field(default=0)

    def __call__(self) -> datetime:
        if self.day >= self.today:
            return self.present()
        self._ticks = (self._ticks + 1) % 3600
        moment = time(9, self._ticks // 60, self._ticks % 60)
        return datetime.combine(self.day, moment, _PARIS)


@dataclass(frozen=True)
class Person:
    """One account of the demonstration, with the token that acts for its party."""

    email: str
    party: str
    roles: tuple[str, ...]
    token: str


class Player:
    """Plays acts on a gate whose clock is the story's calendar."""

    def __init__(self, gate: Gate, calendar: Calendar, people: list[Person]) -> None:
        self._gate = gate
        self.calendar = calendar
        self._people = {(person.party, role): person for person in people for role in person.roles}

    def _caller(self, party: str, role: str) -> Caller:
        return Caller(token_hash(self._people[party, role].token))

    async def _play(self, party: str, role: str, work: Callable[[Session], Awaitable[Answer[T]]]) -> T:
        answer = await self._gate.write(self._caller(party, role), work)
        if answer.value is None:
            raise LookupError("an act without idempotency key always has a value")
        return answer.value

    async def create(self, convention: str, request: Document, *, reference: str | None = None) -> File:
        """A draft by the requester of the request's own party."""
        _require_valid("request", request)
        return await self._play(
            request["requester"], "requester", lambda s: create_request(s, convention, request, reference)
        )

    async def act(
        self, file: File, party: str, role: str, name: str, body: Document, target: str | None = None
    ) -> File:
        """One act of the table on the exchange's current version."""
        _require_valid(ACTS[name].schema, body)
        command = Command(name, body, file.version, target)
        return await self._play(party, role, lambda s: exchange_act(s, file.id, command))

    async def attach(self, file: File, party: str, role: str, kind: str, file_name: str, text: str) -> File:
        """A piece, dated of the day it is attached."""
        content = text.encode()
        metadata = {"kind": kind, "dated_on": self.calendar.day.isoformat(), "file_name": file_name}
        _require_valid("attachment", metadata)
        facts = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        command = Command("attachments", metadata, None, facts=facts)
        return await self._play(party, role, lambda s: exchange_act(s, file.id, command, content))

    async def amend(self, convention: str, party: str, role: str, command: ConventionCommand) -> Convention:
        """One act on the convention."""
        _require_valid(command.act, command.body)
        return await self._play(party, role, lambda s: convention_act(s, convention, command))

    async def entry(self, party: str, entry_id: str) -> StoredEntry:
        """An entry of the party's register."""
        caller = self._caller(party, "records_manager")
        return await self._gate.read(caller, lambda s: entry_view(s, party, entry_id))

    async def complete_entry(self, party: str, stored: StoredEntry, record: Document) -> StoredEntry:
        """A new version of an entry, by the party's records manager."""
        body = {"record": record}
        _require_valid("register_entry", body)
        entry = stored.entry
        return await self._play(
            party,
            "records_manager",
            lambda s: update_record(s, party, entry.id, "controller", body, entry.version, [party]),
        )

    async def read(self, file: File, party: str, role: str) -> File:
        """The exchange as it stands."""

        async def work(session: Session) -> File:
            return (await load_request(session, file.id)).file

        return await self._gate.read(self._caller(party, role), work)


def _require_valid(schema: str, body: Document) -> None:
    found = violations(schema, body)
    if found:
        raise ValueError(f"{schema}: {found[0].pointer} {found[0].message}")
