"""One act, one transaction: who asks, whether it was already answered, what it does, what is remembered of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, Literal, TypeVar

from registry.clock import Clock, paris_day
from registry.exchange.context import Actor
from registry.gate.session import Made, Session
from registry.ledger.signers import Recorder
from registry.refusals import Refusal
from registry.storage.accounts import authenticate
from registry.storage.accounts_sessions import authenticate_session
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
    """No token nor session, or one that is unknown, over, or whose account is closed."""

    slug, status, title = "unauthenticated", 401, "Authentification requise"


@dataclass(frozen=True)
class Caller:
    """Who calls (the SHA-256 of a bearer token or of a session's id, None without either) and what makes the call
    unique, if anything. A machine shows a token, a person at a browser has a session."""

    credential: bytes | None
    once: Once | None = None
    kind: Literal["token", "session"] = "token"


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

    async def session(self, tx: Transaction, caller: Caller) -> Session:
        """The session of an authenticated caller in this transaction. Raises Unauthenticated."""
        now = self.now()
        actor, confirmed = await self._actor(tx, caller, now)
        return self._session(tx, actor, now, confirmed=confirmed)

    async def _actor(self, tx: Transaction, caller: Caller, now: datetime) -> tuple[Actor, bool]:
        """Who calls, and whether grave acts are open to them: always to a token, to a person after a confirmation."""
        if caller.credential is not None and caller.kind == "session":
            if (found := await authenticate_session(tx, caller.credential, now)) is not None:
                return found
        elif caller.credential is not None:
            actor = await authenticate(tx, caller.credential, now)
            if actor is not None:
                return actor, True
        raise Unauthenticated("Présentez un jeton d'accès valable (en-tête Authorization: Bearer …) ou connectez-vous.")

    def _session(self, tx: Transaction, actor: Actor, now: datetime, *, confirmed: bool) -> Session:
        return Session(
            tx, actor, now, paris_day(now), self.vault, self.recorder, self.conventions, self.names, confirmed=confirmed
        )

    async def unattended(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """A transaction that nobody is authenticated for: signing in, accepting an invitation, a command line."""

        async def transaction(tx: Transaction) -> T:
            session = self._session(tx, Actor(SYSTEM, "", frozenset()), self.now(), confirmed=True)
            done = await work(session)
            met.append(session)
            return done

        met: list[Session] = []
        done = await self.engine.transact(transaction)
        self._recorded(met[-1])
        return done

    async def glance(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """A read on one snapshot that nobody is authenticated for: who is visiting, what a link offers."""

        async def transaction(tx: Transaction) -> T:
            return await work(self._session(tx, Actor(SYSTEM, "", frozenset()), self.now(), confirmed=False))

        return await self.engine.read(transaction)

    def _recorded(self, session: Session) -> None:
        self.names.learn(session.learned)
        if session.made:
            self.on_recorded()

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
            return await work(await self.session(tx, caller))

        return await self.engine.read(transaction)

    async def write(self, caller: Caller, work: Callable[[Session], Awaitable[Answer[T]]]) -> Answer[T]:
        """An act, at most once per idempotency key; two calls with one key at the same time give one act."""

        async def transaction(tx: Transaction) -> Answer[T]:
            session = await self.session(tx, caller)
            if caller.once is not None:
                known = await replayed(tx, session.actor.id, caller.once, session.now)
                if known is not None:
                    return Answer(None, known.status, known.location)
            answer = await work(session)
            if caller.once is not None:
                answered = Answered(answer.status, answer.location)
                await remember(tx, session.actor.id, caller.once, answered, session.now)
            met.append(session)
            return replace(answer, made=tuple(session.made))

        met: list[Session] = []
        try:
            answer = await self.engine.transact(transaction)
        except UniqueViolation:
            answer = await self.engine.transact(transaction)
        for session in met[-1:]:
            self._recorded(session)
        return answer
