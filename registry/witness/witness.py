"""Check, keep, then sign: what both ways of reaching a witness share."""

from collections.abc import Sequence
from pathlib import Path

from registry.ledger.checkpoints import Checkpoint, open_checkpoint
from registry.ledger.cosignatures import Cosigner
from registry.ledger.proofs import verify_consistency
from registry.witness.errors import Conflict, Fork, Stopped
from registry.witness.evidence import keep_evidence
from registry.witness.store import Followed, Store


class Witness:
    """A witness's key and state. It never cosigns two heads of one log of which neither extends the other."""

    def __init__(self, store: Store, cosigner: Cosigner, folder: Path) -> None:
        """`folder`: where the evidence of a fork is kept."""
        self.store = store
        self._cosigner = cosigner
        self._folder = folder

    def require_running(self) -> None:
        """Raises Stopped while a fork waits for the operator's decision."""
        for log in self.store.logs():
            if log.stopped:
                raise Stopped(log.stopped)

    def opened(self, log: Followed, note: bytes) -> Checkpoint:
        """The head of a note that a key given for the log signed. Raises LedgerError."""
        return open_checkpoint(note, log.keys)

    def add(self, head: Checkpoint, note: bytes, old: int, proof: Sequence[bytes], now: int) -> bytes:
        """Cosign a head that extends the one kept, which has `old` leaves; the line, with its newline.

        1. In one transaction: compare with the head kept, check the proof, keep the new head. 2. Once that is on disk,
        sign (`now`: POSIX seconds). The same head again gets a new time.
        Raises Conflict when `old` is not the size kept, ProofError when the head does not extend it, Stopped.
        """

        def require(log: Followed) -> None:
            if log.stopped:
                raise Stopped(log.stopped)
            if old != log.head.size:
                raise Conflict(log.head.size)
            verify_consistency(old, head.size, proof, log.head.root, head.root)

        self.store.advance(head.origin, note, require)
        line = self._cosigner.cosign(head, now).text.encode()
        self.store.cosigned(head, now, line)
        return line

    def forked(self, log: Followed, head: Checkpoint, note: bytes, proof: Sequence[bytes]) -> Fork:
        """Keep both heads as evidence and stop; the exception to raise or tell."""
        fork = Fork(log.head, head)
        place = keep_evidence(self._folder, log.note, (head, note), proof)
        self.store.stop(log.origin, f"{fork} Preuves gardées dans « {place} ».")
        return fork

    def contradicted(self, log: Followed, head: Checkpoint) -> bool:
        """Whether the head alone, without any proof, cannot be of the history kept: same size, another root."""
        return log.note is not None and head.size == log.head.size and head.root != log.head.root
