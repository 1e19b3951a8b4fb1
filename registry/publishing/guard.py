"""The fork guard: the last signed head of every log, in a flushed file outside the database.

A database that was restored or failed over is behind the heads others already hold; signing from it would fork the log.
The guard is shared by every replica, is in no backup, and no restore replaces it.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from registry.ledger.checkpoints import Checkpoint, parse_checkpoint
from registry.ledger.errors import LedgerError
from registry.ledger.notes import split_note


class SigningRefused(Exception):
    """Signing now could fork a log. The message says why and how to recover, for the operator."""


class Guard:
    """The file: one signed note after another, each ended by a line of four dashes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Whether the file is there."""
        return self.path.is_file()

    def heads(self) -> dict[str, Checkpoint]:
        """The head kept for each origin. Raises SigningRefused when the file is missing or unreadable."""
        return {origin: parse_checkpoint(split_note(note)[0]) for origin, note in self._read().items()}

    def note(self, origin: str) -> bytes | None:
        """The note of the head kept for an origin."""
        return self._read().get(origin)

    def advance(self, note: bytes, after: Checkpoint | None) -> bool:
        """Keep a newly signed head in place of `after`, the one it was compared with; flushed to disk on return.

        False, and nothing changes, when the guard holds another by now: a replica's, perhaps over a database that is
        not this one any more (a failover), so everything has to be compared again.
        """
        head = parse_checkpoint(split_note(note)[0])
        with self._locked():
            notes = self._read() if self.exists() else {}
            known = notes.get(head.origin)
            kept = parse_checkpoint(split_note(known)[0]) if known is not None else None
            if kept not in (after, head):
                return False
            if kept != head:
                self._write({**notes, head.origin: note})
            return True

    def adopt(self, notes: Mapping[str, bytes]) -> None:
        """Write the guard anew, after a comparison with what others hold (`ecluse ledger recover`)."""
        with self._locked():
            self._write(notes)

    def _read(self) -> dict[str, bytes]:
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            raise SigningRefused(
                f"La garde des têtes signées « {self.path} » manque, alors que des journaux sont publiés : comparez "
                "d'abord avec les témoins et les têtes gardées par les parties (« ecluse ledger recover »)."
            ) from None
        try:
            notes = [part for part in raw.split(_END) if part]
            return {parse_checkpoint(split_note(note)[0]).origin: note for note in notes}
        except LedgerError as error:
            raise SigningRefused(f"La garde des têtes signées « {self.path} » est illisible ({error}).") from error

    def _write(self, notes: Mapping[str, bytes]) -> None:
        """Replace the file as one step: a crash leaves the old one or the new one, whole."""
        partial = self.path.with_name(self.path.name + ".part")
        with partial.open("wb") as file:
            for origin in sorted(notes):
                file.write(notes[origin] + _END)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_name(self.path.name + ".lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


_END = b"----\n"


def behind(origin: str, stored: int, known: int) -> str:
    """The sentence for a database that is behind the heads others may hold, or holds another history."""
    return (
        f"Le journal {origin} a déjà été signé et montré jusqu'à {known} enregistrements, et la base, qui en a "
        f"{stored}, ne contient pas cette histoire : elle a été restaurée ou vient d'une réplique en retard. Rien "
        "n'est signé. Remettez en place la base la plus récente ; si elle est perdue, « ecluse ledger reopen » ouvre "
        "un nouveau journal qui cite la dernière tête connue."
    )
