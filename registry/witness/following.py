"""What a witness asks of a log when nobody can reach it: fetch the head, check it, cosign it, hand the line in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from registry.ledger.checkpoints import Checkpoint, open_checkpoint
from registry.ledger.errors import LedgerError, ProofError
from registry.ledger.keys import Verifier
from registry.ledger.notes import split_note
from registry.ledger.proofs import consistency_proof, frontier_at, verify_consistency
from registry.ledger.tiles import Tile, tile_reader
from registry.witness.errors import Conflict, Unusable
from registry.witness.store import Followed, Store
from registry.witness.witness import Witness

REFRESH = 3600
"""Seconds after which the same head is cosigned again, so that its age tells that somebody still looks."""
_YEAR = re.compile(r"(.+/)([0-9]{4})(?:-[0-9]+)?")


class Host(Protocol):
    """The log's address; `path` is relative to it. Both raise Unusable, with its sentence."""

    def get(self, path: str) -> bytes | None:
        """The file, None when it is not there."""

    def post(self, path: str, body: bytes) -> None:
        """Hand something in."""


@dataclass(frozen=True)
class Pass:
    """What one look at a log did: the head, whether it was new, whether a line was handed in."""

    head: Checkpoint
    new: bool
    handed_in: bool


def look(witness: Witness, url: str, host: Host, now: int) -> Pass:
    """Look at a log once (`now`: POSIX seconds).

    1. Fetch the head and find whose it is; 2. its signature, by the keys the operator gave; 3. unless it is the head
    kept, the proof that it extends it, from tiles; 4. keep, then cosign; 5. hand the line in.
    Another process of this witness, or its own listening side, may keep a newer head at any moment: what was fetched
    before is then fetched again.
    Raises Unusable, Fork (evidence kept, witness stopped) or Stopped.
    """
    while True:
        note = _fetched(url, host)
        log = _log_of(witness, url, note)
        head = _opened(witness, url, log, note)
        if head.size < log.head.size:  # perhaps fetched before the head kept was
            note = _fetched(url, host)
            head = _opened(witness, url, log, note)
        try:
            return _looked(witness, url, log, head, note, host, now)
        except Conflict:
            continue


def _fetched(url: str, host: Host) -> bytes:
    note = host.get("checkpoint")
    if note is None:
        raise Unusable(f"{url} : le journal n'a pas encore de tête.")
    return note


def _opened(witness: Witness, url: str, log: Followed, note: bytes) -> Checkpoint:
    try:
        return witness.opened(log, note)
    except LedgerError as error:
        raise Unusable(
            f"{url} : la tête n'est pas signée d'une clé donnée pour ce journal ({error}). Si l'hébergeur a changé de "
            "clé, vérifiez-la auprès de lui, puis « ecluse witness follow »."
        ) from error


def _looked(
    witness: Witness, url: str, log: Followed, head: Checkpoint, note: bytes, host: Host, now: int
) -> Pass:  # fmt: skip
    """Raises Conflict when another head than `log`'s is kept meanwhile."""
    new = head != log.head or log.note is None
    if new or log.line is None or now - (log.time or 0) >= REFRESH:
        line = witness.add(head, note, log.head.size, _proof(witness, log, head, note, host), now)
    elif not log.handed_in:
        line = log.line
    else:
        return Pass(head, new=False, handed_in=False)
    witness.store.reached_at(log.origin, url)
    host.post(f"cosignatures?size={head.size}", line)
    witness.store.handed_in(log.origin, line)
    return Pass(head, new=new, handed_in=True)


def _log_of(witness: Witness, url: str, note: bytes) -> Followed:
    try:
        origin = split_note(note)[0].split("\n", 1)[0]
    except LedgerError as error:
        raise Unusable(f"{url} : la réponse n'est pas une tête de journal ({error}).") from error
    log = witness.store.find(origin)
    if log is None or not log.followed:
        raise Unusable(f"{url} : le journal {origin} n'est pas suivi (« ecluse witness follow »).")
    elsewhere = [other.origin for other in witness.store.logs() if other.url == url and other.origin != origin]
    if elsewhere:
        raise Unusable(f"{url} : c'est l'adresse du journal {elsewhere[0]}, elle répond {origin}.")
    return log


def _proof(witness: Witness, log: Followed, head: Checkpoint, note: bytes, host: Host) -> Sequence[bytes]:
    """The proof that the head extends the one kept. Raises Fork when the host's own tiles show that it does not."""
    kept = log.head
    if head.size < kept.size or witness.contradicted(log, head):
        raise witness.forked(log, head, note, ())

    @cache
    def fetch(tile: Tile) -> bytes:
        content = host.get(tile.path)
        if content is None:
            raise Unusable(f"{head.origin} : la tuile {tile.path} manque.")
        return content

    read = tile_reader(fetch, head.size)
    try:
        proof = consistency_proof(kept.size, head.size, read)
        verify_consistency(kept.size, head.size, proof, kept.root, head.root)
    except ProofError:
        if frontier_at(head.size, read).root() != head.root:
            raise Unusable(f"{head.origin} : les tuiles servies ne mènent pas à la tête servie.") from None
        raise witness.forked(log, head, note, proof) from None
    except LedgerError as error:
        raise Unusable(f"{head.origin} : une tuile est illisible ({error}).") from error
    return proof


def new_year(store: Store, log: Followed, year: int) -> tuple[str, tuple[Verifier, ...]] | None:
    """Where the owner's log of a later year is served and the keys it must be signed with: those given for this log.

    None when there is nothing to look for: not a log by year, of that year already, or its follower is followed.
    """
    place, by_year = _YEAR.fullmatch(log.origin), _YEAR.fullmatch(log.url or "")
    if place is None or by_year is None or int(place[2]) >= year:
        return None
    origin = f"{place[1]}{year}"
    if store.find(origin) is not None:
        return None
    return f"{by_year[1]}{year}", tuple(Verifier(origin, key.public) for key in log.keys)


def follow_year(store: Store, host: Host, keys: Sequence[Verifier]) -> bool:
    """Follow the new year's log if it is there and one of the keys signed its head."""
    note = host.get("checkpoint")
    try:
        if note is None or open_checkpoint(note, keys) is None:
            return False
    except LedgerError:
        return False
    for key in keys:
        store.follow(key)
    return True
