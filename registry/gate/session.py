"""What one transaction knows: the actor, the instant, the keys; and how it appends an event to the right log."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime

from registry.authorisation import require
from registry.convention import Convention
from registry.exchange.context import Actor
from registry.exchange.events import Event
from registry.ledger.keys import Signer
from registry.ledger.signers import Recorder
from registry.publishing.announcing import announce_party, announce_recorder
from registry.refusals import Erased, NotFound, Refusal
from registry.storage.conventions import Conventions, LoadedConvention
from registry.storage.engines import Transaction
from registry.storage.events import Place, append
from registry.storage.exchanges import Loaded
from registry.storage.logs import Log, Names, log_of_year, pseudonym
from registry.storage.vault import Vault
from schemas import versioned


def new_id() -> str:
    """A random object id (UUIDv4)."""
    return str(uuid.uuid4())


class ConfirmationRequired(Refusal):
    """A grave act by a person at a browser who did not confirm who they are lately."""

    slug, status, title = "confirmation-required", 403, "Confirmation requise"


@dataclass(frozen=True)
class Made:
    """A record that a transaction made: of which object, at which revision, and its signed bytes."""

    object: str
    revision: int
    record: bytes


@dataclass
class Session:
    """One caller in one transaction; `today` is the Paris day of `now`, the server's clock.

    `confirmed`: whether grave acts are open to the caller (`require_confirmation`). `use_to_note`: whether the last use
    of the caller's token is to be written down. `mailing`: whether the installation sends mail, so that notices are
    worth keeping.
    """

    tx: Transaction
    actor: Actor
    now: datetime
    today: date
    vault: Vault
    recorder: Recorder
    conventions: Conventions
    known: Names = field(default_factory=Names)
    learned: Names = field(default_factory=Names)
    made: list[Made] = field(default_factory=list)
    confirmed: bool = True
    known_conventions: dict[str, list[Convention]] = field(default_factory=dict)
    use_to_note: bool = False
    mailing: bool = False

    def require_confirmation(self) -> None:
        """Refuse a grave act (opinion, decision, erasure, keys, accounts) unless a second factor was given lately."""
        if not self.confirmed:
            raise ConfirmationRequired("Cet acte demande de confirmer votre identité par votre second facteur.")

    def require(self, right: str) -> None:
        """Refuse who holds none of a right's functions for their party today. Raises Forbidden."""
        require(self.actor.roles, right)

    async def convention(self, convention_id: str, *, for_update: bool = False) -> LoadedConvention:
        """The convention, for a caller whose party belongs to it; else NotFound."""
        loaded = await self.conventions.load(self.tx, convention_id, for_update=for_update)
        if loaded is None or loaded.convention.party(self.actor.party) is None:
            raise NotFound("Cette convention n'existe pas.")
        return loaded

    async def own_conventions(self) -> list[Convention]:
        """The conventions that the caller's party belongs to, in order; read once a transaction."""
        party = self.actor.party
        if party not in self.known_conventions:
            every = await self.conventions.every(self.tx)
            self.known_conventions[party] = [one for one in every if one.party(party) is not None]
        return self.known_conventions[party]

    async def convention_of(self, loaded: Loaded) -> Convention:
        """The convention of an exchange that was just loaded, usually without asking the database again."""
        known = self.conventions.at(loaded.convention, loaded.convention_revision)
        return (known or await self.convention(loaded.convention)).convention

    def scope(self, convention: Convention) -> list[str]:
        """The parties whose files the actor's party holds: its own, and its predecessors' once recorded."""
        standing = [
            party
            for party in convention.predecessors(self.actor.party)
            if convention.stands_for(party, self.today) == self.actor.party
        ]
        return [self.actor.party, *standing]

    async def log(self, owner: str) -> Log:
        """The owner's log of this year, created when it is new, that names the recorder's key."""
        place = (owner, self.now.year)
        log = self.known.logs.get(place) or self.learned.logs.get(place)
        if log is None:
            log = await log_of_year(self.tx, owner, self.now, self.recorder)
            await announce_recorder(self.tx, log, self.recorder, self.now, self.today)
            self.learned.logs[place] = log
        return log

    async def signers(self, log: Log, party: str) -> list[Signer]:
        """Who signs a record of that party's act: the recorder, then the party's own key when this host holds it."""
        recorder, own = self.recorder.signer(log.origin), self.recorder.party(party)
        if own is None:
            return [recorder]
        place = (log.id, own.vkey)
        if place not in self.known.announced and place not in self.learned.announced:
            await announce_party(self.tx, log, self.recorder, party, self.now, self.today)
            self.learned.announced.add(place)
        return [recorder, own]

    async def _pseudonym(self, log: Log, account: str) -> str:
        place = (log.id, account)
        known = self.known.pseudonyms.get(place) or self.learned.pseudonyms.get(place)
        name = known or await pseudonym(self.tx, log, account)
        self.learned.pseudonyms[place] = name
        return name

    async def new_object(self, object_id: str) -> bytes:
        """A key for a new object, stored wrapped."""
        key, wrapped = self.vault.new_key(object_id)
        await self.tx.execute("INSERT INTO object_key (object, wrapped) VALUES (?, ?)", object_id, wrapped)
        return key

    async def key_of(self, object_id: str) -> bytes:
        """The object's key, read after the object was locked: an erasure may just have replaced it. Raises Erased."""
        wrapped = await self.tx.value("SELECT wrapped FROM object_key WHERE object = ?", object_id)
        if wrapped is None:
            raise Erased("Ce dossier a été effacé : plus rien ne peut y être écrit.")
        return self.vault.unwrap(object_id, wrapped)

    async def append(
        self, owner: str, object_id: str, revision: int, kind: str, schema: str, event: Event, key: bytes,
        hiding: bytes | None = None,
    ) -> tuple[int, Event]:  # fmt: skip
        """Append one signed event to the owner's log of this year; answers its insertion id and committed form. The
        event records the version of the schema its body was valid for ("" when it has no body). `hiding`: the salt of
        the texts, when their commitment was signed already."""
        log = await self.log(owner)
        name = await self._pseudonym(log, event.by)
        signers = await self.signers(log, event.party)
        place = Place(log, object_id, revision, kind, versioned(schema) if schema else "")
        done = await append(self.tx, place, event, self.now, actor=name, key=key, signers=signers, hiding=hiding)
        self.made.append(Made(object_id, revision, done.record))
        return done.seq, done.event
