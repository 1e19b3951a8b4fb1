"""Every key is named in a log before the first record it signs there, so that readers know whom to believe from where.

The recorder key of a log that is not opened yet is named by `log.opened`, which the sequencer writes as leaf 0; any
other by a record of its own, in the transaction of the first record that needs it.
"""

from datetime import date, datetime
from typing import Any

from registry.exchange.events import Event
from registry.ledger.keys import Signer
from registry.ledger.signers import Recorder
from registry.refusals import Refusal
from registry.storage.engines import Transaction
from registry.storage.events import SYSTEM, Place, append
from registry.storage.logs import Log, claim_key, is_opened, keys_of, lock_log, next_own_revision, pseudonym


class KeyMissing(Refusal):
    """A key was replaced and the one it replaces is not there to say so."""

    slug, status, title = "key-missing", 503, "Clé manquante"


async def announce_recorder(tx: Transaction, log: Log, recorder: Recorder, now: datetime, today: date) -> None:
    """Make sure the log names the recorder's current key. Raises KeyMissing when the former key is needed and gone."""
    signer = recorder.signer(log.origin)
    await lock_log(tx, log)
    if not await claim_key(tx, log, "recorder", signer.vkey) or not await is_opened(tx, log):
        return
    previous = recorder.previous(log.origin)
    if previous is None or previous.vkey not in await keys_of(tx, log, "recorder"):
        raise KeyMissing(
            "La clé de l'enregistreur a changé sans que l'ancienne l'annonce : remettez « recorder.old.pem » en place."
        )
    derived = {"kind": "recorder", "vkey": signer.vkey, "previous": previous.vkey}
    await record_key(tx, log, previous, "key.rotated", derived, now, today)


async def announce_party(tx: Transaction, log: Log, recorder: Recorder, party: str, now: datetime, today: date) -> None:
    """Make sure the log names the party's own key, when this host holds it."""
    signer = recorder.party(party)
    if signer is None:
        return
    await lock_log(tx, log)
    if await claim_key(tx, log, "party", signer.vkey):
        derived = {"kind": "party", "party": party, "vkey": signer.vkey}
        await record_key(tx, log, recorder.signer(log.origin), "key.added", derived, now, today)


async def record_key(
    tx: Transaction, log: Log, signer: Signer, act: str, derived: dict[str, Any], now: datetime, today: date
) -> int:
    """Append one of the log's own events, whose opening is public; the caller holds `lock_log`. Its insertion id."""
    event = Event(act=act, by=SYSTEM, party="", on=today, derived=derived)
    place = Place(log, log.id, await next_own_revision(tx, log), "key", "")
    done = await append(tx, place, event, now, actor=await pseudonym(tx, log, SYSTEM), key=b"", signers=[signer])
    return done.seq
