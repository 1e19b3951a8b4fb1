"""One act, one transaction: who asks, whether it was already answered, what it does, what is remembered of it."""

import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, Literal, TypeVar

from registry.authorisation import ALL
from registry.clock import Clock, paris_day
from registry.exchange.context import Actor
from registry.gate.people.journal import note
from registry.gate.session import Made, Session
from registry.ledger.signers import Recorder
from registry.refusals import Forbidden, NotSeparated, Refusal
from registry.storage.accounts import Bearer, authenticate
from registry.storage.accounts_sessions import authenticate_session
from registry.storage.accounts_tokens import is_due, note_use
from registry.storage.conventions import Conventions
from registry.storage.engines import Busy, Engine, Transaction, UniqueViolation
from registry.storage.events import SYSTEM
from registry.storage.idempotency import Answered, Once, remember, replayed
from registry.storage.logs import Names
from registry.storage.rates import Limit, spend
from registry.storage.vault import Vault

T = TypeVar("T")
_REFUSALS_NOTED = Limit("act-refused", 1, 3600)


def operator_of(party: str) -> Actor:
    """The operator of the installation, who keeps a party's registers from the command line. What it does is recorded
    as the program's own."""
    return Actor(SYSTEM, party, frozenset({"records_manager"}))


class OutOfScope(Refusal):
    """The token was made for less than this."""

    slug, status, title = "insufficient-scope", 403, "Portée du jeton insuffisante"

    def __init__(self, sentence: str, actor: Actor) -> None:
        super().__init__(sentence)
        self.actor = actor


class Unauthenticated(Refusal):
    """No token nor session, or one that is unknown, over, or whose account is closed."""

    slug, status, title = "unauthenticated", 401, "Authentification requise"


@dataclass(frozen=True)
class Caller:
    """Who calls (the SHA-256 of a bearer token or of a session's id, None without either) and what makes the call
    unique, if anything. A machine shows a token, a person at a browser has a session. `scopes`: those of which a token
    must have one for what is called; without any, only a token of every scope will do."""

    credential: bytes | None
    once: Once | None = None
    kind: Literal["token", "session"] = "token"
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What an act gives: its value, the HTTP status and Location that answer it. `value` is None when the act was
    already done under the same idempotency key: `status` and `location` are then the first call's. `made` holds the
    signed records of the act, for its author's receipt."""

    value: T | None
    status: int = 200
    location: str | None = None
    made: tuple[Made, ...] = ()


@dataclass(frozen=True)
class _Known:
    """Who calls, whether grave acts are open to them, and whether the use of their token is to be noted."""

    actor: Actor
    confirmed: bool
    use_to_note: bool = False


def _require_scope(bearer: Bearer, asked: frozenset[str]) -> None:
    """Refuse a token that was made for less than what is called. Raises OutOfScope."""
    if ALL not in bearer.scopes and not bearer.scopes & asked:
        needed = " ou ".join(f"« {scope} »" for scope in sorted(asked)) or "complète"
        raise OutOfScope(f"Ce jeton n'a pas la portée que cette adresse demande : {needed}.", bearer.actor)


class Gate:
    """Runs acts and reads on an engine. Holds no state of its own beside its keys and caches of immutable rows;
    `on_recorded` is told, without waiting, that records were committed; `mailing`: whether notices are kept, for
    mails."""

    def __init__(self, engine: Engine, vault: Vault, recorder: Recorder, clock: Clock) -> None:
        self.engine = engine
        self.vault = vault
        self.recorder = recorder
        self.clock = clock
        self.conventions = Conventions()
        self.names = Names()
        self.mailing = False
        self.on_recorded: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        """The present instant, by the gate's clock."""
        return self.clock()

    async def session(self, tx: Transaction, caller: Caller) -> Session:
        """The session of an authenticated caller in this transaction. Raises Unauthenticated."""
        now = self.now()
        known = await self._known(tx, caller, now)
        session = self._session(tx, known.actor, now, confirmed=known.confirmed)
        session.use_to_note = known.use_to_note
        return session

    async def _known(self, tx: Transaction, caller: Caller, now: datetime) -> _Known:
        """Who calls. Grave acts are always open to a token, to a person after a confirmation."""
        if caller.credential is not None and caller.kind == "session":
            if (found := await authenticate_session(tx, caller.credential, now)) is not None:
                return _Known(*found)
        elif caller.credential is not None:
            bearer = await authenticate(tx, caller.credential, now)
            if bearer is not None:
                _require_scope(bearer, caller.scopes)
                return _Known(bearer.actor, confirmed=True, use_to_note=is_due(bearer.used_at, now))
        raise Unauthenticated("Présentez un jeton d'accès valable (en-tête Authorization: Bearer …) ou connectez-vous.")

    def _session(self, tx: Transaction, actor: Actor, now: datetime, *, confirmed: bool) -> Session:
        return Session(
            tx, actor, now, paris_day(now), self.vault, self.recorder, self.conventions, self.names,
            confirmed=confirmed, mailing=self.mailing,
        )  # fmt: skip

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

    async def glance(self, work: Callable[[Session], Awaitable[T]], *, snapshot: bool = True) -> T:
        """A read that nobody is authenticated for: who is visiting, what a link offers; `snapshot`: see `Engine`."""

        async def transaction(tx: Transaction) -> T:
            return await work(self._session(tx, Actor(SYSTEM, "", frozenset()), self.now(), confirmed=False))

        return await self.engine.read(transaction, snapshot=snapshot)

    def _recorded(self, session: Session) -> None:
        self.names.learn(session.learned)
        if session.made:
            self.on_recorded()

    def acting(self, tx: Transaction, actor: Actor) -> Session:
        """The session of somebody known otherwise than by a token: who asked for a job, or the operator."""
        now = self.now()
        return self._session(tx, actor, now, confirmed=True)

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

    async def _note_refusal(self, actor: Actor, reason: str) -> None:
        """Record that somebody tried what they have no right to; once an hour at most for each reason, so that trying
        fills no log."""

        async def transaction(tx: Transaction) -> Session:
            session = self._session(tx, actor, self.now(), confirmed=False)
            key = hashlib.sha256(f"{actor.id} {actor.party} {reason}".encode()).digest()
            if await spend(tx, _REFUSALS_NOTED, key, session.now):
                await note(session, actor.id, actor.party, "act_refused", reason=reason)
            return session

        with suppress(Busy):  # the refusal itself is what matters
            self._recorded(await self.engine.transact(transaction))

    async def read(self, caller: Caller, work: Callable[[Session], Awaitable[T]]) -> T:
        """A read on one snapshot."""

        async def transaction(tx: Transaction) -> T:
            session = await self.session(tx, caller)
            met.append(session)
            return await work(session)

        met: list[Session] = []
        found = await self.engine.read(transaction)
        if met[-1].use_to_note and caller.credential is not None:
            hashed, now = caller.credential, met[-1].now
            await self.engine.transact(lambda tx: note_use(tx, hashed, now))
        return found

    async def write(self, caller: Caller, work: Callable[[Session], Awaitable[Answer[T]]]) -> Answer[T]:
        """An act, at most once per idempotency key; two calls with one key at the same time give one act."""

        async def transaction(tx: Transaction) -> Answer[T]:
            session = await self.session(tx, caller)
            asking.append(session.actor)
            if session.use_to_note and caller.credential is not None:
                await note_use(tx, caller.credential, session.now)
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
        asking: list[Actor] = []
        try:
            try:
                answer = await self.engine.transact(transaction)
            except UniqueViolation:
                answer = await self.engine.transact(transaction)
        except (Forbidden, NotSeparated, OutOfScope) as refusal:
            await self._note_refusal(refusal.actor if isinstance(refusal, OutOfScope) else asking[-1], refusal.slug)
            raise
        for session in met[-1:]:
            self._recorded(session)
        return answer
