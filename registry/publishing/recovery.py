"""After a loss: the guard written anew once others' heads agree with the database, or a log left behind for a new one.

Both need every process that serves to be stopped: they take the operator's lease.
"""

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import msgspec

from registry.clock import timestamp
from registry.ledger.checkpoints import Checkpoint, open_checkpoint
from registry.ledger.encoding import decode_base64
from registry.ledger.errors import LedgerError
from registry.ledger.signers import LogSigner, Recorder
from registry.publishing.comparing import holds, log_keys, signed_size
from registry.publishing.guard import Guard, SigningRefused, behind
from registry.publishing.operator import LEASE
from registry.refusals import Refusal
from registry.storage.engines import Engine, Transaction
from registry.storage.heads import latest_signed, read_head
from registry.storage.leases import hold, release
from registry.storage.logs import Log, abandon_log, create_log, every_log, log_at, logs_in_use, own_events

_LEASE_SECONDS = 300


class NotRecovered(Refusal):
    """What was asked would not be safe, or not be of use; nothing has changed."""

    slug, title = "not-recovered", "Reprise refusée"


@dataclass(frozen=True)
class Outside:
    """A head held by somebody else: who, and its note (signatures not checked)."""

    who: str
    note: bytes


@asynccontextmanager
async def alone(engine: Engine, now: int) -> AsyncIterator[None]:
    """Hold the operator's lease (`now`: POSIX seconds). Raises NotRecovered while a server runs."""
    holder = f"recovery/{secrets.token_hex(8)}"
    if not await engine.transact(lambda tx: hold(tx, LEASE, holder, now, _LEASE_SECONDS)):
        raise NotRecovered(
            "Un serveur ou une autre reprise travaille encore sur cette base : arrêtez d'abord tout ce qui la sert."
        )
    try:
        yield
    finally:
        await engine.transact(lambda tx: release(tx, LEASE, holder))


async def recover(tx: Transaction, guard: Guard, log_signer: LogSigner, outside: Sequence[Outside]) -> dict[str, bytes]:
    """The notes of a new guard, once it is known that nobody holds more than the database.

    1. What a readable guard holds stays true; 2. each outside head is a prefix of what is signed here; 3. each log that
    was shown is in one of them, or closed by a log that is (its first record cites the last head).
    Raises NotRecovered, or SigningRefused when somebody holds another history or more of it.
    """
    kept, logs = _readable(guard), await logs_in_use(tx)
    unknown = []
    for log in logs:
        if log.origin in kept:
            await _compared(tx, Outside("la garde", kept[log.origin]), log_signer)
        elif (await read_head(tx, log)).published > 0:
            unknown.append(log)
    if not unknown:
        raise NotRecovered(
            "La garde des têtes signées est en place et s'accorde avec la base : rien n'est à reprendre."
        )
    compared = {log.id for log in logs if log.origin in kept}
    for head in outside:
        compared.add((await _compared(tx, head, log_signer)).id)
    await _add_closed(tx, await every_log(tx), compared)
    missing = [log.origin for log in unknown if log.id not in compared]
    if missing:
        raise NotRecovered(
            f"Aucune tête à comparer pour {', '.join(missing)} : demandez aux parties une tête qu'elles gardent, ou un "
            "reçu récent, et donnez-les par « --head »."
        )
    latest = {log.origin: signed.note for log in logs if (signed := await latest_signed(tx, log)) is not None}
    return {**kept, **latest}


def _readable(guard: Guard) -> Mapping[str, bytes]:
    """The notes of the guard; none when it is missing or cannot be read."""
    try:
        return {origin: guard.note(origin) or b"" for origin in guard.heads()} if guard.exists() else {}
    except SigningRefused:
        return {}


async def _compared(tx: Transaction, outside: Outside, log_signer: LogSigner) -> Log:
    log, head = await _opened(tx, outside, log_signer)
    await _require_held(tx, log, head, f" ({outside.who})")
    return log


async def _opened(tx: Transaction, outside: Outside, log_signer: LogSigner) -> tuple[Log, Checkpoint]:
    """The log of an outside head and what it says, signed by this host. Raises NotRecovered."""
    for log in await every_log(tx):
        try:
            return log, open_checkpoint(outside.note, await log_keys(tx, log, log_signer))
        except LedgerError:
            continue
    raise NotRecovered(f"« {outside.who} » n'est pas une tête signée par cet hébergeur.")


async def _require_held(tx: Transaction, log: Log, head: Checkpoint, who: str) -> None:
    if not await holds(tx, log, head):
        raise SigningRefused(behind(log.origin, await signed_size(tx, log), head.size) + who)


async def _add_closed(tx: Transaction, logs: Sequence[Log], compared: set[str]) -> None:
    """Add the logs whose last head is cited by the first record of a log that was compared."""
    for log in reversed(logs):
        if log.id in compared and (cited := await _cited_by(tx, log)) is not None:
            former = await log_at(tx, cited.origin)
            if former is not None and await signed_size(tx, former) == cited.size and await holds(tx, former, cited):
                compared.add(former.id)


async def _cited_by(tx: Transaction, log: Log) -> Checkpoint | None:
    for event in (await own_events(tx, log))[:1]:
        previous = msgspec.json.decode(event.facts)["derived"].get("previous")
        if previous is not None:
            return Checkpoint(previous["origin"], previous["size"], decode_base64(previous["root"]))
    return None


async def reopen(
    tx: Transaction, owner: str, outside: Outside, known: Sequence[Outside], keys: tuple[LogSigner, Recorder],
    now: datetime,
) -> tuple[Log, str]:  # fmt: skip
    """Leave a log behind whose end is lost, citing the last head others hold; the log, and the new one's origin.

    The new log opens with its first record. `known`: heads found elsewhere (guard, witnesses): the one cited must be
    the largest. Raises NotRecovered.
    """
    log_signer, recorder = keys
    log, head = await _opened(tx, outside, log_signer)
    current = [each for each in await logs_in_use(tx) if each.owner == owner]
    if not current or log.id != current[-1].id:
        origin = current[-1].origin if current else "aucun"
        raise NotRecovered(f"Cette tête est du journal {log.origin} ; le journal en cours de {owner} : {origin}.")
    if await holds(tx, log, head):
        raise NotRecovered(
            "La base contient cette tête et tout ce qui la précède : rien n'est perdu, rien n'est à rouvrir."
        )
    for other in known:
        found, larger = await _opened(tx, other, log_signer)
        if found.id == log.id and larger.size > head.size:
            raise NotRecovered(f"{other.who} garde une tête plus grande ({larger.size}) : citez celle-là.")
    await abandon_log(tx, log, timestamp(now), outside.note)
    if log.year != now.year:
        return log, recorder.origin(owner, now.year)
    fresh = await create_log(tx, owner, now, recorder, log.generation + 1)
    if fresh is None:
        raise NotRecovered("Un journal de cette génération existe déjà.")
    return log, fresh.origin
