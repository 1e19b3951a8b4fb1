"""One act, one transaction: who asks, whether it was already answered, what it does, what is remembered of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from registry.clock import Clock, paris_day
from registry.exchange.context import Actor
from registry.gate.session import Made, Session
from registry.ledger.signers import Recorder
from registry.refusals import Refusal
from registry.storage.accounts import authenticate
from registry.storage.conventions import Conventions
from registry.storage.engines import Engine, Transaction, UniqueViolation
from registry.storage.events import SYSTEM
from registry.storage.idempotency import Answered, Once, remember, replayed
from registry.storage.logs import Names
from registry.storage.vault import Vault

T = TypeVar("T")


def operator_of(party: str) -> Actor:
    """The operator of the installation, who keeps a party's registers from the command line. What it does is recorded
    as the program's own."""
    return Actor(SYSTEM, party, frozenset({"records_manager"}))


class Unauthenticated(Refusal):
    """No token, or one that is unknown, expired, or whose account is closed."""

    slug, status, title = "unauthenticated", 401, "Authentification requise"


@dataclass(frozen=True)
class Caller:
    """Who calls (the SHA-256 of the bearer token, None without one) and what makes the call unique, if anything."""

    credential: bytes | None
    once: Once | None = None


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What an act gives: its value, the HTTP status and Location that answer it. `value` is None when the act was
    already done under the same idempotency key: `status` and `location` are then the first call's. `made` holds the
    signed records of the act, for its author's receipt."""

    value: T | None
    status: int = 200
    location: str | None = None
    made: tuple[Made, ...] = ()


class Gate:
    """Runs acts and reads on an engine. Holds no state of its own beside its keys and caches of immutable rows;
    `on_recorded` is told, without waiting, that records were committed."""

    def __init__(self, engine: Engine, vault: Vault, recorder: Recorder, clock: Clock) -> None:
        self.engine = engine
        self.vault = vault
        self.recorder = recorder
        self.clock = clock
        self.conventions = Conventions()
        self.names = Names()
        self.on_recorded: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        """The present instant, by the gate's clock."""
        return self.clock()

    async def session(self, tx: Transaction, credential: bytes | None) -> Session:
        """The session of an authenticated caller in this transaction. Raises Unauthenticated."""
        now = self.now()
        actor = await authenticate(tx, credential, now) if credential is not None else None
        if actor is None:
            raise Unauthenticated("Présentez un jeton d'accès valable (en-tête Authorization: Bearer …).")
        return Session(tx, actor, now, paris_day(now), self.vault, self.recorder, self.conventions, self.names)

    def acting(self, tx: Transaction, actor: Actor) -> Session:
        """The session of somebody known otherwise than by a token: who asked for a job, or the operator."""
        now = self.now()
        return Session(tx, actor, now, paris_day(now), self.vault, self.recorder, self.conventions, self.names)

    async def record(self, actor: Actor, work: Callable[[Session], Awaitable[T]]) -> T:
        """What such a person does, in one transaction."""

        async def transaction(tx: Transaction) -> T:
            session = self.acting(tx, actor)
            done = await work(session)
            met.append(session.learned)
            return done

        met: list[Names] = []
        done = await self.engine.transact(transaction)
        self.names.learn(met[-1])
        self.on_recorded()
        return done

    async def read(self, caller: Caller, work: Callable[[Session], Awaitable[T]]) -> T:
        """A read on one snapshot."""

        async def transaction(tx: Transaction) -> T:
            return await work(await self.session(tx, caller.credential))

        return await self.engine.read(transaction)

    async def write(self, caller: Caller, work: Callable[[Session], Awaitable[Answer[T]]]) -> Answer[T]:
        """An act, at most once per idempotency key; two calls with one key at the same time give one act."""

        async def transaction(tx: Transaction) -> Answer[T]:
            session = await self.session(tx, caller.credential)
            if caller.once is not None:
                known = await replayed(tx, session.actor.id, caller.once, session.now)
                if known is not None:
                    return Answer(None, known.status, known.location)
            answer = await work(session)
            if caller.once is not None:
                answered = Answered(answer.status, answer.location)
                await remember(tx, session.actor.id, caller.once, answered, session.now)
            met.append(session.learned)
            return replace(answer, made=tuple(session.made))

        met: list[Names] = []
        try:
            answer = await self.engine.transact(transaction)
        except UniqueViolation:
            answer = await self.engine.transact(transaction)
        for names in met[-1:]:
            self.names.learn(names)
        if answer.made:
            self.on_recorded()
        return answer
